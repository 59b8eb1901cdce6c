using System.Globalization;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Soak;

namespace Backfill.TestWorker;

/// <summary>A real target whose ports name the points that they pass.</summary>
internal static class WatchedTarget
{
    public static ITarget Of(ITarget real, Points points, ArrivalLog arrivals) => new ReplacedTarget(real)
    {
        Owned = real,
        Ledger = Interceptor.Of(real.Ledger, AroundLedger(points)),
        Runs = new WatchedReader(real.Runs, points),
        Soaks = Interceptor.Of(real.Soaks, AroundSoaks(points)),
        Functions = new WatchedFunctions(real.Functions, points, arrivals),
    };

    private static Around AroundLedger(Points points) => new()
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
    };

    private static Around AroundSoaks(Points points) => new()
    {
        Before = (method, args) => method == nameof(ISoakStore.AddAsync) ? Pass(points, Points.BeforeKeep, (SoakSample)args[1]!) : Task.CompletedTask,
        After = (method, args, _) => method == nameof(ISoakStore.AddAsync) ? Pass(points, Points.AfterKeep, (SoakSample)args[1]!) : Task.CompletedTask,
    };

    public static Task Pass(Points points, string point, Guid session) => Pass(points, point, session.ToString());

    private static Task Pass(Points points, string point, SoakSample sample) =>
        Pass(points, point, sample.Number.ToString(CultureInfo.InvariantCulture));

    private static Task Pass(Points points, string point, string detail)
    {
        points.Reach(point, detail);
        return Task.CompletedTask;
    }
}

/// <summary>Real functions, the same.</summary>
internal sealed class WatchedFunctions(IFunctionCaller real, Points points, ArrivalLog arrivals) : IFunctionCaller
{
    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) =>
        real.WarmUpAsync(connections, cancellationToken);

    public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
    {
        await WatchedTarget.Pass(points, Points.BeforeSend, call.SessionId).ConfigureAwait(false);
        var reply = real.CallAsync(call, cancellationToken);
        if (points.IsKilledAt(Points.AfterSend))
        {
            await arrivals.SawAsync(call).ConfigureAwait(false);
            await WatchedTarget.Pass(points, Points.AfterSend, call.SessionId).ConfigureAwait(false);
        }

        var answer = await reply.ConfigureAwait(false);
        await WatchedTarget.Pass(points, Points.AfterResponse, call.SessionId).ConfigureAwait(false);
        return answer;
    }
}
