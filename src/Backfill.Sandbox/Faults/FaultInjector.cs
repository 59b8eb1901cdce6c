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
        return fault.Order.Kind == FaultKind.PartialCommit
            ? CutAsync(fault.Order, function, http, cut => Worker.RunAsync(function, request, Effect.Committed, call, cut), call)
            : FailAsync(fault.Order, function, http, effect => Worker.RunAsync(function, request, effect, call), call);
    }

    private async Task<FunctionAnswer> FailAsync(
        FaultOrder order, IEdgeFunction function, HttpContext http, Func<Effect, Task<FunctionAnswer>> run, Call call)
    {
        var delay = order.Delay ?? TimeSpan.Zero;
        if (order.Kind is not (FaultKind.LateCommit or FaultKind.Accepted or FaultKind.CommitThenTimeout)) await WaitAsync(delay)
            .ConfigureAwait(false);

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
                await WaitAsync(delay).ConfigureAwait(false);
                return order.StatusCode is null or 0 ? Reset(http, done.Outcome) : FaultAnswer.Of(order, 504, function, done.Outcome);

            case FaultKind.LateCommit:
                CommitLate(http, delay, () => run(Effect.Committed), call);
                return FaultAnswer.Of(order, 504, function, Outcomes.Pending);

            case FaultKind.Accepted:
                CommitLate(http, delay, () => run(Effect.Committed), call);
                return FaultAnswer.Accepted();

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

    /// <summary>Lets the function die between two tables. What is left of it comes after the answer, or never.</summary>
    private static async Task<FunctionAnswer> CutAsync(
        FaultOrder order, IEdgeFunction function, HttpContext http, Func<Interruption, Task<FunctionAnswer>> run, Call call)
    {
        var cut = new Interruption(order.AfterTables ?? 1);
        var running = run(cut);
        await Task.WhenAny(running, cut.Reached).ConfigureAwait(false);
        if (order.Delay is not { } delay || running.IsCompleted)
        {
            // Nothing of it comes late: it dies here, or it had no more tables to write.
            cut.Die();
            return Answer((await running.ConfigureAwait(false)).Outcome);
        }

        CommitLate(http, delay, GoOnAsync, call);
        return Answer(Outcomes.Pending);

        Task<FunctionAnswer> GoOnAsync()
        {
            cut.GoOn();
            return running;
        }

        FunctionAnswer Answer(string outcome) =>
            order.StatusCode == 0 ? Reset(http, outcome) : FaultAnswer.Of(order, 502, function, outcome);
    }

    /// <summary>Not before the caller has its answer, or it would not be late.</summary>
    private static void CommitLate(HttpContext http, TimeSpan delay, Func<Task<FunctionAnswer>> commit, Call call)
    {
        var stopping = Connection.Stopping(http);
        http.Response.OnCompleted(() =>
        {
            // Not awaited: the next call on this connection must not wait for it.
            _ = CommitAsync(delay, commit, call, stopping);
            return Task.CompletedTask;
        });
    }

    /// <summary>Returns when the rows are written, or the sandbox stops.</summary>
    private static async Task CommitAsync(TimeSpan delay, Func<Task<FunctionAnswer>> commit, Call call, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(delay, stopping).ConfigureAwait(false);
            var done = await commit().ConfigureAwait(false);
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
