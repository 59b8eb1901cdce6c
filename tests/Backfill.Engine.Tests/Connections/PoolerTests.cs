using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Connections;

[Collection(ConnectionCollection.Name)]
public class PoolerTests(ConnectionWorld world)
{
    [Theory]
    [InlineData("transaction", "A transaction pooler")]
    [InlineData("session", "A session pooler")]
    public async Task Through_a_pooler_everything_is_as_it_is_without(string mode, string words)
    {
        Assert.SkipUnless(PgBouncer.Program is not null, "pgbouncer is not installed.");
        await using var pooler = await PgBouncer.StartAsync(world.Info.DatabaseUrl, mode);
        var options = world.Options(databaseUrl: world.DatabaseUrl(port: pooler.Port));

        var through = await ConnectionWorld.ConnectAsync(options, BackfillEnvironment.Staging);
        var checks = await SupabaseConnector.CheckAsync(options, null, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.Equal((await ConnectionWorld.ConnectAsync(world.Options())).Fingerprint, through.Fingerprint);
        await using var target = (await SupabaseConnector.ConnectAsync(options, null, requireLedger: false, TestContext.Current.CancellationToken)).Target;
        var again = await target.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: false, sandbox: true, TestContext.Current.CancellationToken);
        Assert.Equal(through.Fingerprint, again.Fingerprint);
        Assert.All(checks, c => Assert.True(c.Status == BackfillCheckStatus.Passed, c.ToString()));
        Assert.Contains(words, checks.Single(c => c.Name == "Pooler").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looking_leaves_nothing_behind_in_a_pooler_s_server_connection()
    {
        Assert.SkipUnless(PgBouncer.Program is not null, "pgbouncer is not installed.");
        await using var pooler = await PgBouncer.StartAsync(world.Info.DatabaseUrl, "transaction");
        var url = PostgresUri.Parse(world.DatabaseUrl(port: pooler.Port));
        await using var other = TargetDataSource.Create(url, DatabaseSettings.From(url));
        const string state = "SELECT current_user || current_setting('transaction_read_only') || current_setting('statement_timeout') || current_setting('row_security')";
        await using var command = other.CreateCommand(state);
        var before = await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);

        await SupabaseConnector.CheckAsync(world.Options(databaseUrl: world.DatabaseUrl(port: pooler.Port)), null, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        // The pooler has one server connection: this is the one that was looked through.
        Assert.Equal(before, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }
}
