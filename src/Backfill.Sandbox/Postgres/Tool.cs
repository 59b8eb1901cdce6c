using System.Diagnostics;

namespace Backfill.Sandbox.Postgres;

/// <summary>Runs a small program to its end.</summary>
internal static class Tool
{
    /// <param name="start">What to run; its streams are taken.</param>
    /// <param name="launch">Starts the process, where somebody has to know of it.</param>
    /// <returns>Null where the program could not be started at all.</returns>
    public static async Task<ToolResult?> RunAsync(ProcessStartInfo start, Action<Process>? launch = null)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.CreateNoWindow = true;
        try
        {
            using var process = new Process { StartInfo = start };
            if (launch is null) process.Start();
            else launch(process);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().ConfigureAwait(false);
            return new ToolResult(
                process.Id, process.ExitCode, (await output.ConfigureAwait(false)).Trim(), (await error.ConfigureAwait(false)).Trim());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>How a program ended, and what it said.</summary>
internal sealed record ToolResult(int ProcessId, int ExitCode, string Output, string Error)
{
    /// <summary>The last line it complained with.</summary>
    public string Complaint => (Error.Length > 0 ? Error : Output).Split('\n')[^1].Trim();
}
