using System.Text.RegularExpressions;
using NpgsqlTypes;
using static Backfill.Sandbox.Functions.FunctionWork;

namespace Backfill.Sandbox.Functions;

/// <summary>An edge function of one's own, written in SQL: <c>edge_functions.name(uuid, jsonb)</c>, which answers jsonb.</summary>
internal sealed partial class SqlFunction(FunctionDatabase database, string name) : IEdgeFunction
{
    public string Name => name;

    /// <summary>The function of that name; null where the database has none.</summary>
    public static async Task<IEdgeFunction?> FindAsync(FunctionDatabase database, string name, Call call)
    {
        if (!Plain().IsMatch(name)) return null;
        await using var work = database.Begin(new(Effect.Committed, call));
        var found = await work.ReadAsync(
            "select to_regprocedure($1)::text where to_regprocedure($1) is not null",
            reader => reader.GetString(0),
            Value($"edge_functions.{name}(uuid, jsonb)", NpgsqlDbType.Text)).ConfigureAwait(false);
        return found is null ? null : new SqlFunction(database, name);
    }

    public async Task<FunctionAnswer> AnswerAsync(FunctionRequest request, FunctionRun run)
    {
        if (request.SessionId is not { } text) return Error(400, "session_id required", Outcomes.BadRequest);
        if (!Guid.TryParse(text, out var session)) return Error(500, $"invalid input syntax for type uuid: \"{text}\"", Outcomes.Failed);

        await using var work = database.Begin(run);
        var answer = await work.WriteAsync(
            $"select edge_functions.{name}($1, $2)::text",
            Value(session, NpgsqlDbType.Uuid),
            Value(System.Text.Json.JsonSerializer.Serialize(request.Params), NpgsqlDbType.Jsonb)).ConfigureAwait(false);
        return FunctionAnswer.Of(200, answer as string ?? "null", Outcomes.Written);
    }

    public FunctionAnswer Error(int status, string message, string outcome) => FunctionAnswer.Of(status, new { error = message }, outcome);

    [GeneratedRegex(@"\A[a-z_][a-z0-9_]{0,62}\z")]
    private static partial Regex Plain();
}
