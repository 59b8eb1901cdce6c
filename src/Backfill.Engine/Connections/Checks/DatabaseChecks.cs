using System.Globalization;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Npgsql;

namespace Backfill.Engine.Connections.Checks;

/// <summary>What is asked of a database that has been reached.</summary>
internal sealed class DatabaseChecks(NpgsqlDataSource dataSource, PostgresUri uri, NpgsqlConnectionStringBuilder settings, TargetMap map)
{
    /// <summary>Every statement waits for a round trip, and a session takes a handful.</summary>
    private static readonly TimeSpan SlowRoundTrip = TimeSpan.FromMilliseconds(300);

    public Task<DatabaseProbe> ProbeAsync(TimeProvider time, CancellationToken cancellationToken) =>
        DatabaseErrors.GuardAsync(uri, () => DatabaseProbe.TakeAsync(dataSource, map, time, cancellationToken));

    public BackfillCheck Database(DatabaseProbe probe)
    {
        var detail = string.Create(
            CultureInfo.InvariantCulture,
            $"'{probe.Facts.Database}' at {uri} as '{probe.Facts.Role}'; {Tls()}; first answer after {probe.Opening.TotalMilliseconds:0} ms, then {probe.RoundTrip.TotalMilliseconds:0.0} ms a round trip.");
        return probe.Facts.IsReplica
                ? BackfillCheck.Fail("Database", $"{detail} It is a read replica.", "Name the primary in -DatabaseUrl (SUPABASE_DB_URL).")
            : probe.RoundTrip > SlowRoundTrip
                ? BackfillCheck.Warn("Database", detail, "Run from a machine nearer to the database, or lower the pace.")
            : BackfillCheck.Pass("Database", detail);
    }

    public static BackfillCheck Version(ServerFacts facts) => facts.Major >= ServerFacts.OldestMajor
        ? BackfillCheck.Pass("ServerVersion", $"PostgreSQL {facts.Version}.")
        : BackfillCheck.Fail(
            "ServerVersion", $"PostgreSQL {facts.Version}; {ServerFacts.OldestMajor} or newer is needed.", "Upgrade the project (infrastructure settings).");

    public Task<BackfillCheck> PoolerAsync(CancellationToken cancellationToken) => GuardAsync("Pooler", async () =>
        await PoolerProbe.TakeAsync(dataSource, uri, cancellationToken).ConfigureAwait(false) switch
        {
            PoolerMode.Direct => BackfillCheck.Pass("Pooler", "Direct: no pooler between here and the server."),
            PoolerMode.Session => BackfillCheck.Pass("Pooler", "A session pooler."),
            _ => BackfillCheck.Pass("Pooler", "A transaction pooler, which is fine: no session state is used."),
        });

    public Task<BackfillCheck> TablesAsync(CancellationToken cancellationToken) => GuardAsync("Tables", async () =>
    {
        await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return await TableChecks.TablesAsync(transaction, map, cancellationToken).ConfigureAwait(false);
    });

    public async Task<IReadOnlyList<BackfillCheck>> NeedsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await DatabaseErrors.GuardAsync(uri, async () =>
            {
                await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, cancellationToken).ConfigureAwait(false);
                return await TableChecks.NeedsAsync(transaction, map, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        catch (BackfillException e)
        {
            return [.. NeedChecks.Names.Select(n => CheckFailure.Of(n, e))];
        }
    }

    public Task<BackfillCheck> RightsAsync(ServerFacts facts, CancellationToken cancellationToken) => GuardAsync("OwnerRights", async () =>
    {
        await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return await TableChecks.RightsAsync(transaction, map, facts.Role, cancellationToken).ConfigureAwait(false);
    });

    public Task<BackfillCheck> AnonymousRoleAsync(ServerFacts facts, CancellationToken cancellationToken) =>
        GuardAsync("AnonRole", async () =>
    {
        await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return await AnonymousRoleCheck.TakeAsync(transaction, map, facts.Role, cancellationToken).ConfigureAwait(false);
    });

    public Task<BackfillCheck> LedgerAsync(
        ServerFacts facts, ProjectIdentity identity, BackfillEnvironment? expected, CancellationToken cancellationToken) =>
        GuardAsync("Ledger", async () =>
        {
            var install = await new LedgerInstaller(dataSource).ReadAsync(cancellationToken).ConfigureAwait(false);
            // With the project in doubt the ledger is judged by everything else; the check Project has failed already.
            var place = new TargetPlace(facts, identity, identity.Agreed ?? install?.ProjectRef ?? "(unknown)");
            return LedgerJudge.Refusal(install, place, expected, LedgerInstaller.NewestVersion) is { } refusal
                ? CheckFailure.Of("Ledger", refusal)
                : place.HasDoubtfulCluster
                    ? BackfillCheck.Warn(
                        "Ledger", $"{Words(install!)} The role may not call pg_control_system(), so the cluster is told by the project's name alone.",
                        "Have it granted, if you can: GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO the role.")
                    : BackfillCheck.Pass("Ledger", Words(install!));
        });

    private static string Words(LedgerInstall install) => string.Create(
        CultureInfo.InvariantCulture,
        $"{install.Environment} of project {install.ProjectRef}, schema {install.SchemaVersion}{(install.IsSandbox ? ", a sandbox" : "")}.");

    private string Tls() => settings.SslMode switch
    {
        SslMode.VerifyFull => "TLS, certificate and host verified",
        SslMode.VerifyCA => "TLS, certificate verified",
        SslMode.Require => "TLS, certificate not verified (sslmode=verify-full would)",
        _ => "on this machine, TLS not needed",
    };

    private async Task<BackfillCheck> GuardAsync(string name, Func<Task<BackfillCheck>> check)
    {
        try
        {
            return await DatabaseErrors.GuardAsync(uri, check).ConfigureAwait(false);
        }
        catch (BackfillException e)
        {
            return CheckFailure.Of(name, e);
        }
    }
}
