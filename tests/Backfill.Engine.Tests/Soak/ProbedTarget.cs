using Backfill.Engine.Apply.Call;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Purge;
using Backfill.Engine.Reports;
using Backfill.Engine.Rollback;
using Backfill.Engine.Soak;
using Npgsql;

namespace Backfill.Engine.Tests.Soak;

/// <summary>A real target that is looked at by another probe.</summary>
internal sealed class ProbedTarget(ITarget real, ISoakProbe probe, NpgsqlDataSource? owned = null) : ITarget
{
    public IRunLedger Ledger => real.Ledger;

    public IRunReader Runs => real.Runs;

    public IReportReader Reports => real.Reports;

    public IRollbackStore Rollbacks => real.Rollbacks;

    public IHealthProbe Health => real.Health;

    public ISoakProbe SoakProbe => probe;

    public ISoakStore Soaks => real.Soaks;

    public IGateStore Gates => real.Gates;

    public IPurgeStore Purges => real.Purges;

    public IChartWriter Charts => real.Charts;

    public IFunctionCaller Functions => real.Functions;

    public IAttemptPolicy Attempts => real.Attempts;

    public Task<TargetIdentity> InstallLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask DisposeAsync() => owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}
