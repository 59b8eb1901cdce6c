using System.Diagnostics;
using Backfill.Engine.Apply;

namespace Backfill.Benchmarks.Comparison;

/// <summary>The apply phase with everything it does: freeze, claim, images, calls, verification, settlement, artifacts.</summary>
/// <param name="sessions">What it does.</param>
/// <param name="connection">Where.</param>
/// <param name="name">What it is called in the table.</param>
/// <param name="watches">Whether it reads the target's signs of health.</param>
internal sealed class GuardedApply(
    IReadOnlyList<Guid> sessions, BackfillConnection connection, string name = "guarded apply", bool watches = true) : IContender
{
    /// <summary>So fast that no session ever waits for its slot.</summary>
    private const int PaceOutOfTheWay = 1_000_000;

    public string Name => name;

    public int ProcessId => Environment.ProcessId;

    public async Task<Lap> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        try
        {
            var request = new ApplyRequest
            {
                Plan = BenchTarget.PlanOf(sessions, watches),
                OutputPath = folder,
                ThrottlePerMinute = PaceOutOfTheWay,
                ConcurrencyLimit = BenchOptions.Concurrency,
            };
            var sink = new CountingSink();
            var start = Stopwatch.GetTimestamp();
            var end = await new ApplyPhase(connection, TimeProvider.System).RunAsync(request, sink, CancellationToken.None);
            var whole = Stopwatch.GetElapsedTime(start);
            return end.Run.Succeeded == sessions.Count && sink.Settled == sessions.Count
                ? new(whole, sink.Working)
                : throw new InvalidOperationException($"{end.Run.Succeeded} of {sessions.Count} sessions succeeded: {sink.LastWarning}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Counts, and remembers when the first worker started and the last session was settled.</summary>
    private sealed class CountingSink : IApplySink
    {
        private int _settled;
        private long _started;
        private long _last;

        public int Settled => _settled;

        public TimeSpan Working => Stopwatch.GetElapsedTime(_started, _last);

        public string? LastWarning { get; private set; }

        void IApplySink.Settled(BackfillSessionResult result)
        {
            Interlocked.Increment(ref _settled);
            Volatile.Write(ref _last, Stopwatch.GetTimestamp());
        }

        public void Warn(string message) => LastWarning = message;

        public void Explain(string message)
        {
        }

        public void Progressed(ApplyProgress progress)
        {
        }

        public void Milestone(string message, string tag)
        {
            if (tag == "RunStarted")
                _started = Stopwatch.GetTimestamp();
        }
    }
}
