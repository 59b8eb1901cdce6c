using System.Diagnostics;
using System.Globalization;
using Backfill.Engine.Plans.Json;

namespace Backfill.Benchmarks;

/// <summary>The most that this process ever had resident.</summary>
internal static class PeakMemory
{
    public static long Bytes()
    {
        if (!OperatingSystem.IsLinux())
            return Process.GetCurrentProcess().PeakWorkingSet64;
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
