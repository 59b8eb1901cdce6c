using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Npgsql;

namespace Backfill.Engine.Connections.Checks;

/// <summary>What a few round trips told.</summary>
/// <param name="Facts">The server.</param>
/// <param name="Opening">How long the first connection and its first statement took.</param>
/// <param name="RoundTrip">The shortest round trip.</param>
/// <param name="Clock">The server's clock at that round trip.</param>
internal sealed record DatabaseProbe(ServerFacts Facts, TimeSpan Opening, TimeSpan RoundTrip, ClockReading Clock)
{
    private const int Samples = 5;

    public static async Task<DatabaseProbe> TakeAsync(
        NpgsqlDataSource dataSource, TargetMap map, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var facts = await ServerFactsReader.ReadAsync(dataSource, map, cancellationToken).ConfigureAwait(false);
        var opening = time.GetElapsedTime(start);

        await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, cancellationToken).ConfigureAwait(false);
        var readings = new List<ClockReading>();
        for (var i = 0; i < Samples; i++)
        {
            var before = time.GetUtcNow();
            var rows = await transaction.ReadAsync(
                ReadOnlyTransaction.Command("Connections/Checks/read_clock"),
                r => r.GetFieldValue<DateTimeOffset>(0),
                cancellationToken).ConfigureAwait(false);
            readings.Add(new(rows[0], rows[0], before, time.GetUtcNow()));
        }

        var best = readings.MinBy(r => r.Received - r.Sent)!;
        return new(facts, opening, best.Received - best.Sent, best);
    }
}
