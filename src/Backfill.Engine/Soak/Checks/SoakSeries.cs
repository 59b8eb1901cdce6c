namespace Backfill.Engine.Soak.Checks;

/// <summary>The samples of a soak so far, by whomever they were taken, and what is missing among them.</summary>
public sealed class SoakSeries
{
    private readonly List<SoakSample> _samples = [];
    private readonly Dictionary<int, string> _reasons = [];

    /// <summary>The samples, in order.</summary>
    public IReadOnlyList<SoakSample> Samples => _samples;

    /// <summary>The highest number that was taken or given up; 0 before the first.</summary>
    public int LastNumber { get; private set; }

    /// <summary>The highest number that was taken; 0 before the first.</summary>
    public int LastTaken => _samples.Count == 0 ? 0 : _samples[^1].Number;

    /// <summary>Adds a sample.</summary>
    /// <param name="sample">Its number is higher than all before.</param>
    public void Add(SoakSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(sample.Number, LastTaken);
        _samples.Add(sample);
        LastNumber = Math.Max(LastNumber, sample.Number);
    }

    /// <summary>Notes a sample that was not taken; it is never made up.</summary>
    /// <param name="number">Which.</param>
    /// <param name="reason">Why, in a sentence.</param>
    public void Miss(int number, string reason)
    {
        _reasons[number] = reason;
        LastNumber = Math.Max(LastNumber, number);
    }

    /// <summary>The samples before a number that were not taken.</summary>
    /// <param name="number">The number.</param>
    /// <returns>Their numbers, in order.</returns>
    public IReadOnlyList<int> MissingBefore(int number)
    {
        // One whose figures are all null says only that it could not be taken.
        var taken = _samples.Where(s => s.CompletedSessions is not null).Select(s => s.Number).ToHashSet();
        return [.. Enumerable.Range(1, number - 1).Where(n => !taken.Contains(n))];
    }

    /// <summary>Why samples were not taken, the latest reason.</summary>
    public string? LatestReason => _reasons.Count == 0 ? null : _reasons[_reasons.Keys.Max()];

    /// <summary>The latest failure of a check.</summary>
    /// <param name="name">Which check.</param>
    /// <returns>The check as it failed; null where it never did.</returns>
    public SoakCheck? FailureOf(string name) => Enumerable.Reverse(_samples)
        .SelectMany(s => s.Checks)
        .FirstOrDefault(c => c.Name == name && c.Status == SoakCheckStatus.Fail);
}
