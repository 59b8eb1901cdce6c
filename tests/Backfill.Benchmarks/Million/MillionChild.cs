using System.Text.Json;
using Backfill.Engine.Apply;
using Backfill.Engine.Connections;

namespace Backfill.Benchmarks.Million;

/// <summary>A fresh process that freezes a run, or goes on with one, works a little, and is stopped as Ctrl+C would.</summary>
internal static class MillionChild
{
    /// <summary>The first argument of such a process.</summary>
    public const string Verb = "large-run-child";

    public static async Task<int> RunAsync()
    {
        var order = JsonSerializer.Deserialize<MillionOrder>((await Console.In.ReadLineAsync())!)!;
        var connection = await BenchTarget.ConnectAsync(order.Target, requireLedger: true);
        await using var target = connection.Target;
        var connectedAt = DateTimeOffset.UtcNow;
        using var stop = new CancellationTokenSource();
        var sink = new StoppingSink(order.Settled, stop);
        var folder = Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        var end = await new ApplyPhase(connection, TimeProvider.System).RunAsync(
            new()
            {
                Plan = order.Sessions is { } sessions ? BenchTarget.PlanOf(sessions) : null,
                RunId = order.RunId,
                OutputPath = folder,
                ThrottlePerMinute = order.Sessions is null ? null : 60_000,
            },
            sink,
            stop.Token);
        Directory.Delete(folder, recursive: true);
        Console.WriteLine(JsonSerializer.Serialize(new MillionReply(end.Run.RunId, connectedAt, sink.StartedAt, PeakMemory.Bytes())));
        return 0;
    }

    private sealed class StoppingSink(int most, CancellationTokenSource stop) : IApplySink
    {
        private int _settled;

        public DateTimeOffset StartedAt { get; private set; }

        public void Settled(BackfillSessionResult result)
        {
            if (Interlocked.Increment(ref _settled) == most)
                stop.Cancel();
        }

        public void Warn(string message) => Console.Error.WriteLine(message);

        public void Explain(string message)
        {
        }

        public void Progressed(ApplyProgress progress)
        {
        }

        public void Milestone(string message, string tag)
        {
            if (tag == "RunStarted")
                StartedAt = DateTimeOffset.UtcNow;
        }
    }
}
