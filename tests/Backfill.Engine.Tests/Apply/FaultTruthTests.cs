using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Well answered is not done, and what others wrote is not ours.</summary>
[Collection(ApplyCollection.Name)]
public sealed class FaultTruthTests(RunWorld world)
{
    private const string ScoreFc = "score_fc_session";
    private const string ScorePrism = "score_prism";

    [Fact]
    public async Task Where_nothing_or_an_old_version_is_written_exactly_those_sessions_do_not_succeed()
    {
        await world.FreshAsync();
        // Of each five some have no row yet, and some an older one.
        Guid[] noScores = [.. world.New.Take(2), .. world.WithBoth.Take(3)];
        Guid[] noProfile = [.. world.New.Skip(2).Take(3), .. world.WithBoth.Skip(3).Take(2)];
        Guid[] oldScores = [.. world.New.Skip(5).Take(2), .. world.WithBoth.Skip(5).Take(3)];
        Guid[] oldProfile = [.. world.New.Skip(7).Take(3), .. world.WithBoth.Skip(8).Take(2)];
        Guid[] untouched = [.. world.New.Skip(10).Take(3), .. world.WithProfile.Take(10), .. world.WithBoth.Skip(10).Take(7)];
        await world.SetAsync(
            new SandboxFault(SandboxFaultKind.NoWrite) { Function = ScoreFc, SessionIds = noScores },
            new SandboxFault(SandboxFaultKind.NoWrite) { Function = ScorePrism, SessionIds = noProfile },
            new SandboxFault(SandboxFaultKind.WrongVersion) { Function = ScoreFc, SessionIds = oldScores },
            new SandboxFault(SandboxFaultKind.WrongVersion) { Function = ScorePrism, SessionIds = oldProfile });
        var run = await world.FrozenAsync(
            ApplyWorld.PlanOf([.. noScores, .. noProfile, .. oldScores, .. oldProfile, .. untouched]), RunWorld.Quick);

        var applied = await run.ApplyAsync();
        Assert.Equal((40, 20, 10, 10), (applied.Run.Total, applied.Run.Succeeded, applied.Run.NoEffect, applied.Run.Failed));
        foreach (var session in noScores.Concat(noProfile))
            Assert.Equal((BackfillOutcome.NoEffect, BackfillCategory.NoEffect), OutcomeOf(applied, session));
        foreach (var session in oldScores.Concat(oldProfile))
            Assert.Equal((BackfillOutcome.Failed, BackfillCategory.VersionMismatch), OutcomeOf(applied, session));
        foreach (var session in untouched)
            Assert.Equal((BackfillOutcome.Succeeded, null), OutcomeOf(applied, session));
        await run.ImagesMustHoldAsync();
        // Nothing is built on scores that are not there.
        var called = await run.CallsAsync();
        Assert.DoesNotContain(called, c => c.Function == ScorePrism && noScores.Concat(oldScores).Contains(c.SessionId));
    }

    [Fact]
    public async Task A_row_edited_by_hand_before_the_first_call_got_through_is_left_alone()
    {
        var session = world.WithBoth[0];
        var run = await WaitingForASecondAttemptAsync(session, ScoreFc);
        await EditAsync("update public.profiles set type_code = 'HAND' where session_id = $1", session);
        await EndsAsForeignAsync(run, session);
        Assert.Equal("HAND", await world.ScalarAsync<string>("select type_code from public.profiles where session_id = $1", session));
        Assert.Single(await run.CallsAsync());
        // The image keeps the state before the edit, which was the last one known.
        Assert.Equal(run.Profile, await ImageAsync("public.profiles", session));
    }

    [Fact]
    public async Task A_row_of_ours_edited_by_hand_between_two_attempts_is_left_alone_and_its_image_is_our_state()
    {
        var session = world.New[0];
        var run = await WaitingForASecondAttemptAsync(session, ScorePrism);
        var ours = await HashAsync("fc_scores", session);
        await EditAsync("update public.fc_scores set scores_json = '{}' where session_id = $1", session);
        await EndsAsForeignAsync(run, session);
        Assert.Equal("{}", await world.ScalarAsync<string>("select scores_json::text from public.fc_scores where session_id = $1", session));
        Assert.Equal(2, (await run.CallsAsync()).Count);
        Assert.Equal(ours, await ImageAsync("public.fc_scores", session));
    }

    [Fact]
    public async Task A_row_edited_by_hand_between_two_claims_is_left_alone()
    {
        var session = world.WithBoth[1];
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Reset) { Function = ScoreFc, Count = 1 });
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick with { QuietPeriod = TimeSpan.FromSeconds(1.5) });
        var working = run.ApplyAsync();
        await Patiently.AskAsync(
            () => world.ScalarAsync<long>("select count(*) from backfill.operation where outcome = 'Unknown'"), n => n == 1);
        // What is not the expected effect of the call that may yet have been committed.
        await EditAsync("update public.profiles set type_code = 'HAND' where session_id = $1", session);
        var end = await working;
        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.ForeignChange), OutcomeOf(end, session));
        Assert.Equal("HAND", await world.ScalarAsync<string>("select type_code from public.profiles where session_id = $1", session));
        Assert.Single(await run.CallsAsync());
    }

    [Fact]
    public async Task A_late_commit_between_two_claims_is_ours_and_the_next_operation_goes_on_from_it()
    {
        var session = world.New[0];
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.LateCommit) { Function = ScoreFc, Count = 1, Delay = TimeSpan.FromMilliseconds(500) });
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick with { QuietPeriod = TimeSpan.FromSeconds(1.5) });
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
        Assert.Equal([ScoreFc, ScorePrism], (await run.CallsAsync()).Select(c => c.Function));
    }

    /// <summary>A run of one session whose call of that function was answered 503, to be tried again in two seconds.</summary>
    private async Task<WaitingRun> WaitingForASecondAttemptAsync(Guid session, string function)
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { Function = function, StatusCode = 503, RetryAfter = 2, Count = 1 });
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick);
        var profile = await HashAsync("profiles", session);
        var working = run.ApplyAsync();
        await Patiently.AskAsync(
            () => world.ScalarAsync<long>("select count(*) from backfill.operation where status_code = 503"), n => n == 1);
        return new(run, working, profile);
    }

    private static async Task EndsAsForeignAsync(WaitingRun run, Guid session)
    {
        var end = await run.Working;
        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.ForeignChange), OutcomeOf(end, session));
        Assert.Equal(BackfillRunState.Completed, end.Run.State);
    }

    private static (BackfillOutcome, BackfillCategory?) OutcomeOf(ApplyOutcome applied, Guid session) =>
        (applied.Of(session).Outcome, applied.Of(session).Category);

    private async Task EditAsync(string sql, Guid session) => await world.ExecuteAsync(sql, session);

    private async Task<string> HashAsync(string table, Guid session) =>
        string.Join(' ', (await TargetRows.ReadHashesAsync(world.Owner, [session]))
            .Where(r => r.StartsWith($"public.{table}|", StringComparison.Ordinal)).Select(r => r.Split('|')[2]));

    private Task<string> ImageAsync(string table, Guid session) => world.ScalarAsync<string>(
        "select encode(after_sha256, 'hex') from backfill.image where table_name = $1 and session_id = $2", table, session);

    private sealed record WaitingRun(TestRun Run, Task<ApplyOutcome> Working, string Profile)
    {
        public Task<IReadOnlyList<TracedCall>> CallsAsync() => Run.CallsAsync();
    }
}
