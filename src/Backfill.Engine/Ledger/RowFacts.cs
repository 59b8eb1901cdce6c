using System.Text.Json;
using Backfill.Engine.Apply.Claim;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>Reads <see cref="RowFact"/>s from the columns that <c>facts.sql</c> gives.</summary>
internal static class RowFacts
{
    /// <summary>The facts of one session; null where the claim is no longer held.</summary>
    public static async Task<IReadOnlyList<RowFact>?> ReadSessionAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        List<RowFact>? rows = null;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows ??= [];
            if (ReadOne(reader, 1) is { } row)
                rows.Add(row);
        }

        return rows;
    }

    /// <summary>The facts of several sessions; one whose claim is not held is not among them.</summary>
    public static async Task<Dictionary<Guid, List<RowFact>>> ReadSessionsAsync(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var sessions = new Dictionary<Guid, List<RowFact>>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var sessionId = reader.GetGuid(0);
            if (!sessions.TryGetValue(sessionId, out var rows))
                sessions.Add(sessionId, rows = []);
            if (ReadOne(reader, 1) is { } row)
                rows.Add(row);
        }

        return sessions;
    }

    /// <summary>The fact that begins at column <paramref name="first"/>; null where the session has no row.</summary>
    public static RowFact? ReadOne(NpgsqlDataReader reader, int first) => reader.IsDBNull(first)
        ? null
        : new(
            reader.GetString(first),
            reader.GetString(first + 1),
            Text(reader, first + 2),
            Text(reader, first + 3),
            Text(reader, first + 4),
            Text(reader, first + 5),
            Values(Text(reader, first + 6)));

    public static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    private static Dictionary<string, string?> Values(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, string?>>(json) ?? [];
}
