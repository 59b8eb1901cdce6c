using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;

namespace Backfill.Engine.Ledger;

/// <summary>What belongs to one run: its statements, and the orders of its sessions that go together.</summary>
internal sealed class RunTransactions
{
    public RunTransactions(WorkerConnections connections, RunTicket ticket)
    {
        Sql = new(ticket.Shape);
        var writer = new CheckpointWriter(connections, ticket, Sql);
        var settler = new SessionSettler(connections, ticket, Sql);
        // What passes by itself has met the whole transaction; whether it was committed is as open for each as for one alone.
        Checkpoints = new(writer.WriteAsync, writer.WriteAsync, PassingFailures.Is);
        Settlements = new(settler.SettleAsync, settler.SettleAsync, PassingFailures.Is);
    }

    public TargetSql Sql { get; }

    public GroupCommit<CheckpointOrder, IReadOnlyList<RowFact>> Checkpoints { get; }

    public GroupCommit<SettleOrder, BackfillSessionResult> Settlements { get; }
}
