using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Apply;

namespace Backfill.Benchmarks.Report;

/// <summary>What the report of a large run came to.</summary>
/// <param name="Sessions">The run's sessions.</param>
/// <param name="Turns">A fresh process each.</param>
internal sealed record ReportFigures(int Sessions, IReadOnlyList<ReportReply> Turns);

/// <summary>The HTML report of a run of so many sessions that a page can't hold them.</summary>
internal static class ReportRun
{
    public static async Task<ReportFigures> RunAsync(int sessions, int rounds, Action<string> say)
    {
        await using var target = await BenchTarget.StartAsync(39);
        var run = await FillAsync(target, sessions, say);
        var turns = new List<ReportReply>();
        for (var round = 0; round < rounds; round++)
        {
            var turn = await TurnAsync(new(target.Info, run));
            turns.Add(turn);
            say(string.Create(CultureInfo.InvariantCulture, $"  report of {turn.Bytes / 1e6:0.00} MB in {turn.Seconds:0.0} s, peak {turn.PeakMb:0} MB"));
        }

        return new(sessions, turns);
    }

    private static async Task<Guid> FillAsync(BenchTarget target, int sessions, Action<string> say)
    {
        var since = Stopwatch.GetTimestamp();
        var folder = Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        var end = await new ApplyPhase(target.Connection, TimeProvider.System).RunAsync(
            new() { Plan = BenchTarget.PlanOf([target.Sessions[0]]), OutputPath = folder, ThrottlePerMinute = 60_000 },
            new SilentSink(),
            CancellationToken.None);
        Directory.Delete(folder, recursive: true);
        await target.ExecuteAsync(Resource.Read("Report/fill.sql")
            .Replace("{{run}}", end.Run.RunId.ToString(), StringComparison.Ordinal)
            .Replace("{{sessions}}", sessions.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await target.ExecuteAsync("vacuum (analyze)");
        say(string.Create(CultureInfo.InvariantCulture, $"  a run of {sessions} sessions inserted in {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s"));
        return end.Run.RunId;
    }

    private static async Task<ReportReply> TurnAsync(ReportOrder order)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ReportRun).Assembly.Location, ReportChild.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order));
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The child process ended without a word.");
        await process.WaitForExitAsync();
        return JsonSerializer.Deserialize<ReportReply>(line)!;
    }
}
