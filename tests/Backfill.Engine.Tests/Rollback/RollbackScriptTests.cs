using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Connections;

namespace Backfill.Engine.Tests.Rollback;

[Collection(ScriptCollection.Name)]
public sealed class RollbackScriptTests(RunWorld world)
{
    private const string Nasty = """
        update public.profiles set overlay = E'two\nlines\r\nand\ta tab, \\ and \\n, it''s "quoted", 😀 é \u0085 \u2028 \u2029 \x01\x7f $backfill$ :name :\'name\' ; --',
            fit_band = '\', payload = jsonb_build_object('k', E'\\u2028 \n '' " \\'), version = ''
        where session_id = any ($1)
        """;

    private string Url => world.Sandbox.Info.DatabaseUrl;

    [Fact]
    public async Task Psql_undoes_a_run_to_the_byte()
    {
        var (before, path, run) = await AppliedAsync();

        var end = await Psql.RunFileAsync(Url, path);

        Assert.Equal(("", 0), (end.Errors, end.ExitCode));
        Assert.All(end.Tables, t => Assert.Equal(("t", "0", "as expected; the run is rolled back"), (t[8], t[7], t[9])));
        Assert.All(end.Tables, t => Assert.Equal((t[1], t[3], t[5]), (t[2], t[4], t[6])));
        Assert.Equal(before, await world.DumpAsync());
        Assert.Equal("RolledBack", await world.ScalarAsync<string>("select state from backfill.run where run_id = $1", run));
        Assert.Equal("Łucja@here it's a \"test\"\nof two lines \\ ✓ true", await world.ScalarAsync<string>(
            "select concat_ws(' ', operator, reason, by_script::text) from backfill.rollback where run_id = $1", run));
    }

    [Fact]
    public async Task One_message_undoes_it_too_as_the_editor_sends_it()
    {
        var (before, path, _) = await AppliedAsync();

        var end = await Psql.RunAsOneMessageAsync(Url, path);

        Assert.Equal(("", 0), (end.Errors, end.ExitCode));
        Assert.All(end.Tables, t => Assert.Equal("as expected; the run is rolled back", t[9]));
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task One_message_through_a_transaction_pooler_undoes_it_too()
    {
        Assert.SkipWhen(PgBouncer.Program is null, "pgbouncer is not installed");
        var (before, path, _) = await AppliedAsync();
        await using var pooler = await PgBouncer.StartAsync(Url, "transaction");

        var end = await Psql.RunAsOneMessageAsync(new UriBuilder(Url) { Port = pooler.Port }.Uri.ToString(), path);

        Assert.Equal(("", 0), (end.Errors, end.ExitCode));
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task Script_and_cmdlet_report_the_same()
    {
        var (_, path, run) = await AppliedAsync();
        var look = await world.Connection.Target.Rollbacks.LookAsync(new(run), CancellationToken.None);

        var end = await Psql.RunFileAsync(Url, path);

        Assert.Equal(
            look.Tables.Select(t => FormattableString.Invariant($"{t.Table}|{t.ToDelete}|{t.ToRestore}|{t.ToReinsert}")),
            end.Tables.Select(t => $"{t[0]}|{t[2]}|{t[4]}|{t[6]}"));
        Assert.Contains(end.Tables, t => t[2] != "0");
        Assert.Contains(end.Tables, t => t[4] != "0");
    }

    [Fact]
    public async Task Run_twice_it_does_no_harm_and_says_so()
    {
        var (before, path, run) = await AppliedAsync();
        await Psql.RunFileAsync(Url, path);

        var end = await Psql.RunFileAsync(Url, path);

        Assert.Equal(0, end.ExitCode);
        Assert.Contains("rolled back already", end.Errors, StringComparison.Ordinal);
        Assert.All(end.Tables, t => Assert.Equal(("0", "0", "0", "0"), (t[2], t[4], t[6], t[7])));
        Assert.All(end.Tables, t => Assert.Equal("rolled back already, nothing was left to undo", t[9]));
        Assert.Equal(before, await world.DumpAsync());
        Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from backfill.rollback where run_id = $1", run));
    }

    [Fact]
    public async Task With_Stop_conflicts_are_listed_and_nothing_has_changed()
    {
        var (_, path, run) = await AppliedAsync();
        var session = await ChangeOneAsync(run);
        var applied = await world.DumpAsync();

        var end = await Psql.RunFileAsync(Url, path);

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains($"public.profiles ({session}) of session {session}: Changed", end.Errors, StringComparison.Ordinal);
        Assert.Empty(end.Tables);
        Assert.Equal(applied, await world.DumpAsync());
    }

    [Fact]
    public async Task With_Skip_in_the_marked_line_they_stay_and_the_rest_is_undone()
    {
        var (_, path, run) = await AppliedAsync();
        var session = await ChangeOneAsync(run);
        await RollbackScripts.EditAsync(path, RollbackScripts.Stop, RollbackScripts.Skip);

        var end = await Psql.RunFileAsync(Url, path);

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        Assert.Contains($"{session}|public.profiles|({session})|Changed|", end.Output, StringComparison.Ordinal);
        Assert.Equal(
            "1 rows left as they are; 1 sessions still hold changes of the run",
            end.Tables.Single(t => t[0] == "public.profiles")[9]);
        Assert.Equal("changed", await world.ScalarAsync<string>("select overlay from public.profiles where session_id = $1", session));
        Assert.Equal("Completed", await world.ScalarAsync<string>("select state from backfill.run where run_id = $1", run));
    }

    [Fact]
    public async Task What_was_left_as_a_conflict_can_be_undone_by_the_same_script_later()
    {
        var (before, path, run) = await AppliedAsync();
        var session = await ChangeOneAsync(run);
        await RollbackScripts.EditAsync(path, RollbackScripts.Stop, RollbackScripts.Skip);
        await Psql.RunFileAsync(Url, path);
        await world.ExecuteAsync("alter table public.profiles disable trigger user");
        await world.ExecuteAsync("update public.profiles p set overlay = k.overlay, updated_at = k.updated_at from public.kept_profile k where p.session_id = k.session_id");
        await world.ExecuteAsync("alter table public.profiles enable trigger user");

        var end = await Psql.RunFileAsync(Url, path);

        Assert.Equal(0, end.ExitCode);
        Assert.Equal("some of it had been undone before; the run is rolled back", end.Tables.Single(t => t[0] == "public.profiles")[9]);
        Assert.Equal(before, await world.DumpAsync());
        Assert.NotEqual(Guid.Empty, session);
    }

    [Fact]
    public async Task A_script_of_some_sessions_undoes_those_and_leaves_the_run_open()
    {
        var (before, _, run) = await AppliedAsync();
        var sessions = await world.IdsOfAsync(run);
        var path = await world.ScriptAsync(new RollbackSelection(run, sessions.Take(5).ToList()));

        var end = await Psql.RunFileAsync(Url, path);

        Assert.All(end.Tables, t => Assert.Equal("as expected; 7 sessions still hold changes of the run", t[9]));
        var now = await world.DumpAsync();
        Assert.All(sessions.Take(5), s => Assert.Equal(Of(before, s), Of(now, s)));
        Assert.All(sessions.Skip(5), s => Assert.NotEqual(Of(before, s), Of(now, s)));

        // What is left is then the whole run's, and the first five are not undone twice.
        var rest = await Psql.RunFileAsync(Url, await world.ScriptAsync(run));
        Assert.Equal((0, ""), (rest.ExitCode, rest.Errors));
        Assert.Equal(before, await world.DumpAsync());
    }

    private static IEnumerable<string> Of(IEnumerable<string> dump, Guid session) =>
        dump.Where(l => l.Contains(session.ToString(), StringComparison.Ordinal));

    private async Task<(IReadOnlyList<string> Before, string Path, Guid Run)> AppliedAsync()
    {
        Assert.SkipWhen(Psql.Missing is not null, Psql.Missing ?? "");
        await world.FreshAsync();
        var sessions = world.Mixed(12).ToArray();
        await world.ExecuteAsync(Nasty, sessions);
        var before = await world.DumpAsync();
        var run = (await world.ApplyAsync(ApplyWorld.PlanOf(sessions))).Run;
        Assert.NotEqual(before, await world.DumpAsync());
        return (before, await world.ScriptAsync(run.RunId), run.RunId);
    }

    /// <summary>Somebody changes a profile of the run, and keeps it as it was.</summary>
    private async Task<Guid> ChangeOneAsync(Guid run)
    {
        var session = (await world.IdsOfAsync(run))[0];
        await world.ExecuteAsync("drop table if exists public.kept_profile");
        await world.ExecuteAsync($"create table public.kept_profile as select * from public.profiles where session_id = '{session}'");
        await world.ExecuteAsync("update public.profiles set overlay = 'changed' where session_id = $1", session);
        return session;
    }
}
