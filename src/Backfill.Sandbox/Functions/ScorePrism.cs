using Backfill.Sandbox.Database;
using Backfill.Sandbox.Eras;
using Backfill.Sandbox.Scoring;
using Npgsql;
using NpgsqlTypes;
using static Backfill.Sandbox.Functions.FunctionWork;

namespace Backfill.Sandbox.Functions;

/// <summary>
/// <c>score_prism</c>: makes the profile, from the answers and from the forced-choice scores. As the real one it writes
/// <c>profiles</c>, <c>scoring_results</c> and the three detail tables in this order, as far as its era has them, each in a
/// transaction of its own. Of a write that is refused it takes no notice, unless its era is one that does.
/// </summary>
internal sealed class ScorePrism(FunctionDatabase database, Scorer scorer, Era era) : IEdgeFunction
{
    private static readonly string ReadSession = Sql.Read("Functions/score_prism/session.sql");
    private static readonly string WriteResult = Sql.Read("Functions/score_prism/scoring_results.sql");
    private static readonly string WriteTypes = Sql.Read("Functions/score_prism/scoring_results_types.sql");
    private static readonly string WriteFunctions = Sql.Read("Functions/score_prism/scoring_results_functions.sql");
    private static readonly string WriteState = Sql.Read("Functions/score_prism/scoring_results_state.sql");

    private readonly string _writeProfile = era.ProfileStatement;

    private sealed record Session(Guid Id, Guid? UserId, string? ShareToken, DateTime EndedAt, DateTime CalledAt, string? FcScores);

    public string Name => "score_prism";

    public async Task<FunctionAnswer> AnswerAsync(FunctionRequest request, FunctionRun run)
    {
        if (request.SessionId is not { } text) return Error(400, "session_id required", Outcomes.BadRequest);
        if (!Guid.TryParse(text, out var id)) return Error(500, $"invalid input syntax for type uuid: \"{text}\"", Outcomes.Failed);

        var version = request.Text("engine_version", Versions.Engine);
        var profile = scorer.Profile(id, version);
        await using var work = database.Begin(run);
        var session = await work.ReadAsync(ReadSession, row => Read(id, row), Value(id, NpgsqlDbType.Uuid)).ConfigureAwait(false);
        if (session is null) return Error(400, "no responses", Outcomes.NoResponses);
        if (era.NeedsFcScores && session.FcScores is null) return Error(500, "fc_scores_missing", Outcomes.Failed);

        await WriteAsync(work, session, profile, run.Effect == Effect.OldVersion ? Versions.OldEngine : version).ConfigureAwait(false);
        return FunctionAnswer.Of(200, Success(session, profile, version), Outcomes.Written);
    }

    public FunctionAnswer Error(int status, string message, string outcome) =>
        FunctionAnswer.Of(status, new { status = "error", error = message }, outcome);

    private static Session Read(Guid id, NpgsqlDataReader row) => new(
        id, row.IsDBNull(0) ? null : row.GetGuid(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetDateTime(2), row.GetDateTime(3),
        row.IsDBNull(4) ? null : row.GetString(4));

    private async Task WriteAsync(FunctionWork work, Session session, ScoredProfile profile, string version)
    {
        var payload = profile.PayloadWith(session.FcScores);
        await WriteAsync(
            work,
            _writeProfile,
            Value(session.Id, NpgsqlDbType.Uuid),
            Value(profile.Id, NpgsqlDbType.Uuid),
            Value(profile.TypeCode, NpgsqlDbType.Text),
            Value(profile.Confidence, NpgsqlDbType.Numeric),
            Value(payload, NpgsqlDbType.Jsonb),
            Value(version, NpgsqlDbType.Text),
            Value(session.ShareToken, NpgsqlDbType.Text),
            Value(profile.TopTypesJson, NpgsqlDbType.Jsonb),
            Value(profile.FitBand, NpgsqlDbType.Text),
            Value(profile.ValidityStatus, NpgsqlDbType.Text),
            Value(profile.Overlay, NpgsqlDbType.Text),
            Value(profile.TopGap, NpgsqlDbType.Numeric),
            Value(profile.ConfRaw, NpgsqlDbType.Numeric),
            Value(profile.ConfCalibrated, NpgsqlDbType.Numeric),
            Value(profile.ScoreFitCalibrated, NpgsqlDbType.Numeric),
            Value(profile.IsBackdated ? session.EndedAt : session.CalledAt, NpgsqlDbType.TimestampTz),
            Value(session.CalledAt, NpgsqlDbType.TimestampTz)).ConfigureAwait(false);
        if (!era.HasResults) return;

        await WriteAsync(
            work,
            WriteResult,
            Value(session.Id, NpgsqlDbType.Uuid),
            Value(session.UserId, NpgsqlDbType.Uuid),
            Value(version, NpgsqlDbType.Text),
            Value(payload, NpgsqlDbType.Jsonb),
            Value(profile.TypeCode, NpgsqlDbType.Text),
            Value(profile.Confidence, NpgsqlDbType.Numeric),
            Value(session.CalledAt, NpgsqlDbType.TimestampTz)).ConfigureAwait(false);
        if (!era.HasDetails) return;

        await WriteAsync(work, WriteTypes, Value(session.Id, NpgsqlDbType.Uuid), Codes(profile.Types), Values(profile.Types))
            .ConfigureAwait(false);
        await WriteAsync(
            work,
            WriteFunctions,
            Value(session.Id, NpgsqlDbType.Uuid),
            Codes(profile.Functions),
            Values(profile.Functions),
            Value(profile.Functions.Select((_, i) => Scorer.Dimension(i)).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer))
                .ConfigureAwait(false);
        await WriteAsync(work, WriteState, Value(session.Id, NpgsqlDbType.Uuid), Codes(profile.States), Values(profile.States))
            .ConfigureAwait(false);
    }

    private async Task WriteAsync(FunctionWork work, string statement, params NpgsqlParameter[] parameters)
    {
        try
        {
            await work.WriteAsync(statement, parameters).ConfigureAwait(false);
        }
        catch (PostgresException e) when (!era.ChecksWrites && e.Severity == "ERROR")
        {
            // The real function gets an error object here, and nobody looks at it. It goes on with its next table.
        }
    }

    private static NpgsqlParameter Codes(Measure[] measures) =>
        Value(measures.Select(m => m.Code).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);

    private static NpgsqlParameter Values(Measure[] measures) =>
        Value(measures.Select(m => m.Value).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Numeric);

    private static string Success(Session session, ScoredProfile profile, string version) =>
        $$$"""
        {"status":"success","profile":{"session_id":"{{{session.Id}}}","type_code":"{{{profile.TypeCode}}}","confidence":{{{Json.Of(profile.Confidence)}}},"results_version":{{{Json.Of(version)}}},"fit_band":"{{{profile.FitBand}}}","validity_status":"{{{profile.ValidityStatus}}}","top_types":{{{profile.TopTypesJson}}},"fc_scores":{{{session.FcScores ?? "null"}}},"payload":{{{profile.PayloadJson}}}}}
        """;
}
