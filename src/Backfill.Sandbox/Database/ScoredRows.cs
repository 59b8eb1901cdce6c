using Backfill.Sandbox.Scoring;
using Npgsql;
using NpgsqlTypes;

namespace Backfill.Sandbox.Database;

/// <summary>
/// The rows that the functions wrote in the past: made by the same <see cref="Scorer"/>, so a session scored again
/// gets the same scores, and only its times tell the difference.
/// </summary>
internal static class ScoredRows
{
    private sealed record Scored(
        Guid Id, DateTime At, string ResultsVersion, bool HasProfile, bool HasFcScores, int FcResponses, Guid? UserId, string? ShareToken);

    public static async Task CopyAsync(NpgsqlConnection connection, Scorer scorer)
    {
        var sessions = await ReadAsync(connection).ConfigureAwait(false);
        var scored = sessions.Where(s => s.HasFcScores).ToArray();
        var profiled = sessions.Where(s => s.HasProfile).ToArray();

        await CopyAsync(
            connection, "fc_scores (session_id, version, fc_kind, scores_json, blocks_answered, created_at, updated_at)", scored,
            (row, s) =>
            {
                row.Write(s.Id, NpgsqlDbType.Uuid);
                row.Write(Versions.ForcedChoice, NpgsqlDbType.Text);
                row.Write(Versions.Functions, NpgsqlDbType.Text);
                row.Write(scorer.FcScores(s.Id), NpgsqlDbType.Jsonb);
                row.Write(s.FcResponses, NpgsqlDbType.Integer);
                row.Write(s.At.AddSeconds(20), NpgsqlDbType.TimestampTz);
                row.Write(s.At.AddSeconds(20), NpgsqlDbType.TimestampTz);
            }).ConfigureAwait(false);

        await CopyAsync(connection,
            "profiles (session_id, id, type_code, confidence, payload, results_version, version, scoring_version, share_token, top_types, fit_band, "
            + "validity_status, overlay, top_gap, conf_raw, conf_calibrated, score_fit_calibrated, created_at, updated_at, computed_at)", profiled,
            (row, s) =>
            {
                var profile = scorer.Profile(s.Id, s.ResultsVersion);
                var at = s.At.AddSeconds(24);
                row.Write(s.Id, NpgsqlDbType.Uuid);
                row.Write(profile.Id, NpgsqlDbType.Uuid);
                row.Write(profile.TypeCode, NpgsqlDbType.Text);
                row.Write(profile.Confidence, NpgsqlDbType.Numeric);
                row.Write(Payload(profile, s), NpgsqlDbType.Jsonb);
                row.Write(s.ResultsVersion, NpgsqlDbType.Text);
                row.Write(s.ResultsVersion, NpgsqlDbType.Text);
                row.Write(s.ResultsVersion, NpgsqlDbType.Text);
                if (s.ShareToken is { } token) row.Write(token, NpgsqlDbType.Text);
                else row.WriteNull();
                row.Write(profile.TopTypesJson, NpgsqlDbType.Jsonb);
                row.Write(profile.FitBand, NpgsqlDbType.Text);
                row.Write(profile.ValidityStatus, NpgsqlDbType.Text);
                row.Write(profile.Overlay, NpgsqlDbType.Text);
                row.Write(profile.TopGap, NpgsqlDbType.Numeric);
                row.Write(profile.ConfRaw, NpgsqlDbType.Numeric);
                row.Write(profile.ConfCalibrated, NpgsqlDbType.Numeric);
                row.Write(profile.ScoreFitCalibrated, NpgsqlDbType.Numeric);
                row.Write(at, NpgsqlDbType.TimestampTz);
                row.Write(at, NpgsqlDbType.TimestampTz);
                row.Write(at, NpgsqlDbType.TimestampTz);
            }).ConfigureAwait(false);

        await CopyAsync(
            connection, "scoring_results (session_id, user_id, scoring_version, payload, type_code, confidence, computed_at)", profiled,
            (row, s) =>
            {
                var profile = scorer.Profile(s.Id, s.ResultsVersion);
                row.Write(s.Id, NpgsqlDbType.Uuid);
                if (s.UserId is { } user) row.Write(user, NpgsqlDbType.Uuid);
                else row.WriteNull();
                row.Write(s.ResultsVersion, NpgsqlDbType.Text);
                row.Write(Payload(profile, s), NpgsqlDbType.Jsonb);
                row.Write(profile.TypeCode, NpgsqlDbType.Text);
                row.Write(profile.Confidence, NpgsqlDbType.Numeric);
                row.Write(s.At.AddSeconds(24), NpgsqlDbType.TimestampTz);
            }).ConfigureAwait(false);

        await CopyAsync(connection, "scoring_results_types (session_id, type_code, rank, fit)",
            profiled.SelectMany(s => scorer.Profile(s.Id, s.ResultsVersion).Types.Select((type, i) => (s.Id, type, Rank: i + 1))),
            (row, d) =>
            {
                row.Write(d.Id, NpgsqlDbType.Uuid);
                row.Write(d.type.Code, NpgsqlDbType.Text);
                row.Write(d.Rank, NpgsqlDbType.Integer);
                row.Write(d.type.Value, NpgsqlDbType.Numeric);
            }).ConfigureAwait(false);

        await CopyAsync(connection, "scoring_results_functions (session_id, func, strength, dimension)",
            profiled.SelectMany(
                s => scorer.Profile(s.Id, s.ResultsVersion).Functions.Select((func, i) => (s.Id, func, Dimension: Scorer.Dimension(i)))),
            (row, d) =>
            {
                row.Write(d.Id, NpgsqlDbType.Uuid);
                row.Write(d.func.Code, NpgsqlDbType.Text);
                row.Write(d.func.Value, NpgsqlDbType.Numeric);
                row.Write(d.Dimension, NpgsqlDbType.Integer);
            }).ConfigureAwait(false);

        await CopyAsync(connection, "scoring_results_state (session_id, state, level)",
            profiled.SelectMany(s => scorer.Profile(s.Id, s.ResultsVersion).States.Select(state => (s.Id, state))),
            (row, d) =>
            {
                row.Write(d.Id, NpgsqlDbType.Uuid);
                row.Write(d.state.Code, NpgsqlDbType.Text);
                row.Write(d.state.Value, NpgsqlDbType.Numeric);
            }).ConfigureAwait(false);

        string Payload(ScoredProfile profile, Scored s) => profile.PayloadWith(s.HasFcScores ? scorer.FcScores(s.Id) : null);
    }

    private static async Task CopyAsync<T>(
        NpgsqlConnection connection, string target, IEnumerable<T> rows, Action<NpgsqlBinaryImporter, T> write)
    {
        await using var importer = await connection.BeginBinaryImportAsync($"COPY public.{target} FROM STDIN (FORMAT binary)")
            .ConfigureAwait(false);
        importer.Timeout = TimeSpan.FromMinutes(10);
        foreach (var row in rows)
        {
            await importer.StartRowAsync().ConfigureAwait(false);
            write(importer, row);
        }

        await importer.CompleteAsync().ConfigureAwait(false);
    }

    private static async Task<List<Scored>> ReadAsync(NpgsqlConnection connection)
    {
        var sessions = new List<Scored>();
        await using var command = new NpgsqlCommand(Sql.Read("Database/Seed/scored-sessions.sql"), connection);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            sessions.Add(new Scored(
                reader.GetGuid(0), reader.GetDateTime(1), reader.GetString(2), reader.GetBoolean(3), reader.GetBoolean(4),
                reader.GetInt32(5),
                reader.IsDBNull(6) ? null : reader.GetGuid(6), reader.IsDBNull(7) ? null : reader.GetString(7)));
        }

        return sessions;
    }
}
