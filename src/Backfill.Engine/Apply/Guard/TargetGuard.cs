using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Guard;

/// <summary>One reading, for the metrics.</summary>
/// <param name="Values">What was measured.</param>
/// <param name="Settings">The limits.</param>
/// <param name="IsHeld">Whether the run holds.</param>
internal sealed record GuardLook(IReadOnlyList<SignalValue> Values, GuardSettings Settings, bool IsHeld);

/// <summary>A worker's part in the guard: reads the target's signals when it is this worker's turn, and says what holds the run.</summary>
internal sealed class TargetGuard(GuardStore store, RunTicket ticket, RunWatch run, IWorkerSink sink, TimeProvider time)
{
    /// <summary>Nothing is begun on readings older than this: the worker that had the turn has died.</summary>
    private static readonly TimeSpan Stale = 3 * GuardStore.Every;

    private static readonly TimeSpan Soonest = TimeSpan.FromMilliseconds(200);

    private readonly HashSet<BackfillSignal> _saidUnmeasured = [];
    private volatile bool _isKnown;
    private string? _said;

    /// <summary>Whether the target's signals are known, so that a session may be begun if nothing holds the run.</summary>
    public bool IsKnown => _isKnown;

    /// <summary>Looks as often as it is due, until it is told to end.</summary>
    public async Task RunAsync(CancellationToken end)
    {
        try
        {
            while (true)
                await Task.Delay(await LookOnceAsync(end).ConfigureAwait(false), time, end).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
        }
    }

    /// <summary>One look.</summary>
    /// <returns>How long to wait before the next.</returns>
    private async Task<TimeSpan> LookOnceAsync(CancellationToken end)
    {
        try
        {
            var turn = await store.TakeTurnAsync(ticket, end).ConfigureAwait(false);
            if (turn.At is { } at)
                return await ReadAsync(turn, at, end).ConfigureAwait(false);
            _isKnown = turn.Age < Stale;
            Say(turn.Signal is null ? null : turn.Reason);
            // Until the worker with the turn has read, this one begins nothing.
            return !_isKnown || turn.DueIn < Soonest ? Soonest : turn.DueIn;
        }
        catch (BackfillException)
        {
            // An outage: what the worker does next meets it, too. Nothing is known of the target until the next look.
            _isKnown = false;
            return Soonest * 5;
        }
    }

    private async Task<TimeSpan> ReadAsync(GuardTurn turn, DateTimeOffset at, CancellationToken end)
    {
        var began = time.GetTimestamp();
        var (values, first) = turn.Settings.IsOn ? await store.ReadAsync(ticket, turn, end).ConfigureAwait(false) : ([], turn.State.First);
        var verdict = GuardRules.Judge(turn.Settings, values, turn.State with { First = first });
        if (await store.RecordAsync(ticket, at, verdict, end).ConfigureAwait(false))
        {
            _isKnown = !verdict.Halts;
            // Ahead of the next heartbeat.
            if (verdict.State.IsHeld || verdict.Halts)
                run.Held(RunHoldCause.TargetBusy);
            else if (run.Control.Hold == RunHoldCause.TargetBusy)
                run.Held(null);
            sink.Guarded(new(values, turn.Settings, verdict.State.IsHeld));
            SayUnmeasured(values);
            if (verdict.Halts)
                sink.Warn($"The run halts, because the target is in trouble: {verdict.Reason}. Fix that, then resume the run.");
            else if (!verdict.State.IsHeld || verdict.Signal is not null)
                Say(verdict.Reason);
        }

        var left = GuardStore.Every - time.GetElapsedTime(began);
        return left < Soonest ? Soonest : left;
    }

    /// <summary>Once as it begins, and once as it is over.</summary>
    private void Say(string? reason)
    {
        if ((reason is null) == (_said is null))
            return;
        _said = reason;
        if (reason is null)
            sink.Milestone("The target is well again, and the run resumes.", "TargetWell");
        else
            sink.Warn($"The run holds: {reason}. It resumes by itself when that is over.");
    }

    private void SayUnmeasured(IReadOnlyList<SignalValue> values)
    {
        // The functions are compared once there is something to compare.
        var unmeasured = values.Where(v => v.Value is null
            && v.Signal is not (BackfillSignal.FunctionLatency or BackfillSignal.FunctionErrors));
        foreach (var group in unmeasured.Where(v => _saidUnmeasured.Add(v.Signal)).GroupBy(v => (v.Note, v.LacksRight)))
        {
            var text = $"Not measured, so it doesn't hold the run: {string.Join(", ", group.Select(v => v.Signal))} ({group.Key.Note}).";
            if (group.Key.LacksRight)
                sink.Warn(text);
            else
                sink.Explain(text);
        }
    }
}
