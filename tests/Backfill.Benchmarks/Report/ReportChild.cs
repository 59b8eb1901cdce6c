using System.Diagnostics;
using System.Text.Json;
using Backfill.Engine.Connections;
using Backfill.Engine.Reports.Html;

namespace Backfill.Benchmarks.Report;

/// <summary>What such a process is to do.</summary>
/// <param name="Target">Where.</param>
/// <param name="RunId">The run.</param>
internal sealed record ReportOrder(Engine.Tests.Sandbox.SandboxInfo Target, Guid RunId);

/// <summary>What it says at its end.</summary>
/// <param name="Seconds">From the open connection to the file.</param>
/// <param name="Bytes">How large that is.</param>
/// <param name="PeakMb">The most that the process ever had resident, in 10^6 bytes.</param>
internal sealed record ReportReply(double Seconds, long Bytes, double PeakMb);

/// <summary>A fresh process that writes a report.</summary>
internal static class ReportChild
{
    /// <summary>The first argument of such a process.</summary>
    public const string Verb = "report-child";

    public static async Task<int> RunAsync()
    {
        var order = JsonSerializer.Deserialize<ReportOrder>((await Console.In.ReadLineAsync())!)!;
        var connection = await BenchTarget.ConnectAsync(order.Target, requireLedger: true);
        await using var target = connection.Target;
        // Kept where somebody wants to look at it.
        var keep = Environment.GetEnvironmentVariable("BACKFILL_TEST_CHARTS");
        var folder = keep is { Length: > 0 } ? Directory.CreateDirectory(keep).FullName : Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        var begun = Stopwatch.GetTimestamp();
        var path = await new HtmlReport(connection).WriteAsync(order.RunId, Path.Combine(folder, "large.html"), CancellationToken.None);
        var reply = new ReportReply(Stopwatch.GetElapsedTime(begun).TotalSeconds, new FileInfo(path).Length, PeakMemory.Bytes() / 1e6);
        if (keep is not { Length: > 0 })
            Directory.Delete(folder, recursive: true);
        Console.WriteLine(JsonSerializer.Serialize(reply));
        return 0;
    }
}
