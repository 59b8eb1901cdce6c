using Backfill.Sandbox.Functions;

namespace Backfill.Sandbox.Faults;

/// <summary>Calls the functions, or lets happen to a call what was ordered.</summary>
/// <param name="board">The faults that are set.</param>
/// <param name="restartDatabase">Returns when it is back.</param>
internal sealed class FaultInjector(FaultBoard board, Func<Task> restartDatabase) : IFaultSource
{
    public Task<FunctionAnswer> AnswerAsync(IEdgeFunction function, FunctionRequest request, Call call, HttpContext http)
    {
        if (board.Meet(function.Name, request) is not { } fault) return Worker.RunAsync(function, request, Effect.Committed, call);

        call.Met(fault.Id, fault.Order.Kind.ToString());
        return FailAsync(fault.Order, function, http, effect => Worker.RunAsync(function, request, effect, call), call);
    }

    private async Task<FunctionAnswer> FailAsync(
        FaultOrder order, IEdgeFunction function, HttpContext http, Func<Effect, Task<FunctionAnswer>> run, Call call)
    {
        if (order.Kind is not (FaultKind.LateCommit or FaultKind.CommitThenTimeout)) await WaitAsync(order.Delay).ConfigureAwait(false);

        switch (order.Kind)
        {
            case FaultKind.Status:
                return FaultAnswer.Of(order, 503, function, Outcomes.NotRun);

            case FaultKind.Reset:
                return Reset(http, Outcomes.NotRun);

            case FaultKind.Hang:
                await Connection.GoneAsync(http).ConfigureAwait(false);
                return Reset(http, Outcomes.NotRun);

            case FaultKind.CommitThenTimeout:
                var done = await run(Effect.Committed).ConfigureAwait(false);
                await WaitAsync(order.Delay).ConfigureAwait(false);
                return order.StatusCode is null or 0 ? Reset(http, done.Outcome) : FaultAnswer.Of(order, 504, function, done.Outcome);

            case FaultKind.LateCommit:
                // Not before the caller has its answer, or it would not be late.
                var stopping = Connection.Stopping(http);
                http.Response.OnCompleted(() =>
                {
                    // Not awaited: the next call on this connection must not wait for it.
                    _ = CommitAsync(order.Delay, run, call, stopping);
                    return Task.CompletedTask;
                });
                return FaultAnswer.Of(order, 504, function, Outcomes.Pending);

            case FaultKind.DatabaseRestart:
                await restartDatabase().ConfigureAwait(false);
                return await run(Effect.Committed).ConfigureAwait(false);

            case FaultKind.NoWrite:
                return await run(Effect.RolledBack).ConfigureAwait(false);

            case FaultKind.WrongVersion:
                return await run(Effect.OldVersion).ConfigureAwait(false);

            default:
                return await run(Effect.Committed).ConfigureAwait(false);
        }
    }

    /// <summary>Returns when the rows are written, or the sandbox stops.</summary>
    private static async Task CommitAsync(TimeSpan delay, Func<Effect, Task<FunctionAnswer>> run, Call call, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, stopping).ConfigureAwait(false);
            var done = await run(Effect.Committed).ConfigureAwait(false);
            call.EndedLate(done.Outcome);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The sandbox stops, and its database is thrown away.
        }
    }

    private static FunctionAnswer Reset(HttpContext http, string outcome)
    {
        Connection.Reset(http);
        return FunctionAnswer.None(outcome);
    }

    /// <summary>Not cut short when the caller goes: a real worker is not either.</summary>
    private static Task WaitAsync(TimeSpan delay) => delay > TimeSpan.Zero ? Task.Delay(delay) : Task.CompletedTask;
}
