using System.Diagnostics;
using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Help;

/// <summary>Examples that use more than the engine's core commands, where <c>pwsh</c> 7.6 is installed.</summary>
public sealed class FullShellExampleTests
{
    private const string Program = "pwsh";
    private static readonly Version Needed = new(7, 6);

    [Fact]
    public async Task Every_example_that_needs_the_full_shell_runs_there_as_printed()
    {
        Assert.SkipUnless(await IsInstalledAsync(), "pwsh 7.6 is not installed");
        using var folder = new TemporaryFolder();
        var pages = HelpPages.Docs.Pages.Where(p => p.Examples.Any(e => e.NeedsFullShell)).ToList();
        var script = folder.Write("examples.ps1", new ExampleScript(folder, pages, e => e.NeedsFullShell).ToString());
        var (code, output) = await RunAsync("-NoProfile", "-NonInteractive", "-File", script);
        var lines = output.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain(lines, l => l.StartsWith("failed ", StringComparison.Ordinal));
        Assert.Equal((0, "done"), (code, lines[^1]));
        Assert.Equal(pages.Sum(p => p.Examples.Count(e => e.NeedsFullShell)), lines.Count(l => l == "went well"));
    }

    private static async Task<bool> IsInstalledAsync()
    {
        try
        {
            var (code, output) = await RunAsync("-NoProfile", "-Command", "\"$($PSVersionTable.PSVersion.Major).$($PSVersionTable.PSVersion.Minor)\"");
            return code == 0 && Version.TryParse(output.Trim(), out var version) && version >= Needed;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var name in ModuleShell.NoSettings.Keys)
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
