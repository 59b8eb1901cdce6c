using Backfill.Engine.Connections;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>Installs the ledger by numbered migrations, in one transaction; again: upgrades.</summary>
internal sealed class LedgerInstaller(NpgsqlDataSource dataSource)
{
    private static readonly string[] Migrations =
        ["0001_ledger", "0002_rollback", "0003_soak", "0004_gates", "0005_rollback_accounting", "0006_truth",
            "0007_intent", "0008_hours_and_order_ids", "0009_guard", "0010_batch_review", "0011_ramp"];

    /// <summary>The version that this module installs.</summary>
    public static int NewestVersion => Migrations.Length;

    /// <summary>The version that a migration leads to.</summary>
    public static int VersionOf(string migration) => Array.IndexOf(Migrations, migration) + 1;

    /// <summary>The ledger's own account of itself; null where none is installed.</summary>
    public async Task<LedgerInstall?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
            batch.Add(SqlText.Load("Ledger/read_install"));
            await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? Read(reader) : null;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            return null;
        }
    }

    /// <summary>Installs, upgrades or adopts the ledger, in one transaction: what fails has changed nothing.</summary>
    /// <param name="place">Where, as it was read just now.</param>
    /// <param name="environment">The label it gets; a ledger in its own place with another one is refused.</param>
    /// <param name="adopt">Whether a ledger that came with a copy takes this place; one in its own place is then refused.</param>
    /// <param name="sandbox">Whether to mark the place as a sandbox.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>What the ledger says at the end.</returns>
    public async Task<LedgerInstall> InstallAsync(
        TargetPlace place, BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken)
    {
        var label = environment.ToString().ToLowerInvariant();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (var begin = LedgerBatch.Begin(connection).Slow()
            // Two installers at once: the second judges what the first has done.
            .Add("select pg_advisory_xact_lock(hashtext('backfill.install'))"))
        {
            await begin.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        var found = await ReadInsideAsync(connection, cancellationToken).ConfigureAwait(false);
        if (LedgerJudge.InstallRefusal(found, place, environment, adopt, sandbox, NewestVersion) is { } refusal)
            throw refusal;
        foreach (var migration in Migrations.Skip(found?.SchemaVersion ?? 0))
        {
            // As long as the transaction's statements may take.
            await using var script = new NpgsqlCommand(SqlText.Load($"Ledger/Migrations/{migration}"), connection) { CommandTimeout = 0 };
            await script.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        await using var write = LedgerBatch.On(connection).Add(
            SqlText.Load("Ledger/write_install"), label, place.Cluster, place.Facts.DatabaseOid, place.ProjectRef, sandbox, NewestVersion);
        if (adopt && found is not null)
        {
            write.Add(
                SqlText.Load("Ledger/adopt_install"), label, place.Cluster, place.Facts.DatabaseOid, place.ProjectRef, sandbox);
        }

        await write.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        // The label decides which plans may run here, so the ledger itself must say it.
        var written = await ReadInsideAsync(connection, cancellationToken).ConfigureAwait(false);
        if (LedgerJudge.WriteFailure(written, place, environment, NewestVersion) is { } failure)
            throw failure;
        await using var commit = LedgerBatch.On(connection).Add("commit");
        await commit.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return written!;
    }

    private static async Task<LedgerInstall?> ReadInsideAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var there = LedgerBatch.On(connection).Add("select to_regclass('backfill.install') is not null");
        await using (var reader = await there.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (!reader.GetBoolean(0))
                return null;
        }

        await using var install = LedgerBatch.On(connection).Add(SqlText.Load("Ledger/read_install"));
        await using var row = await install.ReadAsync(cancellationToken).ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false) ? Read(row) : null;
    }

    private static LedgerInstall Read(NpgsqlDataReader reader) => new(
        Enum.Parse<BackfillEnvironment>(reader.GetString(0), ignoreCase: true),
        reader.GetGuid(1),
        reader.GetString(2),
        reader.GetInt64(3),
        reader.GetString(4),
        reader.GetBoolean(5),
        reader.GetInt32(6));
}
