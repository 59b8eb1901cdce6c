using System.Text.Json;
using Backfill.Engine.Apply;
using Backfill.Engine.Plans;
using Backfill.Engine.Reports.Html;
using Backfill.Engine.Soak;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;
using Backfill.Engine.Tests.Soak;

namespace Backfill.Engine.Tests.Reports;

/// <summary>A world with runs that went well, and badly, to report on.</summary>
public sealed class ReportWorld : RunWorld
{
    /// <summary>Texts that would be something else, wherever they are taken for markup.</summary>
    public static IReadOnlyList<string> HostileTexts { get; } =
    [
        "<script>globalThis.pwned = 1</script>",
        "</td></tr></table></main><script>globalThis.pwned = 2</script>",
        "<img src=x onerror=\"globalThis.pwned = 3\">",
        "\" onmouseover=\"globalThis.pwned = 4\" x='",
        "--></title></style></script><svg onload=globalThis.pwned=5>",
        "&lt;b&gt; &amp;amp; &#60;i&#62; ]]> ${7*7} {{content}}",
        "\u202Eright to left\u202C and \u2067not closed שלום",
        "line one\r\nline two\u2028line three\ttab",
        $"{string.Concat(Enumerable.Repeat("<b>long</b> ", 900))}end",
    ];

    /// <summary>A run of every outcome that functions bring about by themselves, and its artifacts.</summary>
    public async Task<ApplyOutcome> MixedRunAsync()
    {
        await FreshAsync();
        var (noAnswers, noFc) = (await ScalarAsync<Guid>(SandboxSessions.WithoutResponses), await ScalarAsync<Guid>(SandboxSessions.WithoutFcResponses));
        await SetAsync(new SandboxFault(SandboxFaultKind.WrongVersion) { SessionIds = [New[1]] });
        var plan = PlanOf([New[0], New[1], noAnswers], [New[2], New[3], noFc, WithProfile[0]]);
        return await ApplyAsync(new ApplyRequest { Plan = plan, OutputPath = NewFolder(), ThrottlePerMinute = 60_000 });
    }

    /// <summary>
    /// A run of every outcome there is, worked on twice: stopped after some sessions, then gone on with. One of its sessions was done
    /// by an earlier run of the plan, and one took a second call.
    /// </summary>
    public async Task<TroubledRun> TroubledRunAsync()
    {
        await FreshAsync();
        var noAnswers = await ScalarAsync<Guid>(SandboxSessions.WithoutResponses);
        await SetAsync(
            new SandboxFault(SandboxFaultKind.WrongVersion) { SessionIds = [New[1]] },
            new SandboxFault(SandboxFaultKind.NoWrite) { SessionIds = [New[2]] },
            new SandboxFault(SandboxFaultKind.Status) { SessionIds = [New[3]], StatusCode = 502 },
            // Asked again under the same claim.
            new SandboxFault(SandboxFaultKind.Status) { SessionIds = [New[4]], StatusCode = 500, Count = 1 });
        var plan = PlanOf([New[0], New[1], noAnswers], [New[2], New[3], New[4], WithProfile[0]]);
        await ApplyAsync(new ApplyRequest { Plan = plan, Selected = new HashSet<Guid> { WithProfile[0] }, OutputPath = NewFolder(), ThrottlePerMinute = 60_000 });

        var folder = NewFolder();
        using var stop = new CancellationTokenSource();
        var request = new ApplyRequest
        {
            Plan = plan,
            OutputPath = folder,
            ThrottlePerMinute = 60_000,
            ConcurrencyLimit = 1,
            MaxConsecutiveFailures = 1000,
            MaxFailureRatio = 1,
            QuietPeriod = TimeSpan.FromMilliseconds(100),
        };
        // The session that was passed over is settled first.
        var first = await new ApplyPhase(Connection, TimeProvider.System).RunAsync(request, new StoppingSink(stop, 3), stop.Token);
        Assert.Equal(BackfillRunState.Paused, first.Run.State);
        var metrics = await PromText.ReadAsync(folder);
        var run = (await ApplyAsync(new ApplyRequest { RunId = first.Run.RunId, OutputPath = folder })).Run;
        return new(run, folder, metrics);
    }

    /// <summary>A run whose every text that can come from elsewhere is hostile.</summary>
    public async Task<Guid> HostileRunAsync()
    {
        await FreshAsync();
        var sessions = WithProfile.Take(HostileTexts.Count + 3).ToArray();
        var runId = (await ApplyAsync(ApplyWorld.PlanOf(sessions))).Run.RunId;
        for (var i = 0; i < HostileTexts.Count; i++)
        {
            await ExecuteAsync(
                "update backfill.item set outcome = 'Failed', category = 'FunctionError', reason = $3 where run_id = $1 and session_id = $2",
                runId, sessions[i], HostileTexts[i]);
        }

        await ExecuteAsync("update backfill.run set state_reason = $2, operator = $3 where run_id = $1", runId, HostileTexts[0], HostileTexts[2]);
        await ExecuteAsync("update backfill.run_event set reason = $2, by_whom = $3 where run_id = $1", runId, HostileTexts[1], HostileTexts[3]);
        await ExecuteAsync("update backfill.worker set operator = $2 where run_id = $1", runId, HostileTexts[4]);
        var desk = new Backfill.Engine.Gates.GateService(Connection);
        await desk.DecideAsync(
            new()
            {
                Seen = await desk.FindAsync(runId, BackfillGateName.ApplyReview, CancellationToken.None),
                Approve = true,
                Override = true,
                Reason = HostileTexts[1],
                Approver = HostileTexts[6],
                Operator = HostileTexts[2],
            },
            CancellationToken.None);
        return runId;
    }

    /// <summary>The 39-session plan, applied, approved and soaked for a moment.</summary>
    public async Task<Guid> SoakedRunAsync()
    {
        await FreshAsync();
        var plan = new PlanReader().Read(Path.Combine(TestRepository.Root, "plans", "backfill_apply.plan.json")).Plan!;
        var run = (await ApplyAsync(new ApplyRequest { Plan = plan, OutputPath = NewFolder(), ThrottlePerMinute = 60_000 })).Run;
        await ApproveAsync(run.RunId, BackfillGateName.ApplyReview);
        var request = new SoakRequest
        {
            RunId = run.RunId, Duration = TimeSpan.FromSeconds(3), Interval = TimeSpan.FromSeconds(1), GracePeriod = TimeSpan.Zero, OutputPath = NewFolder(),
        };
        await new SoakPhase(Connection, TimeProvider.System).RunAsync(request, new SoakSink(), CancellationToken.None);
        return run.RunId;
    }

    public async Task<ReportText> ReportAsync(Guid runId, string? path = null)
    {
        path ??= Path.Combine(NewFolder(), "report.html");
        Assert.Equal(path, await new HtmlReport(Connection).WriteAsync(runId, path, CancellationToken.None));
        return new(path, await File.ReadAllTextAsync(path));
    }

    private static BackfillPlan PlanOf(params Guid[][] batches)
    {
        var list = batches.Select((sessions, i) => $$"""
            {"batch_id": "part_{{i + 1}}", "description": "Part {{i + 1}} <of> \"two\"", "sessions": {{JsonSerializer.Serialize(sessions)}}, "operations": [
                {"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"} },
                {"function": "score_prism", "params": {"engine_version": "v1.2.1"} } ] }
            """);
        return ReadPlan($$"""
            {
              "backfill_plan": {
                "version": "{{Guid.NewGuid()}}", "timestamp": "2025-09-17T08:00:00Z", "environment": "staging",
                "engine_version": "v1.2.1", "fc_version": "v1.2",
                "throttle_per_minute": 20, "batch_size": 5, "total_candidates": {{batches.Sum(b => b.Length)}}, "expected_runtime_minutes": 1
              },
              "batches": [{{string.Join(',', list)}}],
              "expected_changes": {
                "fc_scores": {"new_rows": 4, "version": "v1.2", "fc_kind": "functions"},
                "profiles": {"new_rows": 3, "updated_rows": 0, "results_version": "v1.2.1"}
              }
            }
            """);
    }
}

/// <summary>Such a run.</summary>
/// <param name="Run">As it ended.</param>
/// <param name="Folder">Of its artifacts.</param>
/// <param name="FirstMetrics">What the first of its two workers left in <c>metrics.prom</c>.</param>
public sealed record TroubledRun(BackfillRun Run, string Folder, PromText FirstMetrics);

/// <summary>Stops a run after so many settled sessions.</summary>
internal sealed class StoppingSink(CancellationTokenSource stop, int after) : IApplySink
{
    private int _settled;

    public void Settled(BackfillSessionResult result)
    {
        if (Interlocked.Increment(ref _settled) == after)
            stop.Cancel();
    }

    public void Warn(string message)
    {
    }

    public void Progressed(ApplyProgress progress)
    {
    }

    public void Explain(string message)
    {
    }

    public void Milestone(string message, string tag)
    {
    }
}
