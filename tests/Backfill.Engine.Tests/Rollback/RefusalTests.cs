using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>When a rollback does not even begin.</summary>
[Collection(RollbackCollection.Name)]
public sealed class RefusalTests(RollbackWorld world)
{
    private static readonly OperationReport Sent = new()
    {
        Position = 1, Attempt = 1, Ending = OperationEnding.Unknown, Category = BackfillCategory.Timeout, SentAt = DateTimeOffset.UtcNow,
    };

    [Fact]
    public async Task While_a_worker_is_at_work()
    {
        var run = await FrozenAsync();
        await world.Connection.Target.Ledger.StartAsync(run.Ticket, Worker(), CancellationToken.None);
        var refusal = await world.RefusalAsync(new(run.Id));
        Assert.Equal("RunBusy", refusal.Code);
        Assert.Contains("tester@here", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("tester@here", (await world.LookAsync(run.Id)).Busy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("left in its hand")]
    [InlineData("given back")]
    [InlineData("settled as Unknown")]
    [InlineData("aborted")]
    public async Task While_a_call_may_be_committed_yet(string call)
    {
        var ledger = world.Connection.Target.Ledger;
        var run = await FrozenAsync(world.New[0], world.New[1]);
        var worker = Worker();
        await ledger.StartAsync(run.Ticket, worker, CancellationToken.None);
        var claim = (await ledger.ClaimAsync(run.Ticket, worker, 1, CancellationToken.None))[0];
        if (call == "given back")
            await ledger.ReleaseAsync(run.Ticket, claim, [Sent], TimeSpan.FromMinutes(1), CancellationToken.None);
        if (call == "settled as Unknown")
        {
            var operation = run.Ticket.Plan.Batches[0].Operations[0];
            await ledger.SettleAsync(run.Ticket, claim, [new(operation, new(Sent, Disposition.Unknown))], [], CancellationToken.None);
        }

        await ledger.EndAsync(run.Ticket, worker, new(null, null, TimeSpan.Zero), CancellationToken.None);
        if (call == "aborted")
            await run.OrderAsync(RunAction.Stop);

        Assert.Equal("RunBusy", (await world.RefusalAsync(new(run.Id))).Code);
        Assert.Contains(claim.SessionId.ToString(), (await world.LookAsync(run.Id)).Busy, StringComparison.Ordinal);
        // The other session was never touched.
        Assert.Null((await world.LookAsync(new RollbackSelection(run.Id, [run.Sessions.Single(s => s != claim.SessionId)]))).Busy);
        await world.TimePassesAsync();
        Assert.Null((await world.LookAsync(run.Id)).Busy);
        Assert.Equal(BackfillRunState.RolledBack, (await world.UndoAsync(run.Id)).State);
    }

    [Fact]
    public async Task While_another_run_has_one_of_its_sessions_in_hand()
    {
        await world.FreshAsync();
        var first = await world.AppliedAsync(world.New[0]);
        var other = await world.FrozenAsync(ApplyWorld.PlanOf(world.New[0]), RunWorld.Quick with { QuietPeriod = TimeSpan.FromMinutes(1) });
        var worker = Worker();
        await world.Connection.Target.Ledger.StartAsync(other.Ticket, worker, CancellationToken.None);
        await world.Connection.Target.Ledger.ClaimAsync(other.Ticket, worker, 1, CancellationToken.None);
        Assert.Contains(other.Id.ToString(), (await world.RefusalAsync(new(first.Id))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_time()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        await world.UndoAsync(run.Id);
        Assert.Equal("RunRolledBack", (await world.RefusalAsync(new(run.Id))).Code);
        Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from backfill.rollback where run_id = $1 and operator = 'tester@here' and reason = 'a test'", run.Id));
    }

    [Fact]
    public async Task For_a_run_that_is_not_there()
    {
        var nobodys = Guid.NewGuid();
        Assert.Equal("RunNotFound", (await world.RefusalAsync(new(nobodys))).Code);
        Assert.Equal("RunNotFound", (await Assert.ThrowsAsync<BackfillException>(() => world.LookAsync(nobodys))).Code);
    }

    [Fact]
    public async Task For_a_session_that_is_not_in_the_run()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        var applied = await world.DumpAsync();
        var selection = new RollbackSelection(run.Id, [world.New[0], world.New[1]]);
        var refusal = await world.RefusalAsync(selection);
        Assert.Equal("SessionNotInRun", refusal.Code);
        Assert.Contains(world.New[1].ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.Equal("SessionNotInRun", (await Assert.ThrowsAsync<BackfillException>(() => world.LookAsync(selection))).Code);
        Assert.Equal(applied, await world.DumpAsync());
    }

    [Theory]
    [InlineData("alter table public.profiles drop column computed_at", "alter table public.profiles add column computed_at timestamptz", "computed_at")]
    [InlineData("alter table public.profiles rename column overlay to o", "alter table public.profiles rename column o to overlay", "overlay")]
    [InlineData(
        "alter table public.profiles alter column confidence type double precision", "alter table public.profiles alter column confidence type numeric", "confidence")]
    [InlineData(
        "alter table public.scoring_results_state drop constraint scoring_results_state_pkey, add primary key (state, session_id)",
        "alter table public.scoring_results_state drop constraint scoring_results_state_pkey, add primary key (session_id, state)",
        "primary key of public.scoring_results_state")]
    [InlineData("alter table public.scoring_results_state rename to other", "alter table public.other rename to scoring_results_state", "is gone")]
    public async Task Where_a_table_is_not_what_it_was(string change, string back, string words)
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.WithBoth[0]);
        await world.ExecuteAsync(change);
        try
        {
            var refusal = await world.RefusalAsync(new(run.Id), BackfillConflictRule.Skip);
            Assert.Equal("TargetChanged", refusal.Code);
            Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
            Assert.Equal("TargetChanged", (await Assert.ThrowsAsync<BackfillException>(() => world.LookAsync(run.Id))).Code);
        }
        finally
        {
            await world.ExecuteAsync(back);
        }
    }

    [Theory]
    [InlineData("lock table public.fc_scores in row exclusive mode")]
    [InlineData("select from public.profiles for update")]
    [Trait("Lane", "full")]
    public async Task When_another_holds_what_it_needs_for_too_long(string hold)
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync([.. world.WithBoth.Take(2)]);
        var applied = await world.DumpAsync();
        await using (await Obstacle.RaiseAsync(world, hold))
            Assert.Equal("RollbackBlocked", (await world.RefusalAsync(new(run.Id))).Code);
        Assert.Equal(applied, await world.DumpAsync());
        Assert.Equal(BackfillRunState.RolledBack, (await world.UndoAsync(run.Id)).State);
    }

    private static WorkerIdentity Worker() => new(Guid.NewGuid(), "tester@here", 1);

    private async Task<TestRun> FrozenAsync(params Guid[] sessions)
    {
        await world.FreshAsync();
        return await world.FrozenAsync(
            ApplyWorld.PlanOf(sessions.Length == 0 ? [world.New[0]] : sessions), RunWorld.Quick with { QuietPeriod = TimeSpan.FromMinutes(1) });
    }
}
