using Backfill.Apply;
using Backfill.Connections;
using Backfill.Gates;
using Backfill.Health;
using Backfill.Purge;
using Backfill.Reports;
using Backfill.Rollback;
using Backfill.Soak;
using Npgsql;

namespace Backfill.Supabase.Tests.Soak;

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
