using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Apply;

namespace Backfill.Benchmarks.Undo;

/// <summary>The script of a large run beside COPY of the same rows, and its rollback beside a statement written by hand.</summary>
internal static class UndoBench
{
    public static async Task<UndoFigures> RunAsync(int images, int rounds, Action<string> say)
    {
        await using var target = await BenchTarget.StartAsync(39);
        var folder = Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        try
        {
            var run = await FillAsync(target, images, folder, say);
            var (script, copy) = (Path.Combine(folder, "rollback.sql"), Path.Combine(folder, "images.copy"));
            var all = new List<UndoRound>();
            // None to warm up: each turn is a process of its own, and the rows are more than any cache holds.
            for (var round = 1; round <= rounds; round++)
            {
                var turn = new UndoRound(
                    await TurnAsync(target, run, "script", script),
                    await TurnAsync(target, run, "copy", copy),
                    await TurnAsync(target, run, "undo", ""),
                    await ByHandAsync(target, run));
                await ReapplyAsync(target, run);
                say(string.Create(CultureInfo.InvariantCulture, $"  round {round}: script {turn.Script.Seconds:0.0} s, copy {turn.Copy.Seconds:0.0} s, rollback {turn.Undo.Seconds:0.0} s, by hand {turn.ByHandSeconds:0.0} s"));
                all.Add(turn);
            }

            return new(images, new FileInfo(script).Length / 1e6, new FileInfo(copy).Length / 1e6, all);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Guid> FillAsync(BenchTarget target, int images, string folder, Action<string> say)
    {
        var since = Stopwatch.GetTimestamp();
        var end = await new ApplyPhase(target.Connection, TimeProvider.System).RunAsync(
            new() { Plan = BenchTarget.PlanOf([target.Sessions[0]]), OutputPath = folder, ThrottlePerMinute = 60_000 },
            new SilentSink(),
            CancellationToken.None);
        var run = end.Run.RunId;
        await target.ExecuteAsync(Sql("fill", run).Replace("{{rows}}", images.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await target.ExecuteAsync("vacuum (analyze)");
        say(string.Create(CultureInfo.InvariantCulture, $"  {images} images inserted in {Stopwatch.GetElapsedTime(since).TotalSeconds:0} s"));
        return run;
    }

    private static async Task<double> ByHandAsync(BenchTarget target, Guid run)
    {
        await ReapplyAsync(target, run);
        var since = Stopwatch.GetTimestamp();
        await target.ExecuteAsync(Sql("by_hand", run));
        return Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static async Task ReapplyAsync(BenchTarget target, Guid run)
    {
        await target.ExecuteAsync(Sql("reapply", run));
        await target.ExecuteAsync("vacuum (analyze)");
        await target.ExecuteAsync("checkpoint");
    }

    private static async Task<UndoTurn> TurnAsync(BenchTarget target, Guid run, string work, string path)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(UndoBench).Assembly.Location, UndoChild.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new UndoOrder(target.Info, run, work, path)));
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The child process ended without a word.");
        await process.WaitForExitAsync();
        return JsonSerializer.Deserialize<UndoTurn>(line)!;
    }

    private static string Sql(string name, Guid run) =>
        Resource.Read($"Undo/{name}.sql").Replace("{{run}}", run.ToString(), StringComparison.Ordinal);
}
