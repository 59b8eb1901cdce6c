using System.Globalization;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Four worker processes on one run at 1,200 a minute, by the server's clock. How much of the pace they use depends on the machine, and is told only.</summary>
public sealed class SharedPaceTests(LargeWorld world, ITestOutputHelper output) : IClassFixture<LargeWorld>
{
    private const int PerMinute = 1200;

    private static readonly RunSettings Settings = RunWorld.Quick with
    {
        ThrottlePerMinute = PerMinute,
        ConcurrencyLimit = 16,
        Lease = TimeSpan.FromSeconds(5),
        QuietPeriod = TimeSpan.FromSeconds(2),
    };

    [Fact]
    [Trait("Lane", "full")]
    public async Task Four_processes_never_exceed_the_pace()
    {
        var run = await FrozenAsync();
        await using (var workers = new Workers(run, 4))
            await workers.EndedAsync();
        await MustHaveKeptThePaceAsync(run);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task With_two_of_them_killed_and_restarted_they_never_do()
    {
        var run = await FrozenAsync();
        await using (var workers = new Workers(run, 4))
        {
            foreach (var part in new[] { 0.3, 0.6 })
            {
                while ((await run.ReadAsync()).Remaining > run.Sessions.Count * (1 - part))
                    await Task.Delay(200);
                workers.KillOneAndStartAnother();
            }

            await workers.EndedAsync();
        }

        await MustHaveKeptThePaceAsync(run);
    }

    private async Task<TestRun> FrozenAsync()
    {
        await world.FreshAsync();
        return await world.FrozenAsync(ApplyWorld.PlanOf([.. world.New.Concat(world.WithProfile).Take(2600)]), Settings);
    }

    private async Task MustHaveKeptThePaceAsync(TestRun run)
    {
        await run.MustHaveSucceededAsync();
        var starts = Arrivals.OfSessions(await run.CallsAsync());
        var most = Arrivals.MostInAMinute(starts);
        var used = (starts.Count - 1) / (starts[^1] - starts[0]).TotalMinutes / PerMinute;
        var peak = (await run.ReadAsync()).PeakPerMinute;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{starts.Count} starts, most in a minute {most} (ledger: {peak}), {used:P2} of the budget"));
        Assert.True(peak <= PerMinute, $"The ledger counts {peak}.");
        Assert.True(most <= PerMinute, $"{most} sessions arrived within a minute.");
    }

    private sealed class Workers(TestRun run, int count) : IAsyncDisposable
    {
        private readonly List<WorkerProcess> _all = [.. Enumerable.Range(0, count).Select(_ => run.Start())];
        private int _killed;

        public void KillOneAndStartAnother()
        {
            _all[_killed++].Kill();
            _all.Add(run.Start());
        }

        public async Task EndedAsync()
        {
            foreach (var worker in _all.Skip(_killed))
                await worker.SaysAsync("ended Completed", TimeSpan.FromMinutes(5));
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var worker in _all)
                await worker.DisposeAsync();
        }
    }
}
