using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Profiles;
using Npgsql;

namespace Backfill.Engine.Connections;

/// <summary>Reads <see cref="ServerFacts"/> in one round trip.</summary>
internal static class ServerFactsReader
{
    /// <summary>The tables of the known system without which nothing here works.</summary>
    public static IReadOnlyList<string> KnownTables { get; } =
    [
        "public.assessment_sessions",
        .. Footprint.Known.Functions.SelectMany(f => f.Inputs),
        .. Footprint.Known.Tables.Where(t => !t.IsOptional).Select(t => t.Name),
    ];

    public static async Task<ServerFacts> ReadAsync(
        NpgsqlDataSource dataSource, TargetMap map, CancellationToken cancellationToken)
    {
        await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, cancellationToken).ConfigureAwait(false);
        await using var reader = await transaction.ExecuteAsync(
            [
                ReadOnlyTransaction.Command(
                    "Connections/read_target",
                    map.RequiredTables.Select(t => t.Split('.')[0]).ToArray(),
                    map.RequiredTables.Select(t => t.Split('.')[1]).ToArray()),
                ReadOnlyTransaction.Command("Connections/read_system_identifier"),
            ],
            cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var facts = Read(reader);
        try
        {
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            return facts with { SystemIdentifier = reader.GetString(0) };
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return facts;
        }
    }

    private static ServerFacts Read(NpgsqlDataReader reader) => new(
        reader.GetInt32(0),
        // "15.8 (Debian 15.8-1)": what follows the number is the packager's.
        reader.GetString(1).Split(' ')[0],
        reader.GetString(2),
        reader.GetInt64(3),
        reader.GetString(4),
        reader.GetBoolean(5),
        reader.GetFieldValue<string[]>(6),
        null);
}
