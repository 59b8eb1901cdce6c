using Backfill.Connections;
using Npgsql;

namespace Backfill.Supabase.Ledger;

/// <summary>Installs the ledger by numbered migrations, in one transaction; again: upgrades.</summary>
internal sealed class LedgerInstaller(NpgsqlDataSource dataSource)
{
    private static readonly string[] Migrations = ["0001_ledger", "0002_rollback", "0003_soak", "0004_gates", "0005_rollback_accounting"];

    /// <summary>The version that this module installs.</summary>
    public static int NewestVersion => Migrations.Length;

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

    public async Task<LedgerInstall> InstallAsync(
        BackfillEnvironment environment, string projectRef, bool adopt, bool sandbox, CancellationToken cancellationToken)
    {
        var label = environment.ToString().ToLowerInvariant();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (var begin = LedgerBatch.Begin(connection)
            // Two installers at once: the second finds the work done.
            .Add("select pg_advisory_xact_lock(hashtext('backfill.install'))"))
        {
            await begin.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        var installed = await ReadInsideAsync(connection, cancellationToken).ConfigureAwait(false);
        Check(installed, environment, adopt);
        await using var finish = LedgerBatch.On(connection);
        foreach (var migration in Migrations.Skip(installed?.SchemaVersion ?? 0))
        {
            await using var script = new NpgsqlCommand(SqlText.Load($"Ledger/Migrations/{migration}"), connection);
            await script.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        finish.Add(SqlText.Load("Ledger/write_install"), label, projectRef, sandbox, NewestVersion);
        if (adopt)
            finish.Add(SqlText.Load("Ledger/adopt_install"), label, projectRef, sandbox);
        finish.Add("commit");
        await finish.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return (await ReadAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static void Check(LedgerInstall? installed, BackfillEnvironment environment, bool adopt)
    {
        if (installed is null)
            return;
        if (installed.SchemaVersion > NewestVersion)
        {
            throw new BackfillException(
                "LedgerTooNew",
                BackfillErrorKind.InvalidState,
                $"The ledger has version {installed.SchemaVersion}, this module knows up to {NewestVersion}. Use a newer module.");
        }

        if (installed.Environment != environment && !adopt)
        {
            throw new BackfillException(
                "EnvironmentMismatch",
                BackfillErrorKind.Refused,
                $"The ledger here says {installed.Environment}, not {environment}. Check the connection; a label is never changed in place.",
                environment);
        }
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
