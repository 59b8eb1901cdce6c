namespace Backfill.Engine.Soak;

/// <summary>The ledger's soaks: samples and verdicts. Writes in transactions of its own, never while something is measured.</summary>
public interface ISoakStore
{
    /// <summary>
    /// The run's open soak, or a new one; of two that begin at once, both get the same, and the second one also where it has ended since.
    /// </summary>
    /// <param name="order">The soak to begin where none is open.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The soak.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>.</exception>
    Task<SoakTicket> OpenAsync(SoakOrder order, CancellationToken cancellationToken);

    /// <summary>The run's newest soak, open or ended.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The soak; null where the run has none.</returns>
    Task<SoakTicket?> FindLatestAsync(Guid runId, CancellationToken cancellationToken);

    /// <summary>Samples in order.</summary>
    /// <param name="soak">The soak.</param>
    /// <param name="after">Only those with a higher number.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The samples.</returns>
    Task<IReadOnlyList<SoakSample>> ReadAsync(SoakTicket soak, int after, CancellationToken cancellationToken);

    /// <summary>Keeps a sample.</summary>
    /// <param name="soak">The soak.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="ending">Ends the soak with it; null where it goes on.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>False where the number is taken, or the soak has ended: then nothing was written.</returns>
    Task<bool> AddAsync(SoakTicket soak, SoakSample sample, SoakEnding? ending, CancellationToken cancellationToken);

    /// <summary>Ends a soak that nobody goes on with.</summary>
    /// <param name="soak">The soak.</param>
    /// <param name="ending">How it ends.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When it is done; one that has ended stays as it is.</returns>
    Task EndAsync(SoakTicket soak, SoakEnding ending, CancellationToken cancellationToken);
}

/// <summary>A soak to begin.</summary>
/// <param name="SoakId">Its id.</param>
/// <param name="RunId">The run it is for.</param>
/// <param name="Start">Its window's start.</param>
/// <param name="Settings">What it measures against.</param>
/// <param name="Operator">Who begins it: user and host.</param>
public sealed record SoakOrder(Guid SoakId, Guid RunId, DateTimeOffset Start, SoakSettings Settings, string Operator);

/// <summary>A soak.</summary>
/// <param name="SoakId">Its id.</param>
/// <param name="RunId">The run it is for; null where it is for none, and not in the ledger.</param>
/// <param name="Window">Its window.</param>
/// <param name="Settings">What it measures against.</param>
/// <param name="Ending">How it ended; null while it is open.</param>
public sealed record SoakTicket(Guid SoakId, Guid? RunId, SoakWindow Window, SoakSettings Settings, SoakEnding? Ending = null);

/// <summary>How a soak ended.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">Why it ended before its window did; null where it did not.</param>
public sealed record SoakEnding(SoakVerdict Verdict, string? Reason = null);
