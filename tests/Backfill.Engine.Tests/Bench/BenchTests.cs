using System.Diagnostics;
using System.Text.Json;

namespace Backfill.Engine.Tests.Bench;

/// <summary>
/// A benchmark that nobody runs is broken when its figures are wanted. The one that writes the most into
/// the ledger by hand, and so depends on its tables, runs every day.
/// </summary>
public class BenchTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("apply", Traits = ["Lane", "full"])]
    [InlineData("slow", Traits = ["Lane", "full"])]
    [InlineData("guard", Traits = ["Lane", "full"])]
    [InlineData("ledger", Traits = ["Lane", "full"])]
    [InlineData("million", "large_run")]
    [InlineData("batches", Traits = ["Lane", "full"])]
    [InlineData("undo", Traits = ["Lane", "full"])]
    [InlineData("health", Traits = ["Lane", "full"])]
    [InlineData("import", Traits = ["Lane", "full"])]
    [InlineData("report", Traits = ["Lane", "full"])]
    [InlineData("telemetry", Traits = ["Lane", "full"])]
    public async Task Every_part_runs_in_its_small_form_and_has_figures(string part, string? section = null)
    {
        var path = Path.Combine(TestFolders.Root, $"bench-{part}.json");
        var folder = AppContext.BaseDirectory.Replace("Backfill.Engine.Tests", "Backfill.Benchmarks", StringComparison.Ordinal);
        var program = Path.Combine(folder, "Backfill.Benchmarks.dll");
        Assert.SkipUnless(File.Exists(program), "The benchmark is not built.");
        var shell = Environment.GetEnvironmentVariable("BACKFILL_PWSH") ?? "pwsh";
        var start = new ProcessStartInfo("dotnet", [program, "--small", "--only", part, "--pwsh", shell, "--output", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var words = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(Stop), process.StandardError.ReadToEndAsync(Stop));
        await process.WaitForExitAsync(Stop);

        Assert.True(process.ExitCode == 0, string.Join('\n', words));
        using var figures = JsonDocument.Parse(await File.ReadAllTextAsync(path, Stop));
        Assert.NotEqual(JsonValueKind.Null, figures.RootElement.GetProperty(section ?? part).ValueKind);
    }
}
