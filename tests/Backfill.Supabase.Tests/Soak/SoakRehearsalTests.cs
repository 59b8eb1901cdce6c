using System.Globalization;
using System.Text.Json;
using Backfill.Soak;
using Backfill.Supabase.Tests.Apply;
using Backfill.Supabase.Tests.Connections;

namespace Backfill.Supabase.Tests.Soak;

/// <summary>Six hours in seconds, on a sandbox whose clock runs faster; directly, and through a transaction pooler.</summary>
public sealed class SoakRehearsalTests(SoakWorld world) : IClassFixture<SoakWorld>
{
    private const double Factor = 1500;

    [Fact]
    public async Task Six_hours_are_rehearsed_in_seconds_killed_twice_and_taken_up_again()
    {
        await world.FreshAsync();
        var run = await world.RunAsync();
        await SpeedUpAsync();
        // All the traffic of six hours lies there beforehand: what has not come yet by the fast clock is outside every sample.
        var traffic = await world.PlantAsync(200, DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1.7), scored: true, answered: true);
        var folder = ApplyWorld.NewFolder();
        var request = new SoakRequest { RunId = run, OutputPath = folder };
        var shown = new List<SoakSample>();
        var since = TimeProvider.System.GetTimestamp();
        foreach (var last in (int[])[25, 50])
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => world.SoakAsync(request, sink: new()
            {
                OnTaken = s =>
                {
                    shown.Add(s);
                    if (s.Number == last)
                        throw new InvalidOperationException("killed");
                },
            }));
        }

        var (end, _) = await world.SoakAsync(request, sink: new() { OnTaken = shown.Add });

        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
        Assert.Equal(Enumerable.Range(1, 72), shown.Select(s => s.Number));
        Assert.True(end.Verdict == SoakVerdict.Pass, string.Join('\n', shown[^1].Checks));
        Assert.Equal(TimeSpan.FromHours(6), shown[^1].WindowEnd - shown[^1].WindowStart);
        // Traffic came in as the hours went by.
        Assert.InRange(shown[^1].CompletedSessions!.Value, 180, traffic.Count);
        Assert.True(shown[20].CompletedSessions < shown[40].CompletedSessions && shown[40].CompletedSessions < shown[60].CompletedSessions);
        var text = await File.ReadAllTextAsync(Path.Combine(folder, "staging_observability.md"));
        Assert.StartsWith("# Staging soak: Pass\n", text, StringComparison.Ordinal);
        Assert.Contains("(staging_observability.svg)", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder, "staging_observability.svg")));
        var json = text[(text.IndexOf("```json", StringComparison.Ordinal) + 7)..text.LastIndexOf("```", StringComparison.Ordinal)];
        Assert.Equal(72, JsonDocument.Parse(json).RootElement.GetProperty("samples").GetArrayLength());
        Keep(folder);
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
        var there = await world.LookBackAsync(new(world.Connection.Identity, direct));
        var through = await world.LookBackAsync(new(world.Connection.Identity, pooled));
        Assert.Equal(SoakVerdict.Pass, through.Verdict);
        Assert.Equal(there.Checks.Select(c => c.ToString()), through.Checks.Select(c => c.ToString()));
        // Nothing of anon is left in the pooler's one server connection.
        Assert.Equal(SoakVerdict.Pass, (await world.LookBackAsync(new(world.Connection.Identity, pooled))).Verdict);
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
