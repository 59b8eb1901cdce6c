using System.Text.Json;
using Backfill.Apply;
using Npgsql;

namespace Backfill.Supabase.Ledger;

/// <summary>Reads claims from what <c>claim.sql</c> gives: a row for each row of each session, or one with nulls.</summary>
internal static class Claims
{
    public static async Task<IReadOnlyList<Claim>> ReadAsync(
        NpgsqlDataReader reader, RunTicket ticket, WorkerIdentity worker, CancellationToken cancellationToken)
    {
        var claims = new List<(Claim Claim, List<RowFact> Rows)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var sessionId = reader.GetGuid(0);
            if (claims.Count == 0 || claims[^1].Claim.SessionId != sessionId)
            {
                var rows = new List<RowFact>();
                claims.Add((
                    new(
                        ticket.RunId,
                        worker.WorkerId,
                        sessionId,
                        reader.GetInt32(1),
                        reader.GetString(2),
                        reader.GetInt64(3),
                        reader.GetInt32(4),
                        rows,
                        Earlier(RowFacts.Text(reader, 5))),
                    rows));
            }

            if (RowFacts.ReadOne(reader, 6) is { } row)
                claims[^1].Rows.Add(row);
        }

        return [.. claims.Select(c => c.Claim)];
    }

    private static List<EarlierAttempt> Earlier(string? json)
    {
        if (json is null)
            return [];
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(a => new EarlierAttempt(
            a.GetProperty("position").GetInt32(),
            a.GetProperty("attempt").GetInt32(),
            a.GetProperty("outcome").GetString() is { } outcome ? Enum.Parse<BackfillOutcome>(outcome) : null))];
    }
}
