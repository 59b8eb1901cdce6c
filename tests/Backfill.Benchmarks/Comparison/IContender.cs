namespace Backfill.Benchmarks.Comparison;

/// <summary>One way to make both calls for every session.</summary>
internal interface IContender
{
    string Name { get; }

    /// <summary>The process that makes the calls.</summary>
    int ProcessId { get; }

    /// <summary>Does all sessions, <see cref="BenchOptions.Concurrency"/> at once.</summary>
    /// <returns>How long it took.</returns>
    Task<Lap> RunAsync();
}

/// <summary>What one contender needed for one round.</summary>
/// <param name="Whole">From the order to its end.</param>
/// <param name="Calling">From the first call to the last answer, as far as the contender can tell it apart.</param>
internal sealed record Lap(TimeSpan Whole, TimeSpan Calling);
