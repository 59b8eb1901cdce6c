using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Backfill.Sandbox.Lifetime;

/// <summary>
/// Processes that work on a data folder without the guardian having been told: started in the instant in which the
/// sandbox was killed, or behind a program that changed their account.
/// </summary>
internal static class Strays
{
    public static IEnumerable<int> Of(string data) => OperatingSystem.IsLinux() ? Naming(data) : Postmaster(data);

    /// <summary>Those whose command line names the folder.</summary>
    private static IEnumerable<int> Naming(string data)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId
                && CommandLine(process).Contains(data, StringComparison.Ordinal))
                yield return id;
        }
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The one that the folder's own lock file names; the file may outlive its writer, and the number be another's.</summary>
    private static IEnumerable<int> Postmaster(string data)
    {
        try
        {
            return int.TryParse(
                File.ReadLines(Path.Combine(data, "postmaster.pid")).FirstOrDefault(), CultureInfo.InvariantCulture, out var id)
                && IsPostgres(id)
                ? [id]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsPostgres(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.ProcessName.StartsWith("postgres", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false;
        }
    }
}
