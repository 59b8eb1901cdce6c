using System.Globalization;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Calls that end without a clear answer, at every position of a batch.</summary>
[Collection(ApplyCollection.Name)]
public sealed class AmbiguousTests(RunWorld world)
{
    private const string ScoreFc = "score_fc_session";
    private const string ScorePrism = "score_prism";

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(600);

    /// <summary>All of it is committed, now or before the quiet period is over.</summary>
    private static readonly SandboxFault[] Committed =
    [
        new(SandboxFaultKind.CommitThenTimeout) { StatusCode = 504 },
        new(SandboxFaultKind.CommitThenTimeout) { StatusCode = 502 },
        new(SandboxFaultKind.CommitThenTimeout) { StatusCode = 546 },
        new(SandboxFaultKind.CommitThenTimeout) { StatusCode = 500, ErrorCode = "WORKER_ERROR" },
        new(SandboxFaultKind.CommitThenTimeout) { StatusCode = 202 },
        new(SandboxFaultKind.CommitThenTimeout),
        new(SandboxFaultKind.LateCommit) { StatusCode = 504, Delay = Late },
        new(SandboxFaultKind.Accepted) { Delay = Late },
        new(SandboxFaultKind.PartialCommit) { AfterTables = 1, Delay = Late },
        new(SandboxFaultKind.PartialCommit) { AfterTables = 0, Delay = Late, StatusCode = 0 },
    ];

    /// <summary>Nothing of it is ever committed.</summary>
    private static readonly SandboxFault[] Lost =
    [
        new(SandboxFaultKind.Status) { StatusCode = 504 },
        new(SandboxFaultKind.Status) { StatusCode = 546 },
        new(SandboxFaultKind.Status) { StatusCode = 202 },
        new(SandboxFaultKind.Reset),
    ];

    [Theory]
    [InlineData(ScoreFc)]
    [InlineData(ScorePrism)]
    public async Task A_committed_call_without_a_clear_answer_is_waited_for_and_the_next_operation_is_called(string function)
    {
        var run = await RunAsync(function, Committed);
        await run.MustHaveSucceededAsync();
        // What was committed is not called again, and what comes after it is.
        Assert.All(
            (await run.CallsAsync()).GroupBy(c => c.SessionId),
            s => Assert.Equal([ScoreFc, ScorePrism], s.Select(c => c.Function)));
        await MustHaveWaitedAsync(run);
    }

    [Theory]
    [InlineData(ScoreFc)]
    [InlineData(ScorePrism)]
    public async Task A_call_that_was_lost_is_made_again_once_its_quiet_period_is_over(string function)
    {
        var run = await RunAsync(function, Lost);
        await run.MustHaveSucceededAsync();
        Assert.All((await run.CallsAsync()).GroupBy(c => c.SessionId), s => Assert.Equal(2, s.Count(c => c.Function == function)));
        await MustHaveWaitedAsync(run);
    }

    [Fact]
    public async Task A_session_whose_calls_never_get_a_clear_answer_ends_unknown_after_five_and_its_later_operations_are_not_called()
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.Status) { StatusCode = 504, Function = ScoreFc });
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(world.New[0]), RunWorld.Quick with { Lease = TimeSpan.FromMinutes(1) });
        await run.ApplyAsync();
        var result = Assert.Single(await run.ResultsAsync());
        Assert.Equal((BackfillOutcome.Unknown, BackfillCategory.Timeout), (result.Outcome, result.Category));
        Assert.Equal([ScoreFc, ScoreFc, ScoreFc, ScoreFc, ScoreFc], (await run.CallsAsync()).Select(c => c.Function));
        Assert.Equal(
            (BackfillOutcome.Skipped, "not called: an operation before it did not succeed"),
            (result.Operations[1].Outcome, result.Operations[1].Message));
    }

    [Fact]
    public async Task The_quiet_period_counts_from_when_the_call_was_sent_however_late_its_answer_comes()
    {
        await world.FreshAsync();
        await world.SetAsync(new SandboxFault(SandboxFaultKind.CommitThenTimeout) { StatusCode = 504, Delay = TimeSpan.FromSeconds(3), Count = 1 });
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(world.New[0]), RunWorld.Quick with
        {
            Lease = TimeSpan.FromMinutes(1),
            QuietPeriod = TimeSpan.FromSeconds(4),
        });
        var working = run.ApplyAsync();
        var waits = await Patiently.AskAsync(
            () => world.LinesAsync(
                """
                select extract(epoch from i.not_before - o.sent_at)::float8::text
                from backfill.item i
                join backfill.operation o on o.run_id = i.run_id and o.session_id = i.session_id
                where i.run_id = $1 and i.state = 'pending' and o.status_code = 504
                """,
                run.Id),
            lines => lines.Count > 0);
        Assert.InRange(double.Parse(Assert.Single(waits), CultureInfo.InvariantCulture), 3.9, 5.5);
        var end = await working;
        await run.MustHaveSucceededAsync();
        // Told with -Verbose: which session, what came back, and how long nothing is called.
        Assert.Matches(
            $@"^Session {world.New[0]}: {ScoreFc} answered 504 to attempt 1 \(.*\)\. It may still be committed, so nothing is called for \S+ s; ",
            Assert.Single(end.Sink.Explanations, e => e.StartsWith("Session ", StringComparison.Ordinal)));
    }

    private async Task<TestRun> RunAsync(string function, SandboxFault[] endings)
    {
        await world.FreshAsync();
        var sessions = world.New.Take(6).Concat(world.WithProfile).Take(endings.Length).ToList();
        await world.SetAsync([.. endings.Zip(
            sessions, (fault, session) => fault with { Function = function, SessionIds = [session], PerSession = 1 })]);
        var run = await world.FrozenAsync(ApplyWorld.PlanOf([.. sessions]), RunWorld.Quick with { QuietPeriod = Quiet });
        await run.ApplyAsync();
        return run;
    }

    /// <summary>No session ends, and nothing else of it is called, before the quiet period after an ambiguous call is over.</summary>
    private async Task MustHaveWaitedAsync(TestRun run)
    {
        Assert.Equal(0, await world.ScalarAsync<long>(
            """
            select count(*)
            from backfill.operation o
            join backfill.item i on i.run_id = o.run_id and i.session_id = o.session_id
            where o.run_id = $1
              and o.status_code is distinct from 200
              and (
                  i.settled_at < o.sent_at + interval '1.4 seconds'
                  or exists (
                      select from backfill.operation n
                      where n.run_id = o.run_id and n.session_id = o.session_id
                        and n.sent_at > o.sent_at and n.sent_at < o.sent_at + interval '1.4 seconds'))
            """,
            run.Id));
    }
}
