namespace Backfill;

/// <summary>Where a soak reports. Called from pool threads.</summary>
public interface ISoakSink
{
    /// <summary>A sample was taken here.</summary>
    /// <param name="sample">The sample.</param>
    void Taken(SoakSample sample);

    /// <summary>How far it is; after each sample, and before the first.</summary>
    /// <param name="progress">How far.</param>
    void Progressed(SoakProgress progress);

    /// <summary>Something the operator should know.</summary>
    /// <param name="message">In a sentence.</param>
    void Warn(string message);

    /// <summary>Why it does what it does.</summary>
    /// <param name="message">In a sentence.</param>
    void Explain(string message);

    /// <summary>A milestone.</summary>
    /// <param name="message">In a sentence.</param>
    /// <param name="tag">Its tag on the information stream, for example <c>SoakStarted</c>.</param>
    void Milestone(string message, string tag);
}

/// <summary>How far a soak is.</summary>
/// <param name="Number">The last sample's number; 0 before the first.</param>
/// <param name="Samples">How many are due in all.</param>
/// <param name="Verdict">The verdict so far; null before the first sample.</param>
/// <param name="EndsAt">When the window ends by this machine's clock, however fast a sandbox's runs.</param>
public sealed record SoakProgress(int Number, int Samples, SoakVerdict? Verdict, DateTimeOffset EndsAt)
{
    /// <summary>When the next sample is due, by the same clock; null after the last one.</summary>
    public DateTimeOffset? NextAt { get; init; }
}
