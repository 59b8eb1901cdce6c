using Backfill.Sandbox.Database;
using Backfill.Sandbox.Eras;
using Backfill.Sandbox.Scoring;
using Npgsql;
using NpgsqlTypes;

namespace Backfill.Sandbox.Traffic;

/// <summary>Writes sessions as the live system does, many in one statement.</summary>
internal sealed class TrafficDatabase(NpgsqlConnectionStringBuilder superuser, Scorer scorer, Era era) : IAsyncDisposable
{
    private static readonly string CompleteSessions = Sql.Read("Traffic/complete_sessions.sql");
    private static readonly string LogEvents = Sql.Read("Traffic/log_events.sql");
    private static readonly string HasLogs = Sql.Read("Traffic/has_logs.sql");

    private readonly string _scoreSessions = era.TrafficStatement;

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(superuser.ConnectionString)
        {
            ApplicationName = "traffic",
            MaxPoolSize = 2,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
        });

    /// <summary>
    /// Writes all of it or nothing. What was written before, and its commit was not confirmed, may be written again: it
    /// is there once.
    /// </summary>
    /// <returns>Whether there is a log, and so the events are in it.</returns>
    public async Task<bool> WriteAsync(
        IReadOnlyList<TrafficSession> completed, IReadOnlyList<ScoredSession> scored, CancellationToken cancellationToken)
    {
        await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (completed.Count > 0) await CompleteAsync(connection, completed, cancellationToken).ConfigureAwait(false);
        var hasLogs = scored.Count > 0 && await ScoreAsync(connection, scored, cancellationToken).ConfigureAwait(false);
        // Not cancelled: whoever stops wants to know what was written.
        await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
        return hasLogs;
    }

    public ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) => _source.OpenConnectionAsync(cancellationToken);

    /// <summary>Drops the connections: the server at their other end is gone.</summary>
    public void Forget() => _source.Clear();

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static async Task CompleteAsync(
        NpgsqlConnection connection, IReadOnlyList<TrafficSession> sessions, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(CompleteSessions, connection);
        Add(command, NpgsqlDbType.Uuid, sessions, s => s.Id);
        Add(command, NpgsqlDbType.TimestampTz, sessions, s => s.CreatedAt);
        Add(command, NpgsqlDbType.TimestampTz, sessions, s => s.CompletedAt);
        Add(command, NpgsqlDbType.Text, sessions, s => s.ShareToken);
        Add(command, NpgsqlDbType.Uuid, sessions, s => s.UserId);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> ScoreAsync(
        NpgsqlConnection connection, IReadOnlyList<ScoredSession> sessions, CancellationToken cancellationToken)
    {
        var rows = sessions.Select(s => (s.Session, s.ForcedChoiceAt, s.MadeAt, Version: VersionOf(s.Session), Profile: scorer.Profile(s.Session.Id, VersionOf(s.Session)))).ToArray();
        var written = new HashSet<Guid>(rows.Length);
        await using (var command = new NpgsqlCommand(_scoreSessions, connection))
        {
            Add(command, NpgsqlDbType.Uuid, rows, r => r.Session.Id);
            Add(command, NpgsqlDbType.TimestampTz, rows, r => r.ForcedChoiceAt);
            Add(command, NpgsqlDbType.TimestampTz, rows, r => r.MadeAt);
            Add(command, NpgsqlDbType.Text, rows, r => r.Session.Fault == TrafficFault.LegacyKind ? Versions.Legacy : Versions.Functions);
            Add(command, NpgsqlDbType.Text, rows, r => r.Version);
            Add(command, NpgsqlDbType.Jsonb, rows, r => scorer.FcScores(r.Session.Id));
            Add(command, NpgsqlDbType.Uuid, rows, r => r.Profile.Id);
            Add(command, NpgsqlDbType.Jsonb, rows, r => r.Profile.PayloadJson);
            Add(command, NpgsqlDbType.Text, rows, r => r.Profile.TypeCode);
            Add(command, NpgsqlDbType.Numeric, rows, r => r.Profile.Confidence);
            Add(command, NpgsqlDbType.Jsonb, rows, r => r.Profile.TopTypesJson);
            Add(command, NpgsqlDbType.Text, rows, r => r.Profile.FitBand);
            Add(command, NpgsqlDbType.Text, rows, r => r.Profile.ValidityStatus);
            Add(command, NpgsqlDbType.Text, rows, r => r.Profile.Overlay);
            Add(command, NpgsqlDbType.Numeric, rows, r => r.Profile.TopGap);
            Add(command, NpgsqlDbType.Numeric, rows, r => r.Profile.ConfRaw);
            Add(command, NpgsqlDbType.Numeric, rows, r => r.Profile.ConfCalibrated);
            Add(command, NpgsqlDbType.Numeric, rows, r => r.Profile.ScoreFitCalibrated);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false)) written.Add(reader.GetGuid(0));
        }

        return await LogAsync(connection, [.. sessions.Where(s => written.Contains(s.Session.Id))], cancellationToken)
            .ConfigureAwait(false);
    }

    private static async Task<bool> LogAsync(
        NpgsqlConnection connection, IReadOnlyList<ScoredSession> sessions, CancellationToken cancellationToken)
    {
        await using var asking = new NpgsqlCommand(HasLogs, connection);
        if (await asking.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true) return false;

        await using var command = new NpgsqlCommand(LogEvents, connection);
        Add(command, NpgsqlDbType.Uuid, sessions, s => s.Session.Id);
        Add(command, NpgsqlDbType.TimestampTz, sessions, s => s.ForcedChoiceAt);
        Add(command, NpgsqlDbType.TimestampTz, sessions, s => s.MadeAt);
        Add(command, NpgsqlDbType.Boolean, sessions, s => s.Session.Fault == TrafficFault.OverrideEvents);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static string VersionOf(TrafficSession session) =>
        session.Fault == TrafficFault.WrongVersion ? Versions.OldEngine : Versions.Engine;

    private static void Add<TRow, T>(NpgsqlCommand command, NpgsqlDbType type, IReadOnlyList<TRow> rows, Func<TRow, T> value) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = [.. rows.Select(value)], NpgsqlDbType = NpgsqlDbType.Array | type });
}
