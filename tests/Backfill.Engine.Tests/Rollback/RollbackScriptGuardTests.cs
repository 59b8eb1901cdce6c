using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Apply;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

[Collection(ScriptCollection.Name)]
public sealed class RollbackScriptGuardTests(RunWorld world)
{
    private string Url => world.Sandbox.Info.DatabaseUrl;

    [Fact]
    public async Task Another_database_is_refused_by_name()
    {
        var (_, path, _) = await AppliedAsync();
        await SuperuserAsync("drop database if exists elsewhere");
        await SuperuserAsync("create database elsewhere");

        var end = await Psql.RunFileAsync(new UriBuilder(Url) { Path = "elsewhere" }.Uri.ToString(), path);

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("This is database elsewhere: ledger none", end.Errors, StringComparison.Ordinal);
        Assert.Contains(await InstallIdAsync(), end.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("select install_id::text from backfill.install", "00000000-0000-0000-0000-000000000001")]
    [InlineData("select system_identifier from backfill.install", "1234567890123456789")]
    public async Task Another_ledger_and_another_cluster_are_refused(string mine, string other)
    {
        var (_, path, _) = await AppliedAsync();
        var applied = await world.DumpAsync();
        await RollbackScripts.EditAsync(path, $"'{await world.ScalarAsync<string>(mine)}'", $"'{other}'");

        var end = await Psql.RunFileAsync(Url, path);

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains(other, end.Errors, StringComparison.Ordinal);
        // It may be the same ledger, adopted since.
        Assert.Contains("New-BackfillRollback", end.Errors, StringComparison.Ordinal);
        Assert.Equal(applied, await world.DumpAsync());
    }

    [Fact]
    public async Task A_ledger_whose_role_could_not_read_the_cluster_s_identifier_has_scripts_that_run()
    {
        var identifier = await world.ScalarAsync<string>("select system_identifier from backfill.install");
        await world.ExecuteAsync("update backfill.install set system_identifier = 'project:abc'");
        try
        {
            var (before, path, _) = await AppliedAsync();
            var end = await Psql.RunFileAsync(Url, path);
            Assert.True(end.ExitCode == 0, end.Errors);
            Assert.Equal(before, await world.DumpAsync());
        }
        finally
        {
            await world.ExecuteAsync("update backfill.install set system_identifier = $1", identifier);
        }
    }

    [Fact]
    public async Task A_client_that_goes_on_after_an_error_undoes_nothing()
    {
        var (_, path, _) = await AppliedAsync();
        var applied = await world.DumpAsync();
        await RollbackScripts.EditAsync(path, $"'{await InstallIdAsync()}'", "'00000000-0000-0000-0000-000000000001'");

        // Each statement in a savepoint of its own: the error of a guard does not end the transaction.
        var end = await Psql.RunFileAsync(Url, path, "-v", "ON_ERROR_STOP=0", "-v", "ON_ERROR_ROLLBACK=on");

        Assert.Contains("A guard has refused this script", end.Errors, StringComparison.Ordinal);
        Assert.Empty(end.Tables);
        Assert.Equal(applied, await world.DumpAsync());
    }

    [Fact]
    public async Task A_script_that_was_cut_off_or_lost_a_row_undoes_nothing()
    {
        var (_, path, _) = await AppliedAsync();
        var applied = await world.DumpAsync();
        var lines = await File.ReadAllLinesAsync(path);
        await File.WriteAllLinesAsync(path + ".cut", lines.TakeWhile(l => l != "commit;"));
        var first = Array.FindIndex(lines, l => l.StartsWith("insert into pg_temp.backfill_image", StringComparison.Ordinal)) + 1;
        await File.WriteAllLinesAsync(path + ".lost", lines.Where((_, i) => i != first));

        var cut = await Psql.RunFileAsync(Url, path + ".cut");
        var lost = await Psql.RunFileAsync(Url, path + ".lost");

        Assert.Empty(cut.Tables);
        Assert.Contains("a part of it is missing", lost.Errors, StringComparison.Ordinal);
        Assert.Equal(applied, await world.DumpAsync());
    }

    [Fact]
    public async Task A_run_that_is_worked_on_is_refused()
    {
        var (_, path, run) = await AppliedAsync();
        await world.ExecuteAsync("update backfill.worker set ended_at = null, seen_at = clock_timestamp() + interval '1 hour' where run_id = $1", run);

        var end = await Psql.RunFileAsync(Url, path);

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("can't be rolled back now: worker", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_has_gone_on_is_refused()
    {
        var (_, path, run) = await AppliedAsync();
        await world.ExecuteAsync("update backfill.item set settled_at = clock_timestamp() where run_id = $1 and ordinal = 1", run);

        var end = await Psql.RunFileAsync(Url, path);

        Assert.NotEqual(0, end.ExitCode);
        Assert.Contains("1 sessions were worked on after this script had been written", end.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_was_rolled_back_by_the_cmdlet_is_left_alone()
    {
        var (before, path, run) = await AppliedAsync();
        await world.Connection.Target.Rollbacks.UndoAsync(
            new(Guid.CreateVersion7(), new(run), BackfillConflictRule.Stop, "tester@here", null), CancellationToken.None);

        var end = await Psql.RunFileAsync(Url, path);

        Assert.Equal(0, end.ExitCode);
        Assert.All(end.Tables, t => Assert.Equal("rolled back already, nothing was left to undo", t[9]));
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task A_role_without_the_ledger_undoes_it_too_and_is_told_what_that_means()
    {
        var (before, path, run) = await AppliedAsync(world.New.Take(3));
        var url = await StrangerAsync();

        var end = await Psql.RunFileAsync(url, path);
        var again = await Psql.RunFileAsync(url, path);

        Assert.Contains("may not read the ledger", end.Errors, StringComparison.Ordinal);
        Assert.All(end.Tables, t => Assert.Equal("as expected; not recorded in the ledger", t[9]));
        Assert.Equal("Completed", await world.ScalarAsync<string>("select state from backfill.run where run_id = $1", run));
        // What is as it was before the run needs no ledger to be known for it.
        Assert.Equal(0, again.ExitCode);
        Assert.All(again.Tables, t => Assert.Equal(("0", "0", "0", "0", "t"), (t[2], t[4], t[6], t[7], t[8])));
        Assert.Equal(before, await world.DumpAsync());
    }

    private Task<string> InstallIdAsync() => world.ScalarAsync<string>("select install_id::text from backfill.install");

    private async Task<(IReadOnlyList<string> Before, string Path, Guid Run)> AppliedAsync(IEnumerable<Guid>? sessions = null)
    {
        Assert.SkipWhen(Psql.Missing is not null, Psql.Missing ?? "");
        await world.FreshAsync();
        var before = await world.DumpAsync();
        var run = (await world.ApplyAsync(ApplyWorld.PlanOf([.. sessions ?? world.Mixed(6)]))).Run;
        return (before, await world.ScriptAsync(run.RunId), run.RunId);
    }

    private async Task SuperuserAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(world.Sandbox.Info.SuperuserConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A role that may write the target's rows, and has no right to the ledger.</summary>
    private async Task<string> StrangerAsync()
    {
        await SuperuserAsync("""
            create role stranger login bypassrls password 'secret';
            grant usage on schema public to stranger;
            grant select, insert, update, delete on all tables in schema public to stranger
            """);
        return new UriBuilder(Url) { UserName = "stranger", Password = "secret" }.Uri.ToString();
    }
}
