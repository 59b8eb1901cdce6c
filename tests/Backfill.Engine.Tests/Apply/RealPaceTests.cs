using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Apply;

/// <summary>The plan's own pace, by the clock of the function server. It takes two minutes, so it is full.</summary>
public sealed class RealPaceTests(ApplyWorld world) : IClassFixture<ApplyWorld>
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("Lane", "full")]
    public async Task No_minute_sees_more_than_twenty_sessions_and_the_run_takes_two_minutes()
    {
        var plan = new PlanReader().Read(Path.Combine(TestRepository.Root, "plans", "backfill_apply.plan.json")).Plan!;
        var applied = await world.ApplyAsync(new ApplyRequest { Plan = plan, OutputPath = ApplyWorld.NewFolder() });
        Assert.Equal(39, applied.Run.Succeeded);

        var calls = await world.Sandbox.Control.CallsAsync();
        var starts = calls.Where(c => c.Method == "POST").GroupBy(c => c.SessionId)
            .Select(g => g.Min(c => c.ArrivedTickUs)).Order().ToList();
        Assert.Equal(39, starts.Count);
        var most = starts.Max(s => starts.Count(t => t >= s && t < s + (Window.Ticks / TimeSpan.TicksPerMicrosecond)));
        Assert.True(most <= 20, $"{most} sessions arrived within a minute.");
        Assert.True(applied.Run.PeakPerMinute <= 20, $"The ledger counts {applied.Run.PeakPerMinute}.");
        var took = applied.Run.FinishedAt - applied.Run.StartedAt;
        Assert.True(took < TimeSpan.FromSeconds(125), $"The run took {took}.");
    }
}
