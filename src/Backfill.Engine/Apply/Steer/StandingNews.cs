using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Steer;

/// <summary>Says once why this worker stands still: who suspended the run, or what holds it. And once that this is over.</summary>
internal sealed class StandingNews(WorkContext context)
{
    /// <summary>The order that holds now is among the newest events.</summary>
    private const int Newest = 20;

    private RunHoldCause? _hold;
    private bool _isSuspended;

    /// <summary>Who suspended the run; null where nobody did.</summary>
    public string? SuspendedBy { get; private set; }

    /// <summary>Compares what is wanted now with what was said last.</summary>
    public async Task LookAsync(RunControl control, CancellationToken cancellationToken)
    {
        SayHold(control.Hold);
        if (control.IsSuspended == _isSuspended)
            return;
        var order = await FindOrderAsync(cancellationToken).ConfigureAwait(false);
        _isSuspended = control.IsSuspended;
        SuspendedBy = _isSuspended ? order?.By : null;
        if (_isSuspended)
        {
            var who = order is null ? "" : $" by {order.By} at {Time(order.At)}{(order.Until is { } until ? $" until {Time(until)}" : "")}";
            var why = order?.Reason is { } reason ? $": {reason.TrimEnd('.')}" : "";
            context.Sink.Warn($"The run was suspended{who}{why}. This worker waits until someone resumes it.");
        }
        else if (order is { Event: "Stop" })
        {
            context.Sink.Milestone($"{order.By} stopped the run.", "RunStopped");
        }
        else
        {
            context.Sink.Milestone(
                order is { Event: "Resume" }
                    ? $"{order.By} resumed the run."
                    : "The suspension is over, and the run continues.", "RunResumed");
        }
    }

    /// <summary>A hold that this worker met itself was a warning then; of another worker's it hears by its heartbeat.</summary>
    private void SayHold(RunHoldCause? hold)
    {
        if (hold == _hold)
            return;
        var wasBusy = _hold == RunHoldCause.TargetBusy;
        _hold = hold;
        // The guard tells of that itself.
        if (hold == RunHoldCause.TargetBusy || (hold is null && wasBusy))
            return;
        if (hold is null)
            context.Sink.Explain("The target answers again, and the run continues.");
        else if (context.Run.OwnHold != hold)
            context.Sink.Explain($"The run is held, by what another worker met: {(hold == RunHoldCause.RetryAfter ? "the target asked for a pause" : "the target's API can't be reached")}.");
    }

    private async Task<BackfillEvent?> FindOrderAsync(CancellationToken cancellationToken)
    {
        if (context.Events is not { } events)
            return null;
        var newest = await events.ReadEventsAsync(context.Ticket.RunId, Newest, cancellationToken).ToListAsync(cancellationToken)
            .ConfigureAwait(false);
        return newest.LastOrDefault(e => e.Event is "Suspend" or "Resume" or "Stop");
    }

    private static string Time(DateTimeOffset time) => FormattableString.Invariant($"{time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z");
}
