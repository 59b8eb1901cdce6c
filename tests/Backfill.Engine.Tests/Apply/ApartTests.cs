using System.Diagnostics;
using System.Globalization;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Workers on machines of their own, as far as their networks go, on one run; the ledger is all that they share.</summary>
public sealed class ApartTests(LargeWorld world, ITestOutputHelper output) : IClassFixture<LargeWorld>
{
    private const int PerMinute = 1200;
    private const int WorkerCount = 16;
    private const int Partitions = 20;

    [Fact]
    [Trait("Lane", "full")]
    public async Task Sixteen_workers_with_twenty_partitions_keep_the_pace_and_do_nothing_twice()
    {
        Assert.SkipUnless(await CanBeApartAsync(), "This user can't make network namespaces (unshare, ip).");
        await world.FreshAsync();
        var run = await world.FrozenAsync(ApplyWorld.PlanOf([.. world.New.Concat(world.WithProfile).Take(2600)]), RunWorld.Quick with
        {
            ThrottlePerMinute = PerMinute,
            ConcurrencyLimit = 8,
            Lease = TimeSpan.FromSeconds(5),
            // Longer than any partition: bytes that were on their way come late.
            QuietPeriod = TimeSpan.FromSeconds(12),
            CallTimeout = TimeSpan.FromSeconds(5),
        });
        int[] ports = [new Uri(world.Sandbox.Info.ApiUrl).Port, new Uri(world.Sandbox.Info.DatabaseUrl).Port];
        var lines = Enumerable.Range(0, WorkerCount).Select(_ => new CutLine(ports)).ToList();
        var workers = lines.Select(l => WorkerProcess.StartApart(world, run.Id, run.OutputPath, l)).ToList();
        try
        {
            var random = new Random(16);
            await run.OnceAsync(r => r.ActiveWorkers == WorkerCount);
            for (var i = 0; i < Partitions; i++)
            {
                var line = lines[random.Next(WorkerCount)];
                line.Cut();
                await Task.Delay(random.Next(1000, 8000), TestContext.Current.CancellationToken);
                line.Heal(breaks: random.Next(2) == 0);
            }

            foreach (var worker in workers)
                await worker.SaysAsync("ended Completed", TimeSpan.FromMinutes(6));
        }
        finally
        {
            foreach (var worker in workers)
                await worker.DisposeAsync();
            lines.ForEach(l => l.Dispose());
        }

        await run.MustHaveSucceededAsync();
        var calls = await run.CallsAsync();
        var starts = Arrivals.OfSessions(calls);
        var most = Arrivals.MostInAMinute(starts);
        var twice = calls.Where(c => c.Logged.Status == 200).GroupBy(c => (c.SessionId, c.Function)).Count(g => g.Count() > 1);
        var settled = workers.Select(w => w.Lines.Count(l => l.StartsWith("settled ", StringComparison.Ordinal))).ToList();
        var peak = (await run.ReadAsync()).PeakPerMinute;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{starts.Count} starts, most in a minute {most} (ledger: {peak}); workers settled {string.Join(", ", settled)}; done twice: {twice}"));
        Assert.True(most <= PerMinute, $"{most} sessions arrived within a minute.");
        Assert.Equal(0, twice);
        Assert.True(settled.Count(n => n > 0) > 1, "One worker did it all.");
    }

    private static async Task<bool> CanBeApartAsync()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            using var trial = Process.Start(new ProcessStartInfo("unshare", ["--net", "ip", "link", "set", "lo", "up"]) { RedirectStandardError = true })!;
            await trial.WaitForExitAsync();
            return trial.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
