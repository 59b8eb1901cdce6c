using System.Runtime.CompilerServices;
using Backfill.Engine.Connections;
using Backfill.Engine.Plans;
using Backfill.Engine.Reports.Files;
using Backfill.Engine.Signals;
using Backfill.Engine.Soak;

namespace Backfill.Engine.Health;

/// <summary>
/// Finds what a target's completed sessions lack. Writes the report, and a plan that repairs it. Changes nothing in the target.
/// </summary>
/// <param name="connection">The target, of whatever environment.</param>
/// <param name="time">The clock.</param>
public sealed class HealthPhase(BackfillConnection connection, TimeProvider time)
{
    /// <summary>The report's name.</summary>
    public const string ReportName = "prod_health_check.md";

    /// <summary>The plan's name.</summary>
    public const string PlanName = "prod_mini_backfill_plan.json";

    private readonly IHealthProbe _probe = connection.Target.Health;

    /// <summary>The sessions that lack something, oldest first, as they are found.</summary>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>The candidates.</returns>
    /// <exception cref="BackfillException"><c>WindowEmpty</c>, and the probe's own.</exception>
    public async IAsyncEnumerable<BackfillCandidate> FindAsync(
        HealthQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await RequireWindowAsync(query, cancellationToken).ConfigureAwait(false);
        var refused = await FindRefusedAsync(query, cancellationToken).ConfigureAwait(false);
        await foreach (var facts in _probe.FindAsync(query, cancellationToken).ConfigureAwait(false))
            yield return CandidateRules.Consider(CandidateRules.Judge(facts, query.EngineVersion), refused) with { Connection = connection };
    }

    /// <summary>Measures, and writes what came of it.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="warn">Takes what goes wrong with events and metrics; the report does not depend on them.</param>
    /// <param name="cancellationToken">Stops the measurement; then nothing is written.</param>
    /// <returns>The report.</returns>
    /// <exception cref="BackfillException">It could not be measured, or not written: never a report then.</exception>
    public async Task<ProdHealthReport> CheckAsync(HealthRequest request, Action<string> warn, CancellationToken cancellationToken)
    {
        using var signals = PhaseSignals.Open(connection, request.OutputPath, warn, time);
        using var span = PhaseSignals.Source.StartActivity(SpanNames.Health)?.SetTag(SignalTags.Environment, signals.Environment);
        var report = await PhaseSignals.TraceAsync(span, MeasureAsync(request, cancellationToken)).ConfigureAwait(false);
        Signal(report, signals);
        return report;
    }

    private async Task<ProdHealthReport> MeasureAsync(HealthRequest request, CancellationToken cancellationToken)
    {
        var query = request.Query;
        await RequireWindowAsync(query, cancellationToken).ConfigureAwait(false);
        var environment = connection.Environment ?? throw new BackfillException(
            "EnvironmentUnknown",
            BackfillErrorKind.InvalidState,
            $"Without a ledger, nothing says which environment {connection.ProjectRef} is. Name it: Connect-Backfill -Environment Production -MeasureOnly",
            connection);
        var figures = new HealthFigures(HealthDefaults.MostPlanned, HealthReportText.MostListed);
        var begun = time.GetTimestamp();
        var refused = await FindRefusedAsync(query, cancellationToken).ConfigureAwait(false);
        var reading = await _probe.MeasureAsync(
            query,
            facts => figures.Add(CandidateRules.Consider(CandidateRules.Judge(facts, query.EngineVersion), refused)),
            cancellationToken).ConfigureAwait(false);
        var duration = time.GetElapsedTime(begun);
        var plan = WritePlan(request, figures, environment);
        var report = new ProdHealthReport
        {
            Environment = environment,
            Since = query.Since.ToUniversalTime(),
            SessionsAnalyzed = reading.SessionsAnalyzed,
            MissingProfiles = figures.MissingProfiles,
            MissingFcScores = figures.MissingFcScores,
            OutdatedVersions = figures.OutdatedVersions,
            NeedingBackfill = figures.NeedingBackfill,
            NotBackfillable = figures.NotBackfillable,
            UndatedSessions = reading.Undated,
            Status = figures.StatusOf(reading),
            PlanPath = plan?.Path,
            PlanHash = plan?.Hash,
            Planned = plan?.TotalCandidates ?? 0,
            ReportPath = Path.Combine(request.OutputPath, ReportName),
            MeasuredAt = reading.MeasuredAt,
            Duration = duration,
            EngineVersion = query.EngineVersion,
            FcVersion = query.FcVersion,
            Recommendations = HealthAdvice.Of(connection, query, figures, plan, reading),
        };
        WholeFile.WriteKeeping(report.ReportPath, HealthReportText.Of(report, reading, figures, connection));
        return report;
    }

    /// <summary>What the ledger says of sessions that were tried; nothing where it is out of reach.</summary>
    private async Task<IReadOnlyDictionary<Guid, RefusedSession>> FindRefusedAsync(
        HealthQuery query, CancellationToken cancellationToken) =>
        connection.MeasuresOnly || connection.Identity.InstallId is null
            ? new Dictionary<Guid, RefusedSession>()
            : await _probe.FindRefusedAsync(query, cancellationToken).ConfigureAwait(false);

    private void Signal(ProdHealthReport report, PhaseSignals signals)
    {
        signals.Instruments.HealthCandidates.Record(
            report.NeedingBackfill, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Backfillable, "true")));
        signals.Instruments.HealthCandidates.Record(
            report.NotBackfillable, signals.Tags(new KeyValuePair<string, object?>(SignalTags.Backfillable, "false")));
        signals.Instruments.HealthChecked.Record(UnixTime.Of(time.GetUtcNow()), signals.Tags());
        signals.Event(
            EventNames.HealthChecked,
            report.Status == ProdHealthStatus.Healthy ? EventSeverity.Info : EventSeverity.Warn,
            FormattableString.Invariant(
                $"{report.Status}: {report.NeedingBackfill} of {report.SessionsAnalyzed} sessions need a backfill."),
            new(SignalTags.State, report.Status),
            new("backfill.health.analyzed", report.SessionsAnalyzed),
            new("backfill.health.needing_backfill", report.NeedingBackfill),
            new("backfill.health.not_backfillable", report.NotBackfillable),
            new("backfill.health.undated", report.UndatedSessions));
    }

    /// <summary>The plan, if one is needed; one that is not needed any more gets its date into its name.</summary>
    private BackfillPlan? WritePlan(HealthRequest request, HealthFigures figures, BackfillEnvironment environment)
    {
        var path = Path.Combine(request.OutputPath, PlanName);
        if (figures.NeedingBackfill == 0)
        {
            WholeFile.SetAside(path);
            return null;
        }

        var draft = CandidatePlanner.Of(figures.Planned, new()
        {
            Environment = environment,
            Name = "health",
            EngineVersion = request.Query.EngineVersion,
            FcVersion = request.Query.FcVersion,
            BatchSize = request.BatchSize,
            Project = connection.Project,
        });
        return NewPlanFile.WriteKeeping(draft, path);
    }

    /// <summary>Refuses a window that begins in the future: nothing found there would pass for healthy.</summary>
    /// <param name="since">Where the window begins.</param>
    /// <param name="cancellationToken">Stops the question for the target's time.</param>
    /// <exception cref="BackfillException"><c>WindowEmpty</c>.</exception>
    internal async Task RequirePastAsync(DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (since <= time.GetUtcNow())
            return;
        // A sandbox's clock may run ahead of this machine's, so the target has the last word.
        var clock = await SoakClock.OpenAsync(connection.Target.SoakProbe, connection.IsSandbox, time, cancellationToken)
            .ConfigureAwait(false);
        var now = clock.GetUtcNow();
        if (since > now)
        {
            throw new BackfillException(
                "WindowEmpty",
                BackfillErrorKind.InvalidInput,
                FormattableString.Invariant(
                    $"-Since {since.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z is in the future: for {connection} it is {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z. Give an earlier time, or leave it out."),
                since);
        }
    }

    private Task RequireWindowAsync(HealthQuery query, CancellationToken cancellationToken) => query.Until <= query.Since
        ? throw new BackfillException(
            "WindowEmpty",
            BackfillErrorKind.InvalidInput,
            "-Until must be later than -Since: the window holds sessions completed at -Since or later, and earlier than -Until.")
        : RequirePastAsync(query.Since, cancellationToken);
}
