using Backfill.Engine.Apply.Call;
using Backfill.Engine.Gates;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>After a rollback every row of its sessions is what it was before the run, or a conflict that is named; whatever came between.</summary>
[Collection(RollbackCollection.Name)]
public sealed class AccountingTests(RollbackWorld world)
{
    /// <summary>What somebody, or a call that was given up, writes after the session has settled; and what takes it back.</summary>
    private static readonly Dictionary<string, (string Write, string Conflict, string TakeBack)> Late = new()
    {
        ["a row that came"] = (
            "insert into public.scoring_results_functions values ($1, 'Te', 0.5, 1)",
            "public.scoring_results_functions ($1,Te) $1 Added",
            "delete from public.scoring_results_functions where session_id = $1 and func = 'Te'"),
        ["a row that the run had left alone"] = (
            "update public.scoring_results_functions set strength = 0.75 where session_id = $1 and func = 'Ni'",
            "public.scoring_results_functions ($1,Ni) $1 Changed",
            "update public.scoring_results_functions set strength = 0.25 where session_id = $1 and func = 'Ni'"),
        ["a row that the run had left alone and is gone"] = (
            "delete from public.scoring_results_functions where session_id = $1 and func = 'Ni'",
            "public.scoring_results_functions ($1,Ni) $1 Deleted",
            "insert into public.scoring_results_functions values ($1, 'Ni', 0.25, 2)"),
        ["a row that a call wrote and said no to"] = (
            "",
            "public.scoring_results_functions ($1,Si) $1 Added",
            "delete from public.scoring_results_functions where session_id = $1 and func = 'Si'"),
    };

    public static IEnumerable<TheoryDataRow<string, bool, bool>> Cases =>
        from what in Late.Keys
        from byScript in (bool[])[false, true]
        // Of some sessions it is no other comparison: one kind of row will do.
        from whole in what == Late.Keys.First() ? (bool[])[true, false] : [true]
        select new TheoryDataRow<string, bool, bool>(what, byScript, whole);

    public static IEnumerable<TheoryDataRow<string>> Kinds => Late.Keys.Select(what => new TheoryDataRow<string>(what));

    private Guid Whose => world.WithBoth[0];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task It_is_named_and_stays_until_it_is_taken_back(string what, bool byScript, bool whole)
    {
        Assert.SkipWhen(byScript && Psql.Missing is not null, Psql.Missing ?? "");
        var (before, run) = await SettledAsync(saysNo: what.EndsWith("said no to", StringComparison.Ordinal));
        await OfAsync(Late[what].Write);
        var late = await world.DumpAsync();
        var selection = whole ? new RollbackSelection(run.Id) : new(run.Id, [Whose, world.New[0]]);
        string[] named = [Late[what].Conflict.Replace("$1", $"{Whose}", StringComparison.Ordinal)];
        var undoing = new Undoing(world, byScript);

        Assert.Equal(named, await undoing.LookAsync(selection));
        Assert.Equal(named, await undoing.StopAsync(selection));
        Assert.Equal(late, await world.DumpAsync());
        Assert.Equal(named, await undoing.SkipAsync(selection));

        await MustBeAsBeforeAsync(before, whole ? run.Sessions : selection.Sessions!, but: $"{Whose}");
        Assert.Equal(BackfillRunState.Completed, (await run.ReadAsync()).State);
        // What was left is all that a second one looks at; and what comes then is nothing of the run's.
        await OfAsync("insert into public.scoring_results_functions values ($1, 'Fe', 0.5, 3)");
        Assert.Equal(named, await undoing.LookAsync(selection));
        Assert.Equal(named, await undoing.SkipAsync(selection));
        await OfAsync(Late[what].TakeBack);
        Assert.Empty(await undoing.LookAsync(new(run.Id)));
        Assert.Empty(await undoing.SkipAsync(new(run.Id)));
        Assert.Equal(BackfillRunState.RolledBack, (await run.ReadAsync()).State);
        await OfAsync("delete from public.scoring_results_functions where session_id = $1 and func = 'Fe'");
        Assert.Equal(before, await world.DumpAsync());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_gate_says_what_the_look_says(string what)
    {
        var (_, run) = await SettledAsync(saysNo: what.EndsWith("said no to", StringComparison.Ordinal));
        var (readyBefore, changedBefore) = await CriteriaAsync(run.Id);
        await OfAsync(Late[what].Write);

        var (ready, changed) = await CriteriaAsync(run.Id);

        var key = Late[what].Conflict.Replace("$1", $"{Whose}", StringComparison.Ordinal).Split(' ')[1];
        Assert.Equal(("1 row is in conflict, and would stay as it is", (bool?)false), (ready.Actual, ready.Passed));
        Assert.Equal(($"1 row: public.scoring_results_functions {key} of session {Whose}", (bool?)false), (changed.Actual, changed.Passed));
        Assert.Equal(Late[what].Write.Length > 0, readyBefore.Passed == true && changedBefore.Passed == true);
        await world.UndoAsync(run.Id, BackfillConflictRule.Skip);
        // What is rolled back is no longer as the run left it, and need not be; the row that stayed is still named.
        Assert.Equal((changed.Actual, ready.Actual), await CriteriaAsync(run.Id) is var (r, c) ? (c.Actual, r.Actual) : default);
        await OfAsync(Late[what].TakeBack);
        await world.UndoAsync(run.Id, BackfillConflictRule.Skip);
        Assert.Equal(("none", "complete"), await CriteriaAsync(run.Id) is var (r2, c2) ? (c2.Actual, r2.Actual) : default);
    }

    [Fact]
    public async Task A_row_that_is_again_what_it_was_has_changed_and_is_no_conflict()
    {
        var (before, run) = await SettledAsync();
        await world.ExecuteAsync("delete from public.fc_scores where session_id = $1", world.New[0]);

        var (ready, changed) = await CriteriaAsync(run.Id);

        Assert.Equal(("complete", true), (ready.Actual, ready.Passed));
        Assert.False(changed.Passed);
        Assert.Empty((await world.LookAsync(run.Id)).Conflicts);
        Assert.Equal(BackfillRunState.RolledBack, (await world.UndoAsync(run.Id)).State);
        Assert.Equal(before, await world.DumpAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_that_comes_while_the_run_is_rolled_back_is_found_before_the_commit(bool byScript)
    {
        Assert.SkipWhen(byScript && Psql.Missing is not null, Psql.Missing ?? "");
        var (_, run) = await SettledAsync();
        var state = (await world.LinesAsync("select state from kept.scoring_results_state where session_id = $1 limit 1", Whose))[0];
        var undoing = new Undoing(world, byScript);
        IReadOnlyList<string> late;
        Exception? refusal;
        // Its rows are looked at; then it waits, for a row of its own may come back twice.
        await using (var obstacle = await Obstacle.RaiseAsync(world, $"insert into public.scoring_results_state values ('{Whose}', '{state}', 9)"))
        {
            var skipping = undoing.SkipAsync(new(run.Id));
            await obstacle.HoldsUpAsync();
            await OfAsync("insert into public.scoring_results_functions values ($1, 'Te', 0.5, 1)");
            late = await world.DumpAsync();
            await obstacle.DisposeAsync();
            refusal = await Record.ExceptionAsync(() => skipping);
        }

        Assert.Equal(byScript ? null : "RollbackNotVerified", (refusal as BackfillException)?.Code);
        Assert.Contains($"1 rows of public.scoring_results_functions came or changed while the run was rolled back (({Whose},Te) of session {Whose})", refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(late, await world.DumpAsync());
        Assert.Equal([$"public.scoring_results_functions ({Whose},Te) {Whose} Added"], await undoing.SkipAsync(new(run.Id)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_a_session_that_never_settled_every_row_that_differs_is_named(bool byScript)
    {
        Assert.SkipWhen(byScript && Psql.Missing is not null, Psql.Missing ?? "");
        var (before, run) = await SettledAsync();
        // As if its worker had died: the images are those of its claim.
        await world.ExecuteAsync(
            "update backfill.item set state = 'pending', outcome = null, category = null, settled_at = null where run_id = $1 and session_id = $2", run.Id, Whose);
        await world.TimePassesAsync();
        await OfAsync("insert into public.scoring_results_functions values ($1, 'Te', 0.5, 1)");
        var undoing = new Undoing(world, byScript);
        var look = await undoing.LookAsync(new(run.Id));

        Assert.Contains($"public.scoring_results_functions ({Whose},Te) {Whose} Unsettled", look);
        Assert.Contains($"public.profiles ({Whose}) {Whose} Unsettled", look);
        Assert.All(look, l => Assert.EndsWith($" {Whose} Unsettled", l, StringComparison.Ordinal));
        Assert.Equal(look, await undoing.StopAsync(new(run.Id)));
        Assert.Equal(look, await undoing.SkipAsync(new(run.Id)));
        await MustBeAsBeforeAsync(before, run.Sessions, but: $"{Whose}");
        Assert.Equal(look, await undoing.SkipAsync(new(run.Id)));
    }

    [Fact]
    public async Task The_same_script_once_more_knows_what_it_left()
    {
        Assert.SkipWhen(Psql.Missing is not null, Psql.Missing ?? "");
        var (before, run) = await SettledAsync();
        var path = await world.ScriptAsync(run.Id);
        await RollbackScripts.EditAsync(path, RollbackScripts.Stop, RollbackScripts.Skip);
        await OfAsync("insert into public.scoring_results_functions values ($1, 'Te', 0.5, 1)");

        for (var i = 0; i < 2; i++)
        {
            var end = await Psql.RunFileAsync(world.Sandbox.Info.DatabaseUrl, path);
            Assert.Equal(0, end.ExitCode);
            Assert.Contains($"{Whose}|public.scoring_results_functions|({Whose},Te)|Added|", end.Output, StringComparison.Ordinal);
            Assert.Equal(BackfillRunState.Completed, (await run.ReadAsync()).State);
            // Nor is what came after it the run's.
            await OfAsync("insert into public.scoring_results_functions values ($1, 'Fe', 0.5, 3) on conflict do nothing");
        }

        await OfAsync("delete from public.scoring_results_functions where session_id = $1 and func in ('Te', 'Fe')");
        Assert.Equal(0, (await Psql.RunFileAsync(world.Sandbox.Info.DatabaseUrl, path)).ExitCode);
        Assert.Equal(BackfillRunState.RolledBack, (await run.ReadAsync()).State);
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task A_row_of_theirs_does_not_go_with_the_new_row_that_it_hangs_on()
    {
        var (_, run) = await SettledAsync();
        var session = world.New[0];
        await world.ExecuteAsync("insert into public.scoring_results_types values ($1, 'theirs', 9, 0.5)", session);

        Assert.Equal(
            [$"public.profiles ({session}) {session} Referenced", $"public.scoring_results_types ({session},theirs) {session} Added"],
            await new Undoing(world, byScript: false).SkipAsync(new(run.Id)));
        Assert.Equal(["theirs"], await world.LinesAsync("select type_code from public.scoring_results_types where session_id = $1", session));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_that_was_given_to_another_session_is_found_by_its_key(bool byScript)
    {
        Assert.SkipWhen(byScript && Psql.Missing is not null, Psql.Missing ?? "");
        await world.FreshAsync();
        await world.ExecuteAsync("""
            drop table if exists public.ticket;
            create table public.ticket (id integer primary key, session_id uuid, body text)
            """);
        try
        {
            var (ours, theirs) = (world.New[0], world.New[1]);
            await world.ExecuteAsync("insert into public.ticket values (1, $1, 'old')", ours);
            var run = await world.FrozenAsync(RollbackWorld.PlanOfTickets(ours), RollbackWorld.Quick);
            await run.ApplyAsync(world.BySql(_ => "update public.ticket set body = 'new' where id = 1; insert into public.ticket values (2, $1, 'new'), (3, $1, 'new')"));
            Assert.Equal(1, (await run.ReadAsync()).Succeeded);
            await world.ExecuteAsync("update public.ticket set session_id = $1 where id in (1, 2)", theirs);
            var undoing = new Undoing(world, byScript);
            string[] named = [$"public.ticket (1) {ours} Changed", $"public.ticket (2) {ours} Changed"];

            Assert.Equal(named, await undoing.LookAsync(new(run.Id)));
            Assert.Equal(named, await undoing.SkipAsync(new(run.Id)));
            Assert.Equal(["1 new", "2 new"], await world.LinesAsync("select concat_ws(' ', id, body) from public.ticket order by id"));
        }
        finally
        {
            await world.ExecuteAsync("drop table public.ticket");
        }
    }

    [Theory]
    [InlineData("alter table public.scoring_results_functions rename to other", "alter table public.other rename to scoring_results_functions", "the table public.scoring_results_functions is gone")]
    [InlineData("alter table public.profiles rename column overlay to o", "alter table public.profiles rename column o to overlay", "the column overlay of public.profiles is gone")]
    [InlineData("alter table public.profiles alter column confidence type real", "alter table public.profiles alter column confidence type numeric", "the column confidence of public.profiles has another type")]
    public async Task Where_the_rows_can_not_be_compared_the_gate_does_not_pass(string change, string back, string said)
    {
        var (_, run) = await SettledAsync();
        await world.ExecuteAsync(change);
        try
        {
            var (ready, changed) = await CriteriaAsync(run.Id);
            Assert.Equal(($"not measured: {said}", (bool?)null), (changed.Actual, changed.Passed));
            Assert.Equal(($"not measured: {said}", (bool?)false), (ready.Actual, ready.Passed));
        }
        finally
        {
            await world.ExecuteAsync(back);
        }
    }

    /// <summary>A run of four sessions that ended well, or in which the first was refused after its call had written.</summary>
    private async Task<(IReadOnlyList<string> Before, TestRun Run)> SettledAsync(bool saysNo = false)
    {
        await world.FreshAsync();
        await OfAsync("""
            delete from public.scoring_results_functions where session_id = $1;
            insert into public.scoring_results_functions values ($1, 'Ni', 0.25, 2)
            """);
        var before = await world.DumpAsync();
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(Whose, world.New[0], world.New[1], world.WithProfile[0]), RollbackWorld.Quick);
        bool Refuses(FunctionCall call) => saysNo && call.SessionId == Whose;
        await run.ApplyAsync(world.BySql(
            call => Refuses(call) ? "insert into public.scoring_results_functions values ($1, 'Si', 0.5, 4) on conflict do nothing" : ScoresBySql.Write(call),
            call => Refuses(call) ? new() { StatusCode = 400 } : SqlFunctions.Ok));
        var ended = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Completed, saysNo ? 1 : 0), (ended.State, ended.Failed));
        return (before, run);
    }

    /// <summary>Statements about the session in question, which is <c>$1</c>.</summary>
    private Task OfAsync(string sql) => sql.Length == 0 ? Task.CompletedTask : world.ExecuteAsync(SqlFunctions.For(Whose, sql));

    private async Task<(BackfillGateCriterion Ready, BackfillGateCriterion Changed)> CriteriaAsync(Guid run)
    {
        var gate = await new GateService(world.Connection).FindAsync(run, BackfillGateName.ApplyReview, CancellationToken.None);
        return (gate.Criteria.Single(c => c.Name == "RollbackReady"), gate.Criteria.Single(c => c.Name == "ChangedSince"));
    }

    private async Task MustBeAsBeforeAsync(IReadOnlyList<string> before, IEnumerable<Guid> sessions, string but)
    {
        var now = await world.DumpAsync();
        Assert.All(sessions.Select(s => s.ToString()).Where(s => s != but), s => Assert.Equal(Of(before, s), Of(now, s)));

        static IEnumerable<string> Of(IEnumerable<string> dump, string session) => dump.Where(l => l.Contains(session, StringComparison.Ordinal));
    }
}
