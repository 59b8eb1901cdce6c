using System.Net.Sockets;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Functions that write table by table, die between two of them, or go on after their answer.</summary>
public sealed class SandboxPartialCommitTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    /// <summary>How many rows a session has in each table of <c>score_prism</c>, in the order in which it writes them.</summary>
    private const string Rows = """
        SELECT concat_ws(',',
            (SELECT count(*) FROM public.profiles WHERE session_id = $1),
            (SELECT count(*) FROM public.scoring_results WHERE session_id = $1),
            (SELECT count(*) FROM public.scoring_results_types WHERE session_id = $1),
            (SELECT count(*) FROM public.scoring_results_functions WHERE session_id = $1),
            (SELECT count(*) FROM public.scoring_results_state WHERE session_id = $1))
        """;

    private const string All = "1,1,3,8,3";

    private static readonly SandboxFault Partial = new(SandboxFaultKind.PartialCommit);

    [Fact]
    public async Task Each_table_commits_by_itself_in_order()
    {
        var session = await CleanAsync(0);
        await world.OnlyAsync();
        await world.ScorePrismAsync(session);

        var transactions = await world.ScalarAsync<long[]>(
            """
            SELECT array_agg(DISTINCT xmin::text::bigint ORDER BY xmin::text::bigint) FROM (
                SELECT xmin FROM public.profiles WHERE session_id = $1
                UNION ALL SELECT xmin FROM public.scoring_results WHERE session_id = $1
                UNION ALL SELECT xmin FROM public.scoring_results_types WHERE session_id = $1
                UNION ALL SELECT xmin FROM public.scoring_results_functions WHERE session_id = $1
                UNION ALL SELECT xmin FROM public.scoring_results_state WHERE session_id = $1) AS t
            """,
            session);
        var first = await world.ScalarAsync<long>("SELECT xmin::text::bigint FROM public.profiles WHERE session_id = $1", session);
        var second = await world.ScalarAsync<long>("SELECT xmin::text::bigint FROM public.scoring_results WHERE session_id = $1", session);
        Assert.Equal(5, transactions.Length);
        Assert.Equal((transactions[0], transactions[1]), (first, second));
        var call = await world.CallAsync();
        Assert.Equal((5, true), (call.TablesWritten, call.CommittedAt is not null));
    }

    [Theory]
    [InlineData(null, "1,0,0,0,0", 1, "partial")]
    [InlineData(0, "0,0,0,0,0", 0, "not_written")]
    [InlineData(2, "1,1,0,0,0", 2, "partial")]
    [InlineData(3, "1,1,3,0,0", 3, "partial")]
    [InlineData(4, "1,1,3,8,0", 4, "partial")]
    [InlineData(5, All, 5, "written")]
    public async Task Partial_commit_dies_after_its_table_and_answers_502(int? afterTables, string rows, int tables, string outcome)
    {
        var session = await CleanAsync(1);
        await world.OnlyAsync(Partial with { AfterTables = afterTables });

        var reply = await world.ScorePrismAsync(session);

        Assert.Equal((502, null), (reply.Status, reply.ErrorCode));
        var call = await world.CallAsync();
        Assert.Equal((502, outcome, "PartialCommit", tables), (call.Status, call.Outcome, call.Fault, call.TablesWritten));
        Assert.Equal(outcome == "written", call.CommittedAt is not null);
        Assert.Equal(rows, await world.ScalarAsync<string>(Rows, session));
    }

    [Theory]
    [InlineData(0, "", "not_written")]
    [InlineData(1, "v1.2", "written")]
    public async Task A_function_of_one_table_dies_before_it_or_after_it(int afterTables, string scores, string outcome)
    {
        var session = await CleanAsync(2);
        await world.OnlyAsync(Partial with { AfterTables = afterTables, StatusCode = 504 });

        var reply = await world.ScoreFcAsync(session);

        Assert.Equal((504, "IDLE_TIMEOUT"), (reply.Status, reply.ErrorCode));
        Assert.Equal(outcome, (await world.CallAsync()).Outcome);
        Assert.Equal(scores, await world.ScoresOfAsync(session));
    }

    [Theory]
    [InlineData(1, "1,0,0,0,0")]
    [InlineData(0, "0,0,0,0,0")]
    public async Task With_a_delay_the_rest_comes_after_the_answer(int afterTables, string rows)
    {
        var session = await CleanAsync(3);
        await world.OnlyAsync(Partial with { AfterTables = afterTables, Delay = TimeSpan.FromSeconds(1) });

        Assert.Equal(502, (await world.ScorePrismAsync(session)).Status);

        Assert.Equal(rows, await world.ScalarAsync<string>(Rows, session));
        var call = await world.CallAsync();
        Assert.Equal(("pending", afterTables, null), (call.Outcome, call.TablesWritten, call.CommittedAt));

        var late = await world.CallOnceAsync(call => call.Outcome != "pending");
        Assert.Equal((502, "written", 5), (late.Status, late.Outcome, late.TablesWritten));
        Assert.True(late.CommittedTickUs - call.ArrivedTickUs >= 1_000_000);
        Assert.Equal(All, await world.ScalarAsync<string>(Rows, session));
        Assert.True(await world.ScalarAsync<bool>(
            "SELECT p.payload = r.payload AND p.computed_at = r.computed_at FROM public.profiles AS p JOIN public.scoring_results AS r USING (session_id) WHERE session_id = $1", session));
    }

    [Fact]
    public async Task What_comes_late_comes_even_where_the_first_rows_have_been_deleted()
    {
        var session = await CleanAsync(4);
        await world.OnlyAsync(Partial with { Delay = TimeSpan.FromSeconds(1) });
        await world.ScorePrismAsync(session);

        await world.ScalarAsync<string>("DELETE FROM public.profiles WHERE session_id = $1 RETURNING type_code", session);

        // The types reference the profile, so their insert fails, and the function ends there.
        var late = await world.CallOnceAsync(call => call.Outcome != "pending");
        Assert.Equal(("failed", 2, null), (late.Outcome, late.TablesWritten, late.CommittedAt));
        Assert.Equal("0,1,0,0,0", await world.ScalarAsync<string>(Rows, session));
    }

    [Fact]
    public async Task With_status_0_it_resets_and_the_rest_still_comes()
    {
        var session = await CleanAsync(5);
        await world.OnlyAsync(Partial with { StatusCode = 0, Delay = TimeSpan.Zero });

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => world.ScorePrismAsync(session));

        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.GetBaseException()).SocketErrorCode);
        var late = await world.CallOnceAsync(call => call.CommittedAt is not null);
        Assert.Equal((null, 5), (late.Status, late.TablesWritten));
        Assert.Equal(All, await world.ScalarAsync<string>(Rows, session));
    }

    [Fact]
    public async Task Functions_that_wait_for_their_rest_keep_no_connection()
    {
        var session = await CleanAsync(6);
        await world.OnlyAsync(Partial with { AfterTables = 0, Delay = TimeSpan.FromHours(1), Count = 50 });
        // More than the functions' pool has connections.
        var replies = await Task.WhenAll(FaultWorld.Strangers(50).Select(stranger => world.ScoreFcAsync(stranger)));
        Assert.All(replies, reply => Assert.Equal(502, reply.Status));

        Assert.Equal(200, (await world.ScorePrismAsync(session).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).Status);
    }

    [Theory]
    [InlineData(SandboxFaultKind.Accepted, null)]
    [InlineData(SandboxFaultKind.LateCommit, 202)]
    public async Task Accepted_answers_202_and_writes_everything_afterwards(SandboxFaultKind kind, int? status)
    {
        var session = await CleanAsync(6);
        await world.OnlyAsync(new SandboxFault(kind) { StatusCode = status });

        var reply = await world.ScorePrismAsync(session);

        Assert.Equal("0,0,0,0,0", await world.ScalarAsync<string>(Rows, session));
        Assert.Equal((202, null), (reply.Status, reply.ErrorCode));
        var call = await world.CallAsync();
        Assert.Equal((202, "pending", 0), (call.Status, call.Outcome, call.TablesWritten));

        var late = await world.CallOnceAsync(call => call.Outcome != "pending");
        Assert.Equal((202, "written", 5, kind.ToString()), (late.Status, late.Outcome, late.TablesWritten, late.Fault));
        Assert.True(late.CommittedTickUs - call.ArrivedTickUs >= 1_000_000);
        Assert.Equal(All, await world.ScalarAsync<string>(Rows, session));
    }

    /// <summary>A session of the plan, as if it had never been scored.</summary>
    private async Task<Guid> CleanAsync(int named)
    {
        var session = SandboxSessions.Named[named];
        await world.ScalarAsync<long>(
            """
            WITH a AS (DELETE FROM public.profiles WHERE session_id = $1),
                 b AS (DELETE FROM public.scoring_results WHERE session_id = $1),
                 c AS (DELETE FROM public.scoring_results_functions WHERE session_id = $1),
                 d AS (DELETE FROM public.scoring_results_state WHERE session_id = $1),
                 e AS (DELETE FROM public.fc_scores WHERE session_id = $1)
            SELECT 0::bigint
            """,
            session);
        return session;
    }
}
