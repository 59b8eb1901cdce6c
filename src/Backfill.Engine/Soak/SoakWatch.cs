using System.Globalization;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Soak;

/// <summary>When a watch gives up, and when it need not go on.</summary>
/// <param name="MaxFailedSamples">So many samples in a row that can't be taken end it.</param>
/// <param name="StopOnFailure">Whether the first failed check ends it.</param>
internal sealed record SoakLimits(int MaxFailedSamples, bool StopOnFailure);

/// <summary>Takes the samples of one window, each when it is due. What it takes is kept before it is shown.</summary>
internal sealed class SoakWatch(
    SoakTicket soak, SoakSeries series, ISoakProbe probe, ISoakStore? store, ScaledClock clock, SoakLimits limits, ISoakSink sink)
{
    /// <summary>Timers take no longer waits than some weeks.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly SoakWindow _window = soak.Window;
    private int _failedInRow;
    private int _shown;
    private DateTimeOffset _begunAt;

    /// <summary>Watches until the window ends, or it is stopped.</summary>
    /// <param name="stop">Stops it between two samples.</param>
    /// <returns>How it ended; null where it was stopped.</returns>
    public async Task<SoakEnding?> RunAsync(CancellationToken stop)
    {
        try
        {
            _begunAt = clock.GetUtcNow();
            Report();
            for (; ; )
            {
                var number = Next();
                await UntilAsync(_window.DueAt(number), stop).ConfigureAwait(false);
                if (await TakeAsync(number, stop).ConfigureAwait(false) is { } ending)
                    return ending;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The next sample that is not too late. The last one never is: it is what the window is judged by.</summary>
    private int Next()
    {
        var number = Math.Min(series.LastNumber + 1, _window.Samples);
        for (; number < _window.Samples && _window.IsMissed(number, clock.GetUtcNow()); number++)
        {
            var why = WasWatching(number) ? "this machine or the target was too slow then, or asleep" : "nobody was measuring then";
            series.Miss(number, $"{char.ToUpperInvariant(why[0])}{why[1..]}.");
            sink.Warn(string.Create(CultureInfo.InvariantCulture, $"Sample {number} was missed: {why}."));
        }

        return number;
    }

    private async Task<SoakEnding?> TakeAsync(int number, CancellationToken stop)
    {
        for (var pause = _window.Interval / 10; ; )
        {
            try
            {
                return await TryTakeAsync(number, stop).ConfigureAwait(false);
            }
            catch (BackfillException e)
            {
                var again = clock.GetUtcNow() + pause;
                if (again >= _window.TriedUntil(number))
                    return await GiveUpAsync(number, e.Message).ConfigureAwait(false);
                sink.Explain(string.Create(CultureInfo.InvariantCulture, $"Sample {number} is tried again: {e.Message}"));
                await UntilAsync(again, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task<SoakEnding?> TryTakeAsync(int number, CancellationToken stop)
    {
        if (await IsTakenAsync(number, stop).ConfigureAwait(false))
            return await EndByOtherWatcherAsync(number, stop).ConfigureAwait(false);
        var at = clock.GetUtcNow();
        var isLast = number == _window.Samples;
        var until = at < _window.End ? at : _window.End;
        var facts = await probe.MeasureAsync(new(_window.Start, until, soak.Settings, number), stop).ConfigureAwait(false);
        var sample = SoakJudge.Judge(soak, new(number, at, isLast), facts, series) with { Lateness = LatenessOf(number, at) };
        var ending = isLast ? new(sample.Verdict)
            : limits.StopOnFailure
            && sample.Verdict == SoakVerdict.Fail ? new SoakEnding(sample.Verdict, "It was to stop at the first failed check.")
            : null;
        // Not to be stopped: what was kept is shown, or a sample that nobody has seen would count as seen.
        if (store is not null && !await store.AddAsync(soak, sample, ending, CancellationToken.None).ConfigureAwait(false))
        {
            await IsTakenAsync(number, stop).ConfigureAwait(false);
            return await EndByOtherWatcherAsync(number, stop).ConfigureAwait(false);
        }

        series.Add(sample);
        _failedInRow = 0;
        Show(sample);
        return ending;
    }

    private bool WasWatching(int number) => _begunAt <= _window.DueAt(number);

    private SoakLateness? LatenessOf(int number, DateTimeOffset at)
    {
        if (!_window.IsLate(number, at))
            return null;
        var lateness = WasWatching(number) ? SoakLateness.TooSlow : SoakLateness.NobodyMeasuring;
        sink.Explain(string.Create(CultureInfo.InvariantCulture, $"Sample {number} is taken {SoakChecks.Span(at - _window.DueAt(number))} late: {lateness}."));
        return lateness;
    }

    /// <summary>Reads what others have taken meanwhile.</summary>
    private async Task<bool> IsTakenAsync(int number, CancellationToken stop)
    {
        if (store is null)
            return false;
        foreach (var sample in await store.ReadAsync(soak, series.LastTaken, stop).ConfigureAwait(false))
            series.Add(sample);
        return series.LastTaken >= number;
    }

    /// <summary>Another process took the sample: continues, or ends as the soak did.</summary>
    private async Task<SoakEnding?> EndByOtherWatcherAsync(int number, CancellationToken stop)
    {
        _failedInRow = 0;
        sink.Explain(string.Create(CultureInfo.InvariantCulture, $"Sample {number} was taken by another process."));
        var latest = await store!.FindLatestAsync(soak.RunId!.Value, stop).ConfigureAwait(false);
        if (latest?.SoakId == soak.SoakId && latest.Ending is null)
            return null;
        var ending = latest?.SoakId == soak.SoakId ? latest.Ending! : new SoakEnding(
            SoakVerdict.Inconclusive, "The ledger has it no longer: its run was removed, or another soak of the run has begun.");
        // The last object that comes out carries the verdict, whoever took the sample: also one taken since the last look.
        await IsTakenAsync(_window.Samples, stop).ConfigureAwait(false);
        if (series.Samples.Count > 0 && series.LastTaken > _shown)
            Show(series.Samples[^1]);
        return ending;
    }

    private async Task<SoakEnding?> GiveUpAsync(int number, string reason)
    {
        _failedInRow++;
        series.Miss(number, reason);
        sink.Warn(string.Create(CultureInfo.InvariantCulture, $"Sample {number} could not be taken: {reason}"));
        if (number < _window.Samples && _failedInRow < limits.MaxFailedSamples)
            return null;
        var sample = SoakJudge.NotTaken(soak, new(number, clock.GetUtcNow(), IsLast: true), reason, series);
        var ending = new SoakEnding(sample.Verdict, string.Create(
            CultureInfo.InvariantCulture, $"{_failedInRow} samples in a row could not be taken, the last because: {reason}"));
        try
        {
            if (store is not null && !await store.AddAsync(soak, sample, ending, CancellationToken.None).ConfigureAwait(false))
            {
                await IsTakenAsync(number, CancellationToken.None).ConfigureAwait(false);
                return await EndByOtherWatcherAsync(number, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (BackfillException e)
        {
            sink.Warn($"The ledger does not know that the soak has ended: {e.Message}");
        }

        series.Add(sample);
        Show(sample);
        return ending;
    }

    private async Task UntilAsync(DateTimeOffset moment, CancellationToken stop)
    {
        for (TimeSpan left; (left = moment - clock.GetUtcNow()) > TimeSpan.Zero;)
            await Task.Delay(left < LongestWait ? left : LongestWait, clock, stop).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }

    private void Show(SoakSample sample)
    {
        _shown = sample.Number;
        sink.Taken(sample);
        Report();
    }

    private void Report() => sink.Progressed(new(
        series.LastNumber,
        _window.Samples,
        series.Samples.Count == 0 ? null : series.Samples[^1].Verdict,
        clock.ToReal(_window.End))
    {
        NextAt = series.LastNumber < _window.Samples ? clock.ToReal(_window.DueAt(series.LastNumber + 1)) : null,
    });
}
