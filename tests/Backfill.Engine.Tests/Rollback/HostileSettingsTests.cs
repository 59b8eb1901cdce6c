using Backfill.Engine.Connections;
using Backfill.Engine.Rollback;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A role whose own settings change what statements mean: the ledger's transactions set what they rely on themselves.</summary>
[Collection(ExactCollection.Name)]
public sealed class HostileSettingsTests(ExactWorld world) : IAsyncLifetime
{
    private const string Role = "of_other_habits";

    private static readonly (string Name, string Value)[] Settings =
    [
        ("synchronous_commit", "off"), ("default_transaction_isolation", "serializable"), ("default_transaction_deferrable", "on"),
        ("statement_timeout", "8s"), ("lock_timeout", "1ms"), ("idle_in_transaction_session_timeout", "3s"),
        ("client_encoding", "LATIN1"), ("standard_conforming_strings", "off"), ("escape_string_warning", "off"), ("backslash_quote", "off"),
        ("quote_all_identifiers", "on"), ("array_nulls", "off"), ("transform_null_equals", "on"),
        ("TimeZone", "Asia/Kolkata"), ("DateStyle", "SQL, DMY"), ("IntervalStyle", "iso_8601"), ("extra_float_digits", "-15"),
        ("bytea_output", "escape"), ("xmloption", "document"), ("xmlbinary", "hex"), ("search_path", "nowhere"), ("row_security", "on"),
        ("client_min_messages", "error"), ("check_function_bodies", "off"), ("exit_on_error", "on"), ("default_text_search_config", "german"),
        ("plan_cache_mode", "force_generic_plan"), ("enable_indexscan", "off"), ("enable_hashjoin", "off"), ("enable_nestloop", "off"),
        ("work_mem", "64kB"), ("constraint_exclusion", "on"),
    ];

    public async ValueTask InitializeAsync()
    {
        var password = new Uri(world.Sandbox.Info.DatabaseUrl).UserInfo.Split(':')[1];
        await world.ExecuteAsSuperuserAsync($"create role {Role} login bypassrls in role postgres password '{password}'");
        foreach (var (name, value) in Settings)
            await world.ExecuteAsSuperuserAsync($"alter role {Role} set {name} = {(name is "DateStyle" or "search_path" ? value : $"'{value}'")}");
        await world.ExecuteAsSuperuserAsync($"""
            create schema watch;
            create table watch.seen (what text, name text, value text);
            create function watch.see() returns trigger language plpgsql security definer set search_path = '' as $$
            begin
                if session_user = '{Role}' then
                    insert into watch.seen
                    select tg_table_name || ' ' || tg_op, s.name, current_setting(s.name)
                    from unnest(array[{string.Join(", ", Settings.Select(s => $"'{s.Name}'"))}, 'transaction_isolation']) as s (name);
                end if;
                return null;
            end $$;
            do $$
            declare t record;
            begin
                for t in select c.relname from pg_class c where c.relnamespace = 'backfill'::regnamespace and c.relkind = 'r' loop
                    execute format('create trigger see after insert or update on backfill.%I for each statement execute function watch.see()', t.relname);
                end loop;
            end $$
            """);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await world.ExecuteAsSuperuserAsync($"drop schema watch cascade; drop owned by {Role}; drop role {Role}");
    }

    [Fact]
    public async Task A_run_and_its_rollback_come_out_the_same_under_any_settings_of_a_role()
    {
        await world.SeedAsync();
        var (usual, results) = await ImagesOfAsync(await world.ApplyAsync());
        var through = await world.ConnectAsync(user: Role);
        await using var target = through.Target;

        await world.MustBeUndoneAsync(
            async run =>
            {
                var (images, outcomes) = await ImagesOfAsync(run);
                Assert.Equal(usual, images);
                Assert.Equal(results, outcomes);
                Assert.Empty((await world.LookAsync(new RollbackSelection(run), through)).Conflicts);
                var done = await world.UndoAsync(new RollbackSelection(run), through: through);
                Assert.Equal(BackfillRunState.RolledBack, done.State);
                Assert.All(done.Results, r => Assert.True(r.Verified, r.ToString()));
            },
            applied: through);

        foreach (var (name, values) in new[]
        {
            ("synchronous_commit", "on"), ("transaction_isolation", "read committed"), ("lock_timeout", "15s, 1s"), ("client_encoding", "UTF8"),
            ("standard_conforming_strings", "on"), ("quote_all_identifiers", "off"), ("array_nulls", "on"), ("TimeZone", "UTC"),
            ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("extra_float_digits", "1"), ("bytea_output", "hex"),
            ("xmloption", "content"), ("row_security", "off"), ("exit_on_error", "off"), ("idle_in_transaction_session_timeout", "1min"),
            // A statement of a short transaction, one over a whole run, and a rollback.
            ("statement_timeout", "0, 10min, 55s"),
        })
            Assert.Equal((name, values), (name, await SeenAsync(name)));
        Assert.NotEqual(0, await world.ScalarAsync<long>("select count(*) from watch.seen where what = 'item UPDATE'"));
    }

    [Fact]
    public async Task A_script_of_such_a_role_undoes_the_run_for_such_a_role()
    {
        var through = await world.ConnectAsync(user: Role);
        await using var target = through.Target;
        var url = new UriBuilder(world.Sandbox.Info.DatabaseUrl) { UserName = Role }.Uri.ToString();

        await world.MustBeUndoneAsync(
            async run =>
            {
                var script = await new RollbackPhase(through).WriteScriptAsync(
                    new(Guid.CreateVersion7(), new(run), BackfillConflictRule.Stop, "tester@here", null),
                    Apply.ApplyWorld.NewFolder(),
                    TestContext.Current.CancellationToken);
                // It refuses to be read otherwise than it was written.
                var refused = await Psql.RunFileAsync(url, script);
                Assert.Contains("standard_conforming_strings off", refused.Errors, StringComparison.Ordinal);
                await world.ExecuteAsSuperuserAsync($"alter role {Role} reset standard_conforming_strings; alter role {Role} set client_min_messages = notice");
                var end = await Psql.RunFileAsync(url, script);
                Assert.True(end.ExitCode == 0, end.Errors);
            },
            applied: through);
    }

    [Fact]
    public async Task A_role_that_is_in_replica_mode_by_default_keeps_foreign_keys_in_force_or_does_nothing()
    {
        await world.ExecuteAsSuperuserAsync($"alter role {Role} set session_replication_role = replica");
        var error = await Assert.ThrowsAnyAsync<BackfillException>(() => world.ConnectAsync(user: Role));
        Assert.Equal("PermissionDenied", error.Code);
        Assert.Contains("session_replication_role", error.Message, StringComparison.Ordinal);

        await world.ExecuteAsSuperuserAsync($"grant set on parameter session_replication_role to {Role}");
        try
        {
            var through = await world.ConnectAsync(user: Role);
            await using var target = through.Target;
            await world.MustBeUndoneAsync(
                async run => Assert.All(
                    (await world.UndoAsync(new RollbackSelection(run), through: through)).Results, r => Assert.True(r.Verified, r.ToString())),
                applied: through);
            // In replica mode the triggers that see it would not fire.
            Assert.NotEqual(0, await world.ScalarAsync<long>("select count(*) from watch.seen where what = 'item UPDATE'"));
        }
        finally
        {
            await world.ExecuteAsSuperuserAsync($"revoke set on parameter session_replication_role from {Role}");
        }
    }

    private async Task<(IReadOnlyList<string> Images, IReadOnlyList<string> Results)> ImagesOfAsync(Guid run) => (
        // Keys that identity columns gave differ from run to run.
        await world.LinesAsync(
            "select concat_ws('|', table_name, session_id, before_record) from backfill.image where run_id = $1 and table_name = 'exact.everything' order by 1", run),
        await world.LinesAsync(
            "select concat_ws('|', session_id, outcome, category, reason, rows_inserted, rows_updated, rows_deleted) from backfill.item where run_id = $1 order by 1", run));

    private async Task<string> SeenAsync(string name) => await world.ScalarAsync<string>(
        "select string_agg(distinct s.value, ', ' order by s.value) from watch.seen s where s.name = $1", name);
}
