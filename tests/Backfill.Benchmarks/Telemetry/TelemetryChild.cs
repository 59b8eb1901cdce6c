using System.Text.Json;
using Backfill.Benchmarks.Comparison;
using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Benchmarks.Telemetry;

/// <summary>What such a process is to do, again and again.</summary>
/// <param name="Target">Where.</param>
/// <param name="Sessions">Which sessions, at every line that follows.</param>
internal sealed record TelemetryOrder(SandboxInfo Target, IReadOnlyList<Guid> Sessions);

/// <summary>A process that applies whenever it is told to, and lives through all rounds; its environment says whether it exports.</summary>
internal static class TelemetryChild
{
    /// <summary>The first argument of such a process.</summary>
    public const string Verb = "telemetry-child";

    public static async Task<int> RunAsync()
    {
        var order = JsonSerializer.Deserialize<TelemetryOrder>((await Console.In.ReadLineAsync())!)!;
        var connection = await BenchTarget.ConnectAsync(order.Target, requireLedger: true);
        var apply = new GuardedApply(order.Sessions, connection);
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(JsonSerializer.Serialize(await apply.RunAsync()));
        await connection.Target.DisposeAsync();
        return 0;
    }
}
