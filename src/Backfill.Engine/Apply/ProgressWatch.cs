using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply;

/// <summary>Reports how far the run is, as often as that costs the database next to nothing.</summary>
internal sealed class ProgressWatch(WorkContext context)
{
    /// <summary>Counting may take one part in so many of the time.</summary>
    private const int Share = 50;

    private long _next;

    /// <summary>Reports if it is time; a reading that fails is left out.</summary>
    public async Task GlanceAsync(RunControl control, WorkerWaiting waiting, CancellationToken cancellationToken)
    {
        var start = context.Time.GetTimestamp();
        if (start < _next)
            return;
        var progress = await context.Ledger.ReadProgressAsync(context.Ticket, cancellationToken).ConfigureAwait(false);
        _next = start + ((context.Time.GetTimestamp() - start) * Share);
        context.Sink.Progressed(progress, control, waiting);
    }
}
