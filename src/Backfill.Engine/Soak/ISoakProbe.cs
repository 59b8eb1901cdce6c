using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Soak;

/// <summary>Looks at a target. READ ONLY by the server's own force: a write is refused there.</summary>
public interface ISoakProbe
{
    /// <summary>What is asked of the server, for the report.</summary>
    IReadOnlyList<SoakQuery> Queries { get; }

    /// <summary>Reads the target's clock.</summary>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The clock, and a sandbox's settings of its own.</returns>
    /// <exception cref="BackfillException">It could not be read.</exception>
    Task<SoakClockReading> ReadClockAsync(CancellationToken cancellationToken);

    /// <summary>Takes the figures of a window.</summary>
    /// <param name="question">Which window, against what.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The figures, every one of them measured.</returns>
    /// <exception cref="BackfillException">One could not be: unreachable, not permitted, hidden by a policy, too slow.</exception>
    Task<SoakFacts> MeasureAsync(SoakQuestion question, CancellationToken cancellationToken);
}

/// <summary>Which window is measured, and against what.</summary>
/// <param name="Since">Its start.</param>
/// <param name="Until">Its end, itself not in it.</param>
/// <param name="Settings">What is in force.</param>
/// <param name="Number">The sample; decides which sessions' tokens are tried.</param>
public sealed record SoakQuestion(DateTimeOffset Since, DateTimeOffset Until, SoakSettings Settings, int Number)
{
    /// <summary>Sessions completed before then are to be scored by now.</summary>
    public DateTimeOffset ScoredUntil => Until - Settings.GracePeriod;
}

/// <summary>A target's clock.</summary>
/// <param name="Now">What it shows.</param>
/// <param name="Origin">When a sandbox's time began to run faster; null elsewhere.</param>
/// <param name="Factor">So many times as fast; null elsewhere.</param>
public sealed record SoakClockReading(DateTimeOffset Now, DateTimeOffset? Origin, double? Factor);

/// <summary>One statement that measures.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Text">Its SQL.</param>
public sealed record SoakQuery(string Name, string Text);
