using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply;

/// <summary>Where a worker reports: more than an operator is shown.</summary>
internal interface IWorkerSink
{
    /// <summary>Sessions were claimed by this worker.</summary>
    void Claimed(IReadOnlyList<ClaimedSession> claims);

    /// <summary>A session was given back, to be claimed again after so long.</summary>
    void Released(ClaimedSession claim, TimeSpan after);

    /// <summary>The breaker has halted the run.</summary>
    void BreakerOpened(Guid runId, string reason);

    /// <summary>A session was settled by this worker.</summary>
    void Settled(BackfillSessionResult result);

    /// <summary>How far the run is, over all its workers; about once a second.</summary>
    void Progressed(RunProgress progress, RunControl control, WorkerWaiting waiting);

    /// <summary>A session attempt is sent: a session's first call, or a repeated one, as the pace counts them.</summary>
    void Attempted();

    /// <summary>What the worker has waited for in all, at its end.</summary>
    void Waited(WorkerWaiting waiting);

    /// <summary>The guard has read the target's signals.</summary>
    void Guarded(GuardLook look);

    void Warn(string message);

    void Explain(string message);

    void Milestone(string message, string tag);
}
