using System.Diagnostics;
using System.Text.Json;
using Backfill.Engine.Connections;
using Backfill.Engine.Health;

namespace Backfill.Benchmarks.Health;

/// <summary>What a child process says at its end.</summary>
/// <param name="Measured">From the open connection to the last session.</param>
/// <param name="Checked">The same with report and plan, once more.</param>
/// <param name="Needing">Sessions that need a backfill.</param>
/// <param name="PeakBytes">The most that the process ever had resident.</param>
internal sealed record HealthReply(TimeSpan Measured, TimeSpan Checked, int Needing, long PeakBytes);

/// <summary>A fresh process that measures, then writes report and plan.</summary>
internal static class HealthChild
{
    /// <summary>The first argument of such a process.</summary>
    public const string Verb = "health-child";

    public static async Task<int> RunAsync()
    {
        var info = JsonSerializer.Deserialize<Engine.Tests.Sandbox.SandboxInfo>((await Console.In.ReadLineAsync())!)!;
        var connection = await BenchTarget.ConnectAsync(info, requireLedger: true);
        await using var target = connection.Target;
        var query = new HealthQuery(
            PlanBatch.DefaultSince, null, HealthDefaults.EngineVersion, HealthDefaults.FcVersion, null, HealthDefaults.StatementTimeout);
        var begun = Stopwatch.GetTimestamp();
        await target.Health.MeasureAsync(query, _ => { }, CancellationToken.None);
        var measured = Stopwatch.GetElapsedTime(begun);

        var folder = Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        begun = Stopwatch.GetTimestamp();
        var report = await new HealthPhase(connection, TimeProvider.System)
            .CheckAsync(new() { Query = query, OutputPath = folder }, _ => { }, CancellationToken.None);
        var reply = new HealthReply(measured, Stopwatch.GetElapsedTime(begun), report.NeedingBackfill, PeakMemory.Bytes());
        Directory.Delete(folder, recursive: true);
        Console.WriteLine(JsonSerializer.Serialize(reply));
        return 0;
    }
}
