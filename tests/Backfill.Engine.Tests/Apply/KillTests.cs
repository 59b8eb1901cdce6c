using Backfill.Engine.Tests.Sandbox;
using Backfill.TestWorker;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A worker that is killed, at a chosen point or at any, leaves nothing behind that going on does not put right.</summary>
public sealed class KillTests(KillWorld world) : IClassFixture<KillWorld>
{
    /// <summary>Long enough for a few calls to be in flight at any time.</summary>
    private static readonly SandboxFault Slow = new(SandboxFaultKind.Latency) { Delay = TimeSpan.FromMilliseconds(60) };

    [Theory]
    [InlineData(Points.AfterClaim, 1)]
    [InlineData(Points.AfterClaim, 3, Traits = ["Lane", "full"])]
    [InlineData(Points.BeforeSend, 10)]
    [InlineData(Points.AfterSend, 3)]
    [InlineData(Points.AfterSend, 11, Traits = ["Lane", "full"])]
    [InlineData(Points.AfterResponse, 5)]
    [InlineData(Points.AfterCheckpoint, 6)]
    [InlineData(Points.BeforeSettle, 4)]
    [InlineData(Points.AfterSettle, 5, Traits = ["Lane", "full"])]
    [InlineData(Points.WhileArtifacts, 12, Traits = ["Lane", "full"])]
    public async Task A_run_killed_at_a_named_point_and_resumed_ends_as_if_nothing_had_been(string point, int occurrence)
    {
        var run = await world.RunAsync(Slow);
        await using var worker = run.Start($"{point}:{occurrence}");
        Assert.Equal(WorldOfProcesses.Killed, await worker.EndedAsync());
        var resumed = await run.ApplyAsync();
        await world.MustBeAsUndisturbedAsync(run);
        NobodySettledTwice(worker.Lines, resumed.Sink);
    }

    [Fact]
    [Trait("Lane", "full")]
    public Task Four_runs_killed_at_random_instants_and_resumed_end_as_if_nothing_had_been() => AtRandomInstantsAsync(4);

    [Fact]
    [Trait("Lane", "full")]
    public Task A_hundred_runs_killed_at_random_instants_and_resumed_end_as_if_nothing_had_been() => AtRandomInstantsAsync(100);

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_run_whose_every_worker_is_killed_ends_as_if_nothing_had_been_once_one_is_left_alone()
    {
        var run = await world.RunAsync(Slow);
        foreach (var kill in new[] { "after-send:2", "after-response:2", "after-settle:2", "before-settle:1" })
        {
            await using var worker = run.Start(kill);
            Assert.Equal(WorldOfProcesses.Killed, await worker.EndedAsync());
        }

        await run.ApplyAsync();
        await world.MustBeAsUndisturbedAsync(run);
    }

    private async Task AtRandomInstantsAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var run = await world.RunAsync(Slow);
            await using var worker = run.Start();
            await worker.SaysAsync("milestone RunStarted");
            // An undisturbed run of this kind takes about half a second from here.
            var instant = TimeSpan.FromMilliseconds(Random.Shared.Next(0, 600));
            await Task.Delay(instant);
            worker.Kill();
            await worker.EndedAsync();
            var resumed = await run.ApplyAsync();
            try
            {
                await world.MustBeAsUndisturbedAsync(run);
            }
            catch (Xunit.Sdk.XunitException e)
            {
                throw new InvalidOperationException($"Killed after {instant.TotalMilliseconds} ms, having said:\n{string.Join('\n', worker.Lines)}", e);
            }

            NobodySettledTwice(worker.Lines, resumed.Sink);
        }
    }

    private static void NobodySettledTwice(IReadOnlyList<string> lines, RecordingSink sink)
    {
        var settled = lines.Where(l => l.StartsWith("settled ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1])
            .Concat(sink.Results.Select(r => r.SessionId.ToString())).ToList();
        Assert.Equal(settled.Count, settled.Distinct().Count());
    }
}

/// <summary>What ends a process.</summary>
internal static class WorldOfProcesses
{
    /// <summary>128 and the number of SIGKILL.</summary>
    public const int Killed = 137;
}

/// <summary>Twelve sessions in two batches, the artifacts of an undisturbed run of them, and runs to be disturbed.</summary>
public sealed class KillWorld : RunWorld, IAsyncLifetime
{
    private string _undisturbed = "";

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var run = await RunAsync();
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
        _undisturbed = ArtifactText.Read(run.OutputPath);
        Assert.Contains("\"met\": true", _undisturbed, StringComparison.Ordinal);
    }

    internal async Task<TestRun> RunAsync(params SandboxFault[] faults)
    {
        await FreshAsync();
        await SetAsync(faults);
        return await FrozenAsync(Plan(), Quick);
    }

    internal async Task MustBeAsUndisturbedAsync(TestRun run)
    {
        await run.MustHaveSucceededAsync();
        Assert.Equal(_undisturbed, ArtifactText.Read(run.OutputPath));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from backfill.item where state <> 'settled'"));
    }

    private BackfillPlan Plan()
    {
        // New: 3 + 1. With a profile that the second batch leaves alone: 3. The rest is overwritten.
        var everything = Batch("everything", [.. New.Take(3), .. WithProfile.Take(2), .. WithBoth.Take(3)], "");
        var missing = Batch("missing", [.. New.Skip(3).Take(1), .. WithProfile.Skip(2).Take(3)], ", \"if_missing\": true");
        return ReadPlan(
            $$"""
            {
              "backfill_plan": {
                "version": "{{Guid.NewGuid()}}", "timestamp": "2025-09-17T08:00:00Z", "environment": "staging",
                "engine_version": "v1.2.1", "fc_version": "v1.2",
                "throttle_per_minute": 20, "batch_size": 5, "total_candidates": 12, "expected_runtime_minutes": 1
              },
              "batches": [{{everything}}, {{missing}}],
              "expected_changes": {
                "fc_scores": {"new_rows": 9, "updated_rows": 3, "version": "v1.2", "fc_kind": "functions"},
                "profiles": {"new_rows": 4, "updated_rows": 5, "results_version": "v1.2.1"}
              }
            }
            """);
    }

    private static string Batch(string id, Guid[] sessions, string more) =>
        $$"""
        {
          "batch_id": "{{id}}", "description": "", "sessions": {{System.Text.Json.JsonSerializer.Serialize(sessions)}},
          "operations": [
            {"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"} },
            {"function": "score_prism", "params": {"engine_version": "v1.2.1"{{more}} } }
          ]
        }
        """;
}
