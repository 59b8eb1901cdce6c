namespace Backfill;

/// <summary>Where a worker reports. Called from pool threads.</summary>
public interface IApplySink
{
    /// <summary>A session was settled by this worker.</summary>
    /// <param name="result">As the ledger has it.</param>
    void Settled(BackfillSessionResult result);

    /// <summary>How far the run is, over all its workers; about once a second.</summary>
    /// <param name="progress">The figures.</param>
    void Progressed(ApplyProgress progress);

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

/// <summary>How far a run is, over all its workers.</summary>
/// <param name="Total">Its sessions.</param>
/// <param name="Done">Verified, or skipped because that had been done before.</param>
/// <param name="Bad">Failed, without effect, or unknown.</param>
/// <param name="Remaining">Not settled yet.</param>
/// <param name="ThrottlePerMinute">The pace in force, session attempts a minute.</param>
/// <param name="WaitingFor">What this worker waits for, for example <c>Pace</c>; null while it works.</param>
/// <param name="Waited">How long it has waited in all.</param>
/// <param name="IsSuspended">Whether an operator has suspended the run.</param>
/// <param name="MayClaim">Whether new sessions may be claimed.</param>
public sealed record ApplyProgress(
    int Total, int Done, int Bad, int Remaining, int ThrottlePerMinute, string? WaitingFor, TimeSpan Waited, bool IsSuspended, bool MayClaim)
{
    /// <summary>Who suspended the run; null where nobody did, or where that is not known yet.</summary>
    public string? SuspendedBy { get; init; }
}
