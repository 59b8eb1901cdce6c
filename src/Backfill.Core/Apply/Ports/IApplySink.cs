namespace Backfill.Apply;

/// <summary>Where a worker reports. Called from pool threads.</summary>
public interface IApplySink
{
    /// <summary>A session was settled by this worker.</summary>
    /// <param name="result">As the ledger has it.</param>
    void Settled(BackfillSessionResult result);

    /// <summary>Something the operator should know: degraded, waiting, taken over.</summary>
    /// <param name="message">In a sentence.</param>
    void Warn(string message);

    /// <summary>Why the worker does what it does.</summary>
    /// <param name="message">In a sentence.</param>
    void Explain(string message);

    /// <summary>A milestone of the run.</summary>
    /// <param name="message">In a sentence.</param>
    /// <param name="tag">Its tag on the information stream, for example <c>RunStarted</c>.</param>
    void Milestone(string message, string tag);
}
