using System.Text.Json;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Apply.Claim;

/// <summary>Reads claims from what <c>claim.sql</c> gives: a row for each claim, then one for each row of its session.</summary>
internal static class ClaimReader
{
    public static async Task<IReadOnlyList<ClaimedSession>> ReadAsync(
        NpgsqlDataReader reader, RunTicket ticket, WorkerIdentity worker, CancellationToken cancellationToken)
    {
        var claims = new List<ClaimedSession>();
        var rows = new Dictionary<Guid, List<RowFact>>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var sessionId = reader.GetGuid(0);
            if (RowFacts.ReadOne(reader, 6) is { } row)
            {
                rows[sessionId].Add(row);
                continue;
            }

            rows.Add(sessionId, []);
            claims.Add(new(
                ticket.RunId,
                worker.WorkerId,
                sessionId,
                reader.GetInt32(1),
                reader.GetString(2),
                reader.GetInt64(3),
                reader.GetInt32(4),
                rows[sessionId],
                Earlier(RowFacts.Text(reader, 5)),
                reader.GetBoolean(13)));
        }

        // At a first claim the images are being made from these very rows, and no look-up can see them yet.
        return [.. claims.Select(c => c.Number > 1 ? c : c with { Rows = [.. c.Rows.Select(AsImaged)] })];
    }

    private static RowFact AsImaged(RowFact row) => row with { BeforeVersion = row.CurrentVersion, KnownHash = row.CurrentHash };

    private static List<EarlierAttempt> Earlier(string? json)
    {
        if (json is null)
            return [];
        using var document = JsonDocument.Parse(json);
        return [.. document.RootElement.EnumerateArray().Select(a => new EarlierAttempt(
            a.GetProperty("position").GetInt32(),
            a.GetProperty("attempt").GetInt32(),
            a.GetProperty("outcome").GetString() is { } outcome ? Enum.Parse<BackfillOutcome>(outcome) : null,
            a.GetProperty("category").GetString() is { } category ? Enum.Parse<BackfillCategory>(category) : null,
            a.GetProperty("message").GetString(),
            a.GetProperty("fence").GetInt64()))];
    }
}
