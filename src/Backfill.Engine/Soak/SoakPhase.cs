using System.Globalization;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Reports.Files;
using Backfill.Engine.Signals;
using Backfill.Engine.Soak.Checks;
using Backfill.Engine.Soak.Report;

namespace Backfill.Engine.Soak;

/// <summary>Phase 2: watches staging over a window, or looks back over one. Reads only; what it found is kept apart.</summary>
/// <param name="connection">The target.</param>
/// <param name="time">The clock.</param>
public sealed class SoakPhase(BackfillConnection connection, TimeProvider time)
{
    /// <summary>What a busy machine may take from a completed session to its scores.</summary>
    private static readonly TimeSpan LeastRealGrace = TimeSpan.FromMilliseconds(300);

    private readonly TracedSoakProbe _probe = new(connection.Target.SoakProbe);

    /// <summary>Throws what a soak would be refused for, and changes nothing.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="stop">Stops the call.</param>
    /// <exception cref="BackfillException">As for the soak itself, but for its files and the target's answers.</exception>
    public async Task RequireAsync(SoakRequest request, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(request);
        SoakRules.Check(request, connection);
        if (request.Since is null)
            _ = SoakRules.Settings(request, null, null, request.Duration ?? SoakDefaults.Duration);
        if (request.RunId is not { } runId)
            return;
        await connection.Target.Ledger.OpenAsync(runId, stop).ConfigureAwait(false);
        var latest = await connection.Target.Soaks.FindLatestAsync(runId, stop).ConfigureAwait(false);
        if (latest is { Ending: null } && request.Since is null)
            SoakRules.CheckSame(request, latest);
        else
            await new GateService(connection).RequireAsync(runId, BackfillGateName.ApplyReview, stop).ConfigureAwait(false);
    }

    /// <summary>Soaks, then writes the report.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="sink">Where it reports.</param>
    /// <param name="stop">Stops it; a soak in the ledger stays open, and the same request goes on with it.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="BackfillException">
    /// <c>SoakOnProduction</c>, <c>LedgerNeeded</c>, <c>SoakSettingInvalid</c>, <c>SoakSettingDiffers</c>, <c>RunNotFound</c>,
    /// <c>FileNotWritten</c> or <c>DiskFull</c> before it begins; with a run, those of a closed <c>ApplyReview</c> gate (see
    /// <see cref="GateRules.Check"/>); and what the database says to the first question.
    /// </exception>
    public async Task<SoakEnd> RunAsync(SoakRequest request, ISoakSink sink, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(sink);
        SoakRules.Check(request, connection);
        ArtifactFolder.MustTakeFile(request.OutputPath);
        var notifier = new Notifier(request.NotifyUri, connection, sink.Warn);
        using var signals = PhaseSignals.Open(connection, request.OutputPath, sink.Warn, time);
        using var span = PhaseSignals.Source.StartActivity(SpanNames.Soak)?.SetTag(SignalTags.Environment, signals.Environment);
        span?.SetTag(SignalTags.RunId, request.RunId?.ToString());
        var signalled = new SignalledSoakSink(sink, signals);
        ISoakSink signalledSink = signalled;
        var end = await PhaseSignals.TraceAsync(span, RunAsync(request, signalledSink, signals, stop)).ConfigureAwait(false);
        signalled.Ended(end);
        if (end.Gate is { } gate)
        {
            RunSignals.Record([gate], signals);
            RunSignals.Raised(gate, signals);
        }

        if (!end.CanGoOn)
            await notifier.SoakEndedAsync(request.RunId, end.Verdict, end.Reason, end.Gate).ConfigureAwait(false);
        return end;
    }

    private async Task<SoakEnd> RunAsync(SoakRequest request, ISoakSink sink, PhaseSignals signals, CancellationToken stop)
    {
        if (connection.Environment is null)
            sink.Warn($"No ledger says what {connection.ProjectRef} is; make sure that it is staging.");
        var plan = request.RunId is { } runId
            ? (await connection.Target.Ledger.OpenAsync(runId, stop).ConfigureAwait(false)).Plan
            : null;
        var clock = await SoakClock.OpenAsync(_probe, connection.IsSandbox, time, stop).ConfigureAwait(false);
        return request.Since is { } since
            ? await LookBackAsync(request, since, plan, clock, sink, stop).ConfigureAwait(false)
            : await WatchAsync(request, plan, clock, sink, signals, stop).ConfigureAwait(false);
    }

    private async Task<SoakEnd> WatchAsync(
        SoakRequest request, BackfillPlan? plan, ScaledClock clock, ISoakSink sink, PhaseSignals signals, CancellationToken stop)
    {
        var store = request.RunId is null ? null : connection.Target.Soaks;
        var now = clock.GetUtcNow();
        var settings = SoakRules.Settings(request, plan?.EngineVersion, plan?.FcVersion, request.Duration ?? SoakDefaults.Duration);
        await CheckQueriesAsync(new(now, now, settings, 1), sink, stop).ConfigureAwait(false);
        var soak = await OpenAsync(request, settings, store, now, sink, signals, stop).ConfigureAwait(false);
        if (soak.Ending is { } missed)
        {
            var taken = await store!.ReadAsync(soak, 0, stop).ConfigureAwait(false);
            return await FinishAsync(soak, missed, canGoOn: false, taken, clock, request.OutputPath, sink).ConfigureAwait(false);
        }

        WarnOfShortGrace(soak.Settings.GracePeriod, now, clock, sink);
        var series = new SoakSeries();
        if (store is not null)
        {
            foreach (var sample in await store.ReadAsync(soak, 0, stop).ConfigureAwait(false))
                series.Add(sample);
        }

        var end = clock.ToReal(soak.Window.End) - time.GetUtcNow();
        var left = $"{TimeLeft.Of(end)}{(connection.IsSandbox ? ", in real time" : "")}";
        var before = series.LastTaken > 0 ? $", {series.LastTaken} of them taken before" : "";
        sink.Milestone(
            string.Create(CultureInfo.InvariantCulture, $"Soak until {soak.Window.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z ({left}): {soak.Window.Samples} samples{before}."),
            series.LastTaken > 0 ? "SoakContinued" : "SoakStarted");
        var limits = new SoakLimits(request.MaxFailedSamples, request.StopOnFailure);
        var ending = await new SoakWatch(soak, series, _probe, store, clock, limits, sink).RunAsync(stop).ConfigureAwait(false);
        var canGoOn = ending is null && store is not null;
        ending ??= new(
            series.Samples is [.., { Verdict: SoakVerdict.Fail }] ? SoakVerdict.Fail : SoakVerdict.Inconclusive,
            "It was stopped early.");
        return await FinishAsync(soak, ending, canGoOn, series.Samples, clock, request.OutputPath, sink).ConfigureAwait(false);
    }

    /// <summary>Measures once before the window begins, and fails now where no later sample could succeed.</summary>
    private async Task CheckQueriesAsync(SoakQuestion question, ISoakSink sink, CancellationToken stop)
    {
        try
        {
            await _probe.MeasureAsync(question, stop).ConfigureAwait(false);
        }
        catch (BackfillException e) when (
            e.Kind is not (BackfillErrorKind.Permission or BackfillErrorKind.NotFound or BackfillErrorKind.Refused))
        {
            sink.Explain($"A first look failed, which samples may get over: {e.Message}");
        }
    }

    /// <summary>A sandbox scores in real time: where its clock leaves too little of that, a healthy one seems to be late.</summary>
    private static void WarnOfShortGrace(TimeSpan grace, DateTimeOffset now, ScaledClock clock, ISoakSink sink)
    {
        var real = clock.ToReal(now + grace) - clock.ToReal(now);
        if (real < LeastRealGrace && real < grace)
        {
            sink.Warn(string.Create(
                CultureInfo.InvariantCulture,
                $"The grace period of {grace} lasts {real.TotalMilliseconds:0} ms on this sandbox's clock, so healthy sessions may seem late. Take a longer window or -GracePeriod, or a sandbox with a lower -ClockFactor."));
        }
    }

    /// <summary>The soak to watch; one that has ended where it was not watched to its end, and no approval begins another.</summary>
    private async Task<SoakTicket> OpenAsync(
        SoakRequest request,
        SoakSettings settings,
        ISoakStore? store,
        DateTimeOffset now,
        ISoakSink sink,
        PhaseSignals signals,
        CancellationToken stop)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        if (store is null)
            return new(id, null, new(now, now + settings.Duration, settings.Interval), settings);
        var runId = request.RunId!.Value;
        var latest = await store.FindLatestAsync(runId, stop).ConfigureAwait(false);
        var isOpen = latest is { Ending: null };
        SoakTicket? missed = null;
        if (isOpen && latest!.Window.IsMissed(latest.Window.Samples, now))
        {
            sink.Warn(string.Create(
                CultureInfo.InvariantCulture,
                $"Nobody watched the soak until its end at {latest.Window.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, so it is closed as Inconclusive. A new window needs a new approval of ApplyReview."));
            missed = latest with { Ending = new(SoakVerdict.Inconclusive, "It was not watched to its end.") };
            await store.EndAsync(latest, missed.Ending, stop).ConfigureAwait(false);
            isOpen = false;
        }

        // Going on with a soak is no new use of the approval that began it.
        BackfillGate used;
        try
        {
            used = await new GateService(connection)
                .UseAsync(runId, BackfillGateName.ApplyReview, ApprovalUse.Name(isOpen ? latest!.SoakId : id), stop).ConfigureAwait(false);
        }
        catch (BackfillException e) when (missed is not null && e.Kind == BackfillErrorKind.Refused && e.Code != "GateChainBroken")
        {
            // The soak that has just been ended has its report and its gate all the same.
            return missed;
        }

        RunSignals.Decided(used, signals);
        RunSignals.Record([used], signals);
        var soak = await store
            .OpenAsync(new(Guid.Parse(used.UsedFor!), runId, now, settings, RunSteering.ThisOperator), stop).ConfigureAwait(false);
        if (soak.SoakId != id)
            SoakRules.CheckSame(request, soak);
        return soak;
    }

    private async Task<SoakEnd> LookBackAsync(
        SoakRequest request, DateTimeOffset since, BackfillPlan? plan, ScaledClock clock, ISoakSink sink, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        if (since >= now)
        {
            throw new BackfillException(
                "SoakSettingInvalid", BackfillErrorKind.InvalidInput, "-Since looks back, so it must lie in the past. Leave it out to watch from now on.", since);
        }

        if (request.RunId is { } runId)
            await new GateService(connection).RequireAsync(runId, BackfillGateName.ApplyReview, stop).ConfigureAwait(false);
        var settings = SoakRules.Settings(request with { Interval = now - since }, plan?.EngineVersion, plan?.FcVersion, now - since);
        var soak = new SoakTicket(
            Guid.CreateVersion7(time.GetUtcNow()), request.RunId, new(since.ToUniversalTime(), now, now - since), settings);
        // A failure is the command's error: there is no next sample to hope for.
        var facts = await _probe.MeasureAsync(new(since, now, settings, 1), stop).ConfigureAwait(false);
        var sample = SoakJudge.Judge(soak, new(1, now, IsLast: true, Retrospective: true), facts, new SoakSeries());
        sink.Taken(sample);
        return await FinishAsync(soak, new(sample.Verdict), canGoOn: false, [sample], clock, request.OutputPath, sink)
            .ConfigureAwait(false);
    }

    private async Task<SoakEnd> FinishAsync(
        SoakTicket soak,
        SoakEnding ending,
        bool canGoOn,
        IReadOnlyList<SoakSample> samples,
        ScaledClock clock,
        string outputPath,
        ISoakSink sink)
    {
        var gate = soak.RunId is { } runId && !canGoOn && samples is not [{ Retrospective: true }]
            ? await new GateService(connection).FindAsync(runId, BackfillGateName.SoakGoNoGo, CancellationToken.None).ConfigureAwait(false)
            : null;
        var end = new SoakEnd(soak, ending.Verdict, ending.Reason, canGoOn, samples, [], gate);
        var files = new ArtifactSet();
        await new SoakArtifacts(connection, end, clock.GetUtcNow())
            .WriteAsync(outputPath, files, CancellationToken.None).ConfigureAwait(false);
        sink.Milestone($"The soak's verdict is {end.Verdict}{(end.Reason is null ? "" : $": {end.Reason.TrimEnd('.')}")}.", $"Soak{end.Verdict}");
        if (gate is not null)
            sink.Milestone(GateText.Raised(gate, BackfillRunState.Completed), "GateRaised");
        return end with
        {
            Artifacts = files.Written,
            Unwritten = soak.RunId is { } run
                ? files.Failure($"the soak of run {run}", run, $"Verdict and samples are in the ledger: Get-StagingSoak -RunId {run}{connection.GetArgument()} reads them, and Export-BackfillReport -RunId {run}{connection.GetArgument()} -Path ~ writes them to your home folder.")
                : files.Failure($"the soak of {connection}", soak.SoakId, "Nothing of it is kept elsewhere: the samples that were emitted are all there is."),
        };
    }
}
