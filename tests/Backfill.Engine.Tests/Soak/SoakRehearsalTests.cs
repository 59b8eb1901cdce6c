using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Connections;
using Backfill.TestWorker;

namespace Backfill.Engine.Tests.Soak;

/// <summary>Six hours in seconds, on a sandbox whose clock runs faster; directly, and through a transaction pooler.</summary>
public sealed class SoakRehearsalTests(SoakWorld world) : IClassFixture<SoakWorld>
{
    private const double Factor = 450;

    [Fact]
    [Trait("Lane", "full")]
    public async Task Six_hours_are_rehearsed_in_seconds_killed_twice_and_taken_up_again()
    {
        await world.FreshAsync();
        var run = await world.RunAsync();
        await SpeedUpAsync();
        // All the traffic of six hours lies there beforehand: what has not come yet by the fast clock is outside every sample.
        var traffic = await world.PlantAsync(200, DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1.7), scored: true, answered: true);
        var folder = ApplyWorld.NewFolder();

        // The first dies with a sample measured and not kept, the second with one that is kept and that nobody has seen.
        var first = await SoakAsync(run, folder, $"{Points.BeforeKeep}:25");
        var second = await SoakAsync(run, folder, $"{Points.AfterKeep}:25");
        Assert.False(File.Exists(Path.Combine(folder, "staging_observability.md")));
        var third = await SoakAsync(run, folder, kill: null);

        Assert.Equal(Enumerable.Range(1, 24), first);
        Assert.Equal(Enumerable.Range(25, 24), second);
        Assert.Equal(Enumerable.Range(50, 23), third);
        var soak = (await world.Connection.Target.Soaks.FindLatestAsync(run, TestContext.Current.CancellationToken))!;
        var kept = await world.Connection.Target.Soaks.ReadAsync(soak, 0, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(1, 72), kept.Select(s => s.Number));
        Assert.Equal(1, await world.ScalarAsync<long>("select count(*) from backfill.soak"));
        Assert.True(soak.Ending?.Verdict == SoakVerdict.Pass, string.Join('\n', kept[^1].Checks));
        Assert.Equal(TimeSpan.FromHours(6), kept[^1].WindowEnd - kept[^1].WindowStart);
        Assert.All(kept.Zip(kept.Skip(1)), pair => Assert.True(pair.First.At < pair.Second.At));
        // Traffic came in as the hours went by.
        Assert.InRange(kept[^1].CompletedSessions!.Value, 150, traffic.Count);
        Assert.All(kept.Zip(kept.Skip(1)), pair => Assert.True(pair.First.CompletedSessions <= pair.Second.CompletedSessions));
        Assert.True(kept[20].CompletedSessions < kept[40].CompletedSessions && kept[40].CompletedSessions < kept[60].CompletedSessions);
        var text = await File.ReadAllTextAsync(Path.Combine(folder, "staging_observability.md"), TestContext.Current.CancellationToken);
        Assert.StartsWith("# Staging soak: Pass\n", text, StringComparison.Ordinal);
        Assert.Contains("(staging_observability.svg)", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "staging_observability.svg")));
        var json = text[(text.IndexOf("```json", StringComparison.Ordinal) + 7)..text.LastIndexOf("```", StringComparison.Ordinal)];
        Assert.Equal(
            Enumerable.Range(1, 72),
            JsonDocument.Parse(json).RootElement.GetProperty("samples").EnumerateArray().Select(s => s.GetProperty("number").GetInt32()));
        Keep(folder);
    }

    [Fact]
    public async Task A_clock_that_leaves_no_time_for_scoring_is_told()
    {
        await world.FreshAsync();
        await SpeedUpAsync();
        var sink = new SoakSink();
        // A sixth of it is 1:40 min by the fast clock, and 222 ms by any other.
        await world.SoakAsync(new() { Duration = TimeSpan.FromMinutes(10), OutputPath = ApplyWorld.NewFolder() }, sink: sink);
        Assert.Contains("lasts 222 ms", Assert.Single(sink.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_transaction_pooler_it_is_as_it_is_without()
    {
        Assert.SkipUnless(PgBouncer.Program is not null, "pgbouncer is not installed.");
        await world.FreshAsync();
        await world.PlantAsync(60);
        await using var pooler = await PgBouncer.StartAsync(world.Sandbox.Info.DatabaseUrl, "transaction");
        await using var direct = world.As().Target;
        await using var pooled = world.As(port: pooler.Port).Target;
        var there = await world.LookBackAsync(OpenTarget.Connect(world.Connection.Identity, direct));
        var through = await world.LookBackAsync(OpenTarget.Connect(world.Connection.Identity, pooled));
        Assert.Equal(SoakVerdict.Pass, through.Verdict);
        Assert.Equal(there.Checks.Select(c => c.ToString()), through.Checks.Select(c => c.ToString()));
        // Nothing of anon is left in the pooler's one server connection.
        Assert.Equal(SoakVerdict.Pass, (await world.LookBackAsync(OpenTarget.Connect(world.Connection.Identity, pooled))).Verdict);
    }

    /// <summary>Soaks in a process of its own, until it ends or is killed; gives the samples that it showed.</summary>
    private async Task<IEnumerable<int>> SoakAsync(Guid run, string folder, string? kill)
    {
        await using var worker = WorkerProcess.Start(world, run, folder, kill, "--verb", "soak");
        Assert.Equal(kill is null ? 0 : WorldOfProcesses.Killed, await worker.EndedAsync());
        Assert.DoesNotContain(worker.Lines, l => l.StartsWith("warning", StringComparison.Ordinal));
        return worker.Lines.Where(l => l.StartsWith(Points.Sampled, StringComparison.Ordinal))
            .Select(l => int.Parse(l.Split(' ')[1], CultureInfo.InvariantCulture));
    }

    private async Task SpeedUpAsync()
    {
        var origin = DateTimeOffset.UtcNow.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        await world.AsSuperuserAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"alter database postgres set sandbox.clock_origin = '{origin}'; alter database postgres set sandbox.clock_factor = '{Factor}'"));
    }

    /// <summary>For whoever wants to look at the report: BACKFILL_TEST_CHARTS names a folder.</summary>
    private static void Keep(string folder)
    {
        if (Environment.GetEnvironmentVariable("BACKFILL_TEST_CHARTS") is not { Length: > 0 } kept)
            return;
        foreach (var file in Directory.EnumerateFiles(folder))
            File.Copy(file, Path.Combine(Directory.CreateDirectory(kept).FullName, Path.GetFileName(file)), overwrite: true);
    }
}
