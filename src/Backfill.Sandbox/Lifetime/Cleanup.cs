using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace Backfill.Sandbox.Lifetime;

/// <summary>Ends what a sandbox started and deletes its folder. Done by the guardian, however the sandbox ended.</summary>
internal static class Cleanup
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="folder">The sandbox's folder.</param>
    /// <param name="launched">What it launched and did not report as ended.</param>
    /// <returns>Whether nothing is left.</returns>
    public static bool Run(string folder, IReadOnlyCollection<int> launched)
    {
        var all = launched.Union(Strays.Of(SandboxFolder.DataOf(folder))).ToArray();
        if (OperatingSystem.IsWindows())
            StopOnWindows(all);
        else
            StopOnUnix(all);

        return SandboxFolder.Delete(folder);
    }

    [UnsupportedOSPlatform("windows")]
    private static void StopOnUnix(int[] all)
    {
        // SIGQUIT is PostgreSQL's immediate shutdown: no checkpoint, because the folder goes next. The postmaster
        // ends its own children, and kills those that tarry after five seconds.
        foreach (var id in all)
            Unix.Signal(id, Unix.SigQuit);
        if (AllEnded(all)) return;

        foreach (var id in all)
            Unix.Signal(id, Unix.SigKill);
        AllEnded(all);
    }

    [UnsupportedOSPlatform("windows")]
    private static bool AllEnded(int[] all)
    {
        // Not our children (their parent is dead), so there is no event to wait for.
        var since = Stopwatch.GetTimestamp();
        while (all.Any(Unix.IsRunning))
        {
            if (Stopwatch.GetElapsedTime(since) > Patience) return false;
            Thread.Sleep(10);
        }

        return true;
    }

    private static void StopOnWindows(int[] all)
    {
        foreach (var id in all)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill(entireProcessTree: true);
                process.WaitForExit(Patience);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It ended by itself.
            }
        }
    }
}
