using Backfill.Engine.Connections;
using Backfill.Engine.Health;

namespace Backfill.Engine.Gates;

/// <summary>
/// What stands before a production run: its sessions are looked at, the run is frozen, and nothing is called without an approval.
/// </summary>
internal static class ProductionGate
{
    /// <summary>What the sessions lack; a measurement that fails is no reason to stop here, and none to pass there.</summary>
    public static async Task<RunHealth> MeasureAsync(
        BackfillConnection connection, BackfillPlan plan, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken)
    {
        try
        {
            var found = await connection.Target.Health.LookUpAsync(sessions, plan.FcVersion, cancellationToken).ConfigureAwait(false);
            var candidates = found.Select(f => CandidateRules.Judge(f, plan.EngineVersion)).ToList();
            return new(
                default,
                sessions.Count,
                candidates.Count(c => c.Backfillable),
                candidates.Count(c => c.Reason is not null),
                sessions.Count - found.Count);
        }
        catch (BackfillException e)
        {
            return new(default, sessions.Count, 0, 0, 0, e.Message);
        }
    }

    /// <summary>Demands that a production run's gate is open, without using its approval; any other run passes.</summary>
    /// <exception cref="BackfillException">The gate is closed.</exception>
    public static async Task RequireAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        if (connection.Environment == BackfillEnvironment.Production)
            await new GateService(connection).RequireAsync(runId, BackfillGateName.ProdApply, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets a production run start, or go on, only through its gate; any other run passes.</summary>
    /// <returns>The gate; null where none is needed.</returns>
    /// <exception cref="BackfillException">The gate is closed.</exception>
    public static async Task<BackfillGate?> PassAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        if (connection.Environment != BackfillEnvironment.Production)
            return null;
        return await new GateService(connection)
            .UseAsync(runId, BackfillGateName.ProdApply, ApprovalUse.Name(runId), cancellationToken).ConfigureAwait(false);
    }
}
