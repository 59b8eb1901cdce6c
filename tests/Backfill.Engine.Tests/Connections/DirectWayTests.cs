using System.Net;
using System.Text.RegularExpressions;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Tests.Connections;

[Collection(ConnectionCollection.Name)]
public partial class DirectWayTests(ConnectionWorld world)
{
    private static readonly IPEndPoint Client = new(IPAddress.Loopback, 40_000);

    private static readonly IPEndPoint Server = new(IPAddress.Loopback, 5_432);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void A_connection_is_proved_by_its_own_socket_at_both_ends_and_the_announced_process()
    {
        var line = new Line(Client, Server);
        Assert.True(DirectWay.IsProved(7, 7, line, line));
        // PgBouncer makes the announced process up.
        Assert.False(DirectWay.IsProved(7, 8, line, line));
        // A pooler beside us has another port, and where it had the same one by chance, it is connected to another server than we are.
        Assert.False(DirectWay.IsProved(7, 7, line, line with { Client = new(IPAddress.Loopback, 40_001) }));
        Assert.False(DirectWay.IsProved(7, 7, line, line with { Server = new(IPAddress.Loopback, 6_432) }));
        // An address that is translated on the way, a Unix socket, or a socket that can't be found.
        Assert.False(DirectWay.IsProved(7, 7, line, line with { Client = new(IPAddress.Parse("192.0.2.1"), 40_000) }));
        Assert.False(DirectWay.IsProved(7, 7, line, default));
        Assert.False(DirectWay.IsProved(7, 7, default, default));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task Statements_are_prepared_on_a_direct_connection_and_never_through_a_pooler(string? mode)
    {
        Assert.SkipUnless(mode is null || PgBouncer.Program is not null, "pgbouncer is not installed.");
        await using var pooler = mode is null ? null : await PgBouncer.StartAsync(world.Info.DatabaseUrl, mode);
        await using var source = Source(pooler?.Port);
        // Several physical connections, each of which is proved by itself.
        await using var first = await source.OpenConnectionAsync(Stop);
        await using var second = mode == "transaction" ? null : await source.OpenConnectionAsync(Stop);

        foreach (var connection in new[] { first, second }.OfType<NpgsqlConnection>())
        {
            Assert.Equal([1, 1, 1], await FrequentAsync(source, connection, 3));
            Assert.Equal(mode is null, await PreparedAsync(connection) > 0);
        }

        Assert.Equal(mode is null, TargetDataSource.WayOf(source)!.IsDirect);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("session")]
    [InlineData("transaction")]
    public async Task A_frequent_transaction_has_all_settings_and_a_pooler_keeps_none_of_them(string? mode)
    {
        Assert.SkipUnless(mode is null || PgBouncer.Program is not null, "pgbouncer is not installed.");
        await using var pooler = mode is null ? null : await PgBouncer.StartAsync(world.Info.DatabaseUrl, mode);
        await using var usual = Source();
        await using var source = TargetDataSource.Create(Url(pooler?.Port), DatabaseSettings.From(Url(pooler?.Port)), LedgerBatch.SessionSettings);
        var names = Setting().Matches(LedgerBatch.SessionSettings).Select(m => m.Groups[1].Value).Distinct().ToList();
        var select = $"select array[{string.Join(", ", names.Select(n => $"current_setting('{n}', true)"))}]";

        Assert.InRange(names.Count, 20, 30);
        Assert.Equal(await AskAsync(usual), await AskAsync(source));
        Assert.Equal(mode is null, TargetDataSource.WayOf(source)!.IsSetUp);
        await using var command = source.CreateCommand("select current_setting('search_path')");
        Assert.Equal(mode is null, (string)(await command.ExecuteScalarAsync(Stop))! is "" or "\"\"");

        Task<string[]> AskAsync(NpgsqlDataSource from) => new LedgerOperations(from, Url(), TimeProvider.System, DatabasePatience.Default).AgainAsync(
            (batch, token) => batch.Frequent().Add(select).QueryRowAsync(r => r.GetFieldValue<string[]>(0), token), Stop);
    }

    [Fact]
    public async Task Where_prepared_statements_have_got_lost_they_are_no_longer_used_and_nothing_fails()
    {
        await using var source = Source();
        var operations = new LedgerOperations(source, Url(), TimeProvider.System, DatabasePatience.Default);
        Assert.Equal(1, await AskAsync());
        // As a pooler that is taken for none would do it.
        await using (var command = source.CreateCommand("deallocate all"))
            await command.ExecuteNonQueryAsync(Stop);

        Assert.Equal(1, await AskAsync());
        Assert.False(TargetDataSource.WayOf(source)!.IsDirect);

        Task<int> AskAsync() => operations.AgainAsync(
            (batch, token) => batch.Frequent(source).Add("select 1").QueryRowAsync(r => r.GetInt32(0), token), Stop);
    }

    [Fact]
    public async Task A_table_that_changes_under_a_prepared_statement_is_read_as_it_is_then()
    {
        await using var source = Source();
        var operations = new LedgerOperations(source, Url(), TimeProvider.System, DatabasePatience.Default);
        await world.WithAsync(
            "create table public.grown as select 1 as a; grant select on public.grown to public",
            "drop table public.grown",
            async () =>
            {
                Assert.Equal(1, await AskAsync());
                // The type of what it gives is another one: the plan that was kept no longer fits.
                await world.ExecuteAsync("alter table public.grown alter column a type text");
                Assert.Equal("1", await AskAsync());
            });

        Task<object> AskAsync() => operations.AgainAsync(
            (batch, token) => batch.Frequent(source).Add("select a from public.grown").QueryRowAsync(r => r.GetValue(0), token), Stop);
    }

    private static async Task<IReadOnlyList<int>> FrequentAsync(NpgsqlDataSource source, NpgsqlConnection connection, int times)
    {
        var answers = new List<int>();
        for (var i = 0; i < times; i++)
        {
            await using var batch = LedgerBatch.Begin(connection).Frequent(source);
            answers.Add(await batch.Add("select $1", 1).Add("commit").QueryRowAsync(r => r.GetInt32(0), Stop));
        }

        return answers;
    }

    private static async Task<long> PreparedAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select count(*) from pg_catalog.pg_prepared_statements", connection);
        return (long)(await command.ExecuteScalarAsync(Stop))!;
    }

    [GeneratedRegex(@"set_config\('(\w+)'")]
    private static partial Regex Setting();

    private PostgresUri Url(int? port = null) => PostgresUri.Parse(world.DatabaseUrl(port: port));

    private NpgsqlDataSource Source(int? port = null) => TargetDataSource.Create(Url(port), DatabaseSettings.From(Url(port)));
}
