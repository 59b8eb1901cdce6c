using System.Globalization;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Purge;
using Backfill.Engine.Reports;
using Backfill.Engine.Rollback;
using Backfill.Engine.Soak;

namespace Backfill.TestWorker;

/// <summary>A real target whose ports name the points that they pass.</summary>
internal sealed class WatchedTarget(ITarget real, Points points, ArrivalLog arrivals) : ITarget, IFunctionCaller
{
    public IRunLedger Ledger { get; } = Interceptor.Of(real.Ledger, new Around
    {
        Before = (method, args) => method == nameof(IRunLedger.SettleAsync)
            ? Pass(points, Points.BeforeSettle, ((ClaimedSession)args[1]!).SessionId)
            : Task.CompletedTask,
        After = (method, args, result) => (method, result) switch
        {
            (nameof(IRunLedger.ClaimAsync), IReadOnlyList<ClaimedSession> { Count: > 0 } claims) => Pass(points, Points.AfterClaim, claims[0].SessionId),
            (nameof(IRunLedger.CheckpointAsync), _) => Pass(points, Points.AfterCheckpoint, ((ClaimedSession)args[1]!).SessionId),
            (nameof(IRunLedger.SettleAsync), _) => Pass(points, Points.AfterSettle, ((ClaimedSession)args[1]!).SessionId),
            _ => Task.CompletedTask,
        },
    });

    public IRunReader Runs { get; } = new WatchedReader(real.Runs, points);

    public IReportReader Reports => real.Reports;

    public IRollbackStore Rollbacks => real.Rollbacks;

    public ISoakProbe SoakProbe => real.SoakProbe;

    public ISoakStore Soaks { get; } = Interceptor.Of(real.Soaks, new Around
    {
        Before = (method, args) => method == nameof(ISoakStore.AddAsync) ? Pass(points, Points.BeforeKeep, (SoakSample)args[1]!) : Task.CompletedTask,
        After = (method, args, _) => method == nameof(ISoakStore.AddAsync) ? Pass(points, Points.AfterKeep, (SoakSample)args[1]!) : Task.CompletedTask,
    });

    public IGateStore Gates => real.Gates;

    public IPurgeStore Purges => real.Purges;

    public IChartWriter Charts => real.Charts;

    public IFunctionCaller Functions => this;

    public IAttemptPolicy Attempts => real.Attempts;

    public IHealthProbe Health => real.Health;

    public Task<TargetIdentity> InstallLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken) =>
        real.InstallLedgerAsync(environment, adopt, sandbox, cancellationToken);

    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) =>
        real.Functions.WarmUpAsync(connections, cancellationToken);

    public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
    {
        await Pass(points, Points.BeforeSend, call.SessionId).ConfigureAwait(false);
        var reply = real.Functions.CallAsync(call, cancellationToken);
        if (points.IsKilledAt(Points.AfterSend))
        {
            await arrivals.SawAsync(call).ConfigureAwait(false);
            await Pass(points, Points.AfterSend, call.SessionId).ConfigureAwait(false);
        }

        var answer = await reply.ConfigureAwait(false);
        await Pass(points, Points.AfterResponse, call.SessionId).ConfigureAwait(false);
        return answer;
    }

    public ValueTask DisposeAsync() => real.DisposeAsync();

    private static Task Pass(Points points, string point, Guid session) => Pass(points, point, session.ToString());

    private static Task Pass(Points points, string point, SoakSample sample) =>
        Pass(points, point, sample.Number.ToString(CultureInfo.InvariantCulture));

    private static Task Pass(Points points, string point, string detail)
    {
        points.Reach(point, detail);
        return Task.CompletedTask;
    }
}
