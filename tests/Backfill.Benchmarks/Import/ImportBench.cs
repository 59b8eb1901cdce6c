using System.Diagnostics;
using System.Globalization;
using Backfill.Engine.Plans.Json;

namespace Backfill.Benchmarks.Import;

/// <summary>Imports the staged module, and an empty one that is built here, in fresh processes by turns.</summary>
internal static class ImportBench
{
    private static readonly string Root = FindRoot();

    public static async Task<ImportFigures> RunAsync(string pwsh, int turns, Action<string> say)
    {
        string[] shell = Path.GetExtension(pwsh) == ".dll" ? ["dotnet", pwsh] : [pwsh];
        var folder = Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        try
        {
            var empty = await BuildEmptyAsync(folder);
            var staged = Path.Combine(Root, "out", "Backfill.PowerShell", "Backfill.PowerShell.psd1");
            var plan = Path.Combine(Root, "plans", "backfill_apply.plan.json");
            List<ImportTurn> ours = [], theirs = [];
            // The first pair warms the disk's cache up, and does not count.
            for (var i = 0; i <= turns; i++)
            {
                var nothing = await TurnAsync(shell, empty, "Get-Nothing");
                var turn = await TurnAsync(shell, staged, $"Get-BackfillPlan '{plan}'");
                if (i == 0)
                    continue;
                ours.Add(turn);
                theirs.Add(nothing);
            }

            var figures = new ImportFigures(Path.GetFileName(pwsh), ours, theirs);
            say(string.Create(CultureInfo.InvariantCulture, $"  {ours.Count} pairs of fresh processes: import {figures.More(t => t.ImportMs):0} ms more than an empty module"));
            return figures;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<ImportTurn> TurnAsync(string[] shell, string module, string command)
    {
        var script = $"$w = [Diagnostics.Stopwatch]::StartNew(); Import-Module '{module}' -ErrorAction Stop; $i = $w.Elapsed.TotalMilliseconds; "
            + $"$null = {command}; [Console]::Out.WriteLine([string]::Format([cultureinfo]::InvariantCulture, '{{0}} {{1}}', $i, $w.Elapsed.TotalMilliseconds - $i))";
        var begun = Stopwatch.GetTimestamp();
        var line = await OutputAsync(shell[0], [.. shell[1..], "-NoProfile", "-Command", script]);
        var whole = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        var times = line.Split(' ').Select(t => double.Parse(t, CultureInfo.InvariantCulture)).ToArray();
        return new(times[0], times[1], whole);
    }

    private static async Task<string> BuildEmptyAsync(string folder)
    {
        var project = Path.Combine(Root, "tests", "Backfill.Benchmarks", "Import", "EmptyModule", "EmptyModule.csproj");
        var output = Path.Combine(folder, "module");
        await OutputAsync("dotnet", ["build", project, "-c", "Release", "-o", output, "--artifacts-path", folder, "-v", "quiet", "-nologo"]);
        return Path.Combine(output, "EmptyModule.psd1");
    }

    private static async Task<string> OutputAsync(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Backfill.PowerShell.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The benchmark runs from within the repository.");
    }
}
