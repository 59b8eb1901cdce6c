using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A rollback that is killed, whenever and from whichever end, has done all of it or nothing; and can be done again.</summary>
public sealed class CrashTests(CrashWorld world) : IClassFixture<CrashWorld>
{
    /// <summary>What has cut a rollback off is told at once.</summary>
    private static readonly DatabasePatience None = DatabasePatience.Default with { Person = TimeSpan.Zero };

    /// <summary>The moments at which it can be held up, and by what.</summary>
    public static TheoryData<string, string> Moments { get; } = new()
    {
        { "before it looks", "select from backfill.run for update" },
        { "as it holds triggers", "lock table public.fc_scores in row exclusive mode" },
        { "as it locks rows", "select from public.profiles for update" },
        { "between its deletes and its inserts", "insert into public.scoring_results_state table kept.scoring_results_state on conflict do nothing" },
        { "as it writes down what it did", "lock table backfill.rollback in exclusive mode" },
        { "as it closes the run", "lock table backfill.run_event in exclusive mode" },
        { "as it commits", "select pg_advisory_xact_lock(1)" },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Cut_off_by_the_server_it_has_done_nothing(string moment, string hold)
    {
        var run = await world.AppliedAsync();
        var through = await world.ConnectAsync(patience: None);
        await using var target = through.Target;
        await using (var obstacle = await Obstacle.RaiseAsync(world, hold))
        {
            var undoing = world.UndoAsync(new RollbackSelection(run.Id), through: through);
            await world.ScalarAsync<bool>("select pg_terminate_backend($1)", await obstacle.HoldsUpAsync());
            Assert.NotEqual($"DatabaseTimeout {moment}", $"{(await Assert.ThrowsAsync<BackfillException>(() => undoing)).Code} {moment}");
        }

        await world.MustBeUntouchedAsync(run);
        await world.MustBeUndoneByAsync(run);
    }

    [Fact]
    public async Task Cut_off_by_the_server_for_a_moment_it_begins_again()
    {
        var run = await world.AppliedAsync();
        Task<RollbackDone> undoing;
        await using (var obstacle = await Obstacle.RaiseAsync(world, "lock table backfill.rollback in exclusive mode"))
        {
            undoing = world.UndoAsync(run.Id);
            await world.ScalarAsync<bool>("select pg_terminate_backend($1)", await obstacle.HoldsUpAsync());
        }

        Assert.Equal(BackfillRunState.RolledBack, (await undoing).State);
        await world.MustBeAsBeforeAsync(run);
    }

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task Killed_it_has_done_nothing(string moment, string hold)
    {
        var run = await world.AppliedAsync();
        await using var worker = WorkerProcess.Start(world, run.Id, run.OutputPath, kill: null, "--verb", "rollback");
        await using (var obstacle = await Obstacle.RaiseAsync(world, hold))
        {
            await obstacle.HoldsUpAsync();
            worker.Kill();
            Assert.True(await worker.EndedAsync() == WorldOfProcesses.Killed, moment);
        }

        // At its commit its last word was said: the server may carry it out.
        if (moment != "as it commits")
            await world.MustBeUntouchedAsync(run);
        await world.MustBeUndoneByAsync(run);
    }

    [Fact]
    [Trait("Lane", "full")]
    public Task Cut_off_at_four_random_instants_it_has_done_all_or_nothing() => AtRandomInstantsAsync(4);

    [Fact]
    [Trait("Lane", "full")]
    public Task Cut_off_at_a_hundred_random_instants_it_has_done_all_or_nothing() => AtRandomInstantsAsync(100);

    [Fact]
    public async Task A_rollback_that_was_committed_and_whose_answer_was_lost_is_found_to_be_done()
    {
        var run = await world.AppliedAsync();
        await using var relay = new CuttingRelay(PostgresUri.Parse(world.Sandbox.Info.DatabaseUrl).Port);
        var through = await world.ConnectAsync(port: relay.Port);
        await using var target = through.Target;
        relay.Arm();
        var done = await world.UndoAsync(new RollbackSelection(run.Id), through: through);
        Assert.Equal(BackfillRunState.RolledBack, done.State);
        await world.MustBeAsBeforeAsync(run);
    }

    [Fact]
    public async Task A_rollback_that_is_stopped_has_done_nothing()
    {
        var run = await world.AppliedAsync();
        using var stop = new CancellationTokenSource();
        await using (var obstacle = await Obstacle.RaiseAsync(world, "lock table backfill.rollback in exclusive mode"))
        {
            var undoing = world.Connection.Target.Rollbacks.UndoAsync(
                new(Guid.NewGuid(), new(run.Id), BackfillConflictRule.Stop, "tester@here", null), stop.Token);
            await obstacle.HoldsUpAsync();
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => undoing);
        }

        await world.MustBeUntouchedAsync(run);
        await world.MustBeUndoneByAsync(run);
    }

    private async Task AtRandomInstantsAsync(int times)
    {
        var longest = TimeSpan.Zero;
        for (var i = 0; i <= times; i++)
        {
            var run = await world.AppliedAsync();
            var through = await world.ConnectAsync(user: CrashWorld.StandIn, patience: None);
            await using var target = through.Target;
            var since = TimeProvider.System.GetTimestamp();
            var undoing = world.UndoAsync(new RollbackSelection(run.Id), through: through);
            if (i == 0)
            {
                await undoing;
                longest = TimeProvider.System.GetElapsedTime(since);
                continue;
            }

            var instant = longest * Random.Shared.NextDouble();
            await Task.Delay(instant);
            await world.LinesAsync($"select pg_terminate_backend(pid)::text from pg_stat_activity where usename = '{CrashWorld.StandIn}'");
            var isDone = await Record.ExceptionAsync(() => undoing) is null;
            if (isDone)
                await world.MustBeAsBeforeAsync(run);
            else
                await world.MustBeUntouchedAsync(run);
            await world.MustBeUndoneByAsync(run);
        }
    }
}
