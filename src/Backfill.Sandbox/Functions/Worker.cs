using Npgsql;

namespace Backfill.Sandbox.Functions;

/// <summary>Runs a function to its end, even when nobody waits for it any more. What it trips over becomes its own 500.</summary>
internal static class Worker
{
    public static async Task<FunctionAnswer> RunAsync(
        IEdgeFunction function, FunctionRequest request, Effect effect, Call call, Interruption? interruption = null)
    {
        try
        {
            var answer = await function.AnswerAsync(request, new FunctionRun(effect, call, interruption)).ConfigureAwait(false);
            if (answer.Outcome != Outcomes.Written) return answer;
            if (effect == Effect.RolledBack) return answer with { Outcome = Outcomes.NotWritten };

            call.Committed();
            return answer;
        }
        catch (PostgresException e)
        {
            return function.Error(500, e.MessageText, Outcomes.Failed);
        }
        catch (NpgsqlException e)
        {
            return function.Error(500, e.Message, Outcomes.Failed);
        }
        catch (OperationCanceledException) when (interruption is not null)
        {
            return FunctionAnswer.None(call.TablesWritten > 0 ? Outcomes.Partial : Outcomes.NotWritten);
        }
    }
}
