using System.Diagnostics;

namespace Backfill.Engine.Tests.Signals;

/// <summary>A program of the Debian package <c>prometheus</c>.</summary>
internal static class Tool
{
    /// <summary>Skips the test where the program is not there.</summary>
    public static void Require(string name) => Assert.SkipWhen(Find(name) is null, $"{name} is not installed");

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? $"{name}.exe" : name)).FirstOrDefault(File.Exists);

    /// <summary>Runs promtool to its end.</summary>
    public static async Task<(int Exit, string Output)> PromtoolAsync(string input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Find("promtool")!, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = MonitoringFiles.Folder,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}
