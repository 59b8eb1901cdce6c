namespace Backfill.Engine.Tests.Sandbox;

/// <summary>The faults behind which the answer is that of a success.</summary>
public sealed class SandboxFalseSuccessTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    /// <summary>A row's text and the transaction that wrote it.</summary>
    private const string Rows = """
        SELECT concat_ws(' ',
            (SELECT f.xmin::text || f::text FROM public.fc_scores AS f WHERE session_id = $1),
            (SELECT p.xmin::text || p::text FROM public.profiles AS p WHERE session_id = $1),
            (SELECT r.xmin::text || r::text FROM public.scoring_results AS r WHERE session_id = $1),
            (SELECT string_agg(t.xmin::text || t::text, '' ORDER BY t::text) FROM public.scoring_results_types AS t WHERE session_id = $1))
        """;

    private static readonly SandboxFault NoWrite = new(SandboxFaultKind.NoWrite);
    private static readonly SandboxFault WrongVersion = new(SandboxFaultKind.WrongVersion);

    [Fact]
    public async Task No_write_writes_nothing_and_answers_like_a_success()
    {
        var session = SandboxSessions.Named[0];
        await world.OnlyAsync(NoWrite);
        var scores = await world.ScoreFcAsync(session);
        var profile = await world.ScorePrismAsync(session);

        Assert.Equal("", await world.ScalarAsync<string>(Rows, session));
        var calls = await world.Sandbox.Control.CallsAsync(cancellation: TestContext.Current.CancellationToken);
        Assert.All(calls, call => Assert.Equal((200, "not_written", "NoWrite", null), (call.Status, call.Outcome, call.Fault, call.CommittedAt)));

        await world.OnlyAsync();
        Assert.Equal((await world.ScorePrismAsync(session)).Body.ToString(), profile.Body.ToString());
        Assert.Equal((await world.ScoreFcAsync(session)).Body.ToString(), scores.Body.ToString());
        Assert.NotEqual("", await world.ScalarAsync<string>(Rows, session));
    }

    [Fact]
    public async Task No_write_leaves_the_rows_that_are_there_as_they_are()
    {
        var session = SandboxSessions.Named[1];
        await world.OnlyAsync();
        await world.ScoreFcAsync(session);
        await world.ScorePrismAsync(session);
        var before = await world.ScalarAsync<string>(Rows, session);

        await world.OnlyAsync(NoWrite);
        Assert.Equal("success", (await world.ScorePrismAsync(session)).Text("status"));
        Assert.Equal(8, (await world.ScoreFcAsync(session)).Body.GetProperty("scores").EnumerateObject().Count());

        Assert.Equal(before, await world.ScalarAsync<string>(Rows, session));
    }

    [Fact]
    public async Task No_write_leaves_no_transaction_and_no_lock_behind()
    {
        await world.OnlyAsync(NoWrite);
        await world.ScorePrismAsync(SandboxSessions.Named[2]);

        await world.OnlyAsync();
        Assert.Equal(200, (await world.ScorePrismAsync(SandboxSessions.Named[2])).Status);
        Assert.Equal("v1.2.1", await world.ScalarAsync<string>("SELECT results_version FROM public.profiles WHERE session_id = $1", SandboxSessions.Named[2]));
    }

    [Fact]
    public async Task Wrong_version_writes_an_old_version_and_answers_like_a_success()
    {
        var session = SandboxSessions.Named[3];
        await world.OnlyAsync(WrongVersion);
        var scores = await world.ScoreFcAsync(session);
        var profile = await world.ScorePrismAsync(session);

        Assert.Equal((200, "v1.2", 200), (scores.Status, scores.Text("version"), profile.Status));
        Assert.Equal("v1.2.1", profile.Body.GetProperty("profile").GetProperty("results_version").GetString());
        Assert.Equal("v1.1", await world.ScoresOfAsync(session));
        Assert.Equal("v1.1.0,v1.1.0", await world.ScalarAsync<string>(
            "SELECT concat_ws(',', results_version, r.scoring_version) FROM public.profiles JOIN public.scoring_results AS r USING (session_id) WHERE session_id = $1", session));
        var calls = await world.Sandbox.Control.CallsAsync(cancellation: TestContext.Current.CancellationToken);
        Assert.All(calls, call => Assert.Equal(("written", "WrongVersion", true), (call.Outcome, call.Fault, call.CommittedAt is not null)));
    }

    [Fact]
    public async Task Wrong_version_takes_the_place_of_a_right_profile()
    {
        var session = SandboxSessions.Named[4];
        await world.OnlyAsync();
        await world.ScorePrismAsync(session);

        await world.OnlyAsync(WrongVersion);
        await world.ScorePrismAsync(session);

        Assert.Equal("v1.1.0", await world.ScalarAsync<string>("SELECT results_version FROM public.profiles WHERE session_id = $1", session));
    }

    [Fact]
    public async Task Where_there_is_nothing_to_score_they_say_so_too()
    {
        var session = await world.ScalarAsync<Guid>(SandboxSessions.WithoutResponses);
        await world.OnlyAsync(NoWrite);
        Assert.Equal(400, (await world.ScorePrismAsync(session)).Status);
        Assert.Equal("no_responses", (await world.CallAsync()).Outcome);
    }
}
