using Backfill.Sandbox.Database;
using Backfill.Sandbox.Scoring;
using Npgsql;
using NpgsqlTypes;

namespace Backfill.Sandbox.Functions;

/// <summary><c>score_prism</c>: makes the profile, from the answers and from the forced-choice scores.</summary>
internal sealed class ScorePrism(FunctionDatabase database, Scorer scorer) : IEdgeFunction
{
    private static readonly string Statement = Sql.Read("Functions/score_prism.sql");

    public string Name => "score_prism";

    public async Task<FunctionAnswer> AnswerAsync(FunctionRequest request, Effect effect)
    {
        if (request.SessionId is not { } text) return Error(400, "session_id required", Outcomes.BadRequest);
        if (!Guid.TryParse(text, out var session)) return Error(500, $"invalid input syntax for type uuid: \"{text}\"", Outcomes.Failed);

        var version = request.Text("engine_version", Versions.Engine);
        var profile = scorer.Profile(session, version);
        await using var work = await database.BeginAsync(effect).ConfigureAwait(false);
        await using var command = work.Command(Statement);
        AddParameters(command, session, profile, effect == Effect.OldVersion ? Versions.OldEngine : version);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        if (!await reader.ReadAsync().ConfigureAwait(false)) return Error(400, "no responses", Outcomes.NoResponses);

        var forcedChoice = reader.IsDBNull(0) ? "null" : reader.GetString(0);
        return FunctionAnswer.Of(200, Success(session, profile, version, forcedChoice), Outcomes.Written);
    }

    public FunctionAnswer Error(int status, string message, string outcome) => FunctionAnswer.Of(status, new { status = "error", error = message }, outcome);

    private static string Success(Guid session, ScoredProfile profile, string version, string forcedChoice) =>
        $$$"""
        {"status":"success","profile":{"session_id":"{{{session}}}","type_code":"{{{profile.TypeCode}}}","confidence":{{{Json.Of(profile.Confidence)}}},"results_version":{{{Json.Of(version)}}},"fit_band":"{{{profile.FitBand}}}","validity_status":"{{{profile.ValidityStatus}}}","top_types":{{{profile.TopTypesJson}}},"fc_scores":{{{forcedChoice}}},"payload":{{{profile.PayloadJson}}}}}
        """;

    private static void AddParameters(NpgsqlCommand command, Guid session, ScoredProfile profile, string version)
    {
        Add(session, NpgsqlDbType.Uuid);
        Add(profile.Id, NpgsqlDbType.Uuid);
        Add(profile.PayloadJson, NpgsqlDbType.Jsonb);
        Add(profile.TypeCode, NpgsqlDbType.Text);
        Add(profile.Confidence, NpgsqlDbType.Numeric);
        Add(version, NpgsqlDbType.Text);
        Add(profile.TopTypesJson, NpgsqlDbType.Jsonb);
        Add(profile.FitBand, NpgsqlDbType.Text);
        Add(profile.ValidityStatus, NpgsqlDbType.Text);
        Add(profile.Overlay, NpgsqlDbType.Text);
        Add(profile.TopGap, NpgsqlDbType.Numeric);
        Add(profile.ConfRaw, NpgsqlDbType.Numeric);
        Add(profile.ConfCalibrated, NpgsqlDbType.Numeric);
        Add(profile.ScoreFitCalibrated, NpgsqlDbType.Numeric);
        Add(profile.IsBackdated, NpgsqlDbType.Boolean);
        AddMeasures(profile.Types);
        AddMeasures(profile.Functions);
        Add(profile.Functions.Select((_, i) => Scorer.Dimension(i)).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Integer);
        AddMeasures(profile.States);

        void AddMeasures(Measure[] measures)
        {
            Add(measures.Select(m => m.Code).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text);
            Add(measures.Select(m => m.Value).ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Numeric);
        }

        void Add<T>(T value, NpgsqlDbType type) =>
            command.Parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
    }
}
