using Backfill.Sandbox.Database;
using Backfill.Sandbox.Scoring;
using NpgsqlTypes;
using static Backfill.Sandbox.Functions.FunctionWork;

namespace Backfill.Sandbox.Functions;

/// <summary><c>score_fc_session</c>: scores the forced-choice answers. It writes one table.</summary>
internal sealed class ScoreFcSession(FunctionDatabase database, Scorer scorer) : IEdgeFunction
{
    private static readonly string Statement = Sql.Read("Functions/score_fc_session.sql");

    public string Name => "score_fc_session";

    public async Task<FunctionAnswer> AnswerAsync(FunctionRequest request, FunctionRun run)
    {
        if (request.SessionId is not { } text) return Error(400, "session_id required", Outcomes.BadRequest);
        if (!Guid.TryParse(text, out var session)) return Error(500, $"invalid input syntax for type uuid: \"{text}\"", Outcomes.Failed);

        var version = request.Text("version", Versions.ForcedChoice);
        var basis = request.Text("basis", Versions.Functions);
        var scores = scorer.FcScores(session);

        await using var work = database.Begin(run);
        var blocks = await work.WriteAsync(
            Statement,
            Value(session, NpgsqlDbType.Uuid),
            Value(run.Effect == Effect.OldVersion ? Versions.OldForcedChoice : version, NpgsqlDbType.Text),
            Value(basis, NpgsqlDbType.Text),
            Value(scores, NpgsqlDbType.Jsonb)).ConfigureAwait(false);

        return blocks is int answered
            ? FunctionAnswer.Of(200, $$"""{"session_id":"{{session}}","version":{{Json.Of(version)}},"basis":{{Json.Of(basis)}},"blocks_answered":{{answered}},"scores":{{scores}}}""", Outcomes.Written)
            : FunctionAnswer.Of(200, $$"""{"session_id":"{{session}}","version":{{Json.Of(version)}},"basis":{{Json.Of(basis)}},"blocks_answered":0,"info":"no fc responses"}""", Outcomes.NoFcResponses);
    }

    public FunctionAnswer Error(int status, string message, string outcome) => FunctionAnswer.Of(status, new { error = message }, outcome);
}
