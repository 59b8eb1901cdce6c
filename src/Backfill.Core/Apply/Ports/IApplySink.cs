namespace Backfill.Apply;

/// <summary>Where a worker reports. Called from pool threads.</summary>
public interface IApplySink
{
    /// <summary>A session was settled by this worker.</summary>
    /// <param name="result">As the ledger has it.</param>
    void Settled(BackfillSessionResult result);

    /// <summary>How far the run is, over all its workers; about once a second.</summary>
    /// <param name="progress">The figures.</param>
    /// <param name="control">What is wanted, and the pace in force.</param>
    /// <param name="waiting">What this worker waits for.</param>
    void Progressed(RunProgress progress, RunControl control, WorkerWaiting waiting);

    /// <summary>A session attempt is sent: a session's first call, or a repeated one, as the pace counts them.</summary>
    void Attempted()
    {
    }

    /// <summary>What the worker has waited for in all, at its end.</summary>
    /// <param name="waiting">By cause.</param>
    void Waited(WorkerWaiting waiting)
    {
    }

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
