using Backfill.Engine.Apply.Claim;

namespace Backfill.Engine.Apply.Call;

/// <summary>Repeats attempts at one operation, with growing, jittered pauses.</summary>
public interface IAttemptPolicy
{
    /// <summary>Runs <paramref name="attempt"/> until its reply needs no repetition, or the attempts are used up.</summary>
    /// <param name="attempt">Makes one attempt; gets its number, from 1.</param>
    /// <param name="onRetry">Told of each attempt that is repeated, and how long the pause before that is.</param>
    /// <param name="cancellationToken">Ends the pauses; the last result stands.</param>
    /// <returns>The last attempt's result.</returns>
    Task<AttemptResult> RunAsync(
        Func<int, CancellationToken, Task<AttemptResult>> attempt, Action<AttemptResult, TimeSpan> onRetry, CancellationToken cancellationToken);
}
