using Npgsql;

namespace Backfill.Sandbox.Functions;

/// <summary>Runs a function to its end, whoever still waits for it. What it trips over becomes its own 500.</summary>
internal static class Worker
{
    public static async Task<FunctionAnswer> RunAsync(IEdgeFunction function, FunctionRequest request, Effect effect, Call call)
    {
        try
        {
            var answer = await function.AnswerAsync(request, effect).ConfigureAwait(false);
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
    }
}
