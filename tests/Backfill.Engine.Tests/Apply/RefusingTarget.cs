using Backfill.Engine.Apply.Call;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Purge;
using Backfill.Engine.Reports;
using Backfill.Engine.Rollback;
using Backfill.Engine.Soak;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A real target whose functions refuse the key.</summary>
internal sealed class RefusingTarget(ITarget real) : ITarget, IFunctionCaller
{
    public IRunLedger Ledger => real.Ledger;

    public IRunReader Runs => real.Runs;

    public IReportReader Reports => real.Reports;

    public IRollbackStore Rollbacks => real.Rollbacks;

    public ISoakProbe SoakProbe => real.SoakProbe;

    public ISoakStore Soaks => real.Soaks;

    public IGateStore Gates => real.Gates;

    public IPurgeStore Purges => real.Purges;

    public IChartWriter Charts => real.Charts;

    public IFunctionCaller Functions => this;

    public IAttemptPolicy Attempts => real.Attempts;

    public IHealthProbe Health => real.Health;

    public Task<TargetIdentity> InstallLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken) =>
        real.InstallLedgerAsync(environment, adopt, sandbox, cancellationToken);

    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken) =>
        Task.FromResult(new FunctionReply { StatusCode = 401, PlatformCode = "UNAUTHORIZED" });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
