using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Purge;
using Backfill.Engine.Reports;
using Backfill.Engine.Rollback;
using Backfill.Engine.Soak;

namespace Backfill.TestWorker;

/// <summary>A real target of which a test replaces a part. It doesn't own the real one.</summary>
internal sealed class ReplacedTarget(ITarget real) : ITarget
{
    public IRunLedger Ledger { get => field ?? real.Ledger; init; }

    public IRunReader Runs { get => field ?? real.Runs; init; }

    public IReportReader Reports => real.Reports;

    public IRollbackStore Rollbacks => real.Rollbacks;

    public IFunctionCaller Functions { get => field ?? real.Functions; init; }

    public IAttemptPolicy Attempts { get => field ?? real.Attempts; init; }

    public IHealthProbe Health => real.Health;

    public ISoakProbe SoakProbe { get => field ?? real.SoakProbe; init; }

    public ISoakStore Soaks { get => field ?? real.Soaks; init; }

    public IGateStore Gates => real.Gates;

    public GuardStore Guard => real.Guard;

    public IPurgeStore Purges => real.Purges;

    public IChartWriter Charts => real.Charts;

    /// <summary>What it does own, closed with it.</summary>
    public IAsyncDisposable? Owned { get; init; }

    /// <summary>With something around the calls of its ledger or its functions.</summary>
    public static ReplacedTarget Around(ITarget real, Around? ledger, Around? functions = null) => new(real)
    {
        Ledger = ledger is null ? real.Ledger : Interceptor.Of(real.Ledger, ledger),
        Functions = functions is null ? real.Functions : Interceptor.Of(real.Functions, functions),
    };

    public Task<TargetIdentity> InstallLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken) =>
        real.InstallLedgerAsync(environment, adopt, sandbox, cancellationToken);

    public ValueTask DisposeAsync() => Owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}
