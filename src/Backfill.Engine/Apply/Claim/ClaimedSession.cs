using Backfill.Engine.Apply.Call;

namespace Backfill.Engine.Apply.Claim;

/// <summary>A session in a worker's hand.</summary>
/// <param name="RunId">The run.</param>
/// <param name="WorkerId">Whose hand.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Ordinal">Its place in the run.</param>
/// <param name="BatchId">Its batch.</param>
/// <param name="Fence">Grows with every claim; only the newest may call and settle.</param>
/// <param name="Number">Which claim of this session it is, from 1.</param>
/// <param name="Rows">The session's rows at the claim, and what they were at the last look.</param>
/// <param name="Earlier">Attempts of earlier claims.</param>
/// <param name="IsProbe">Whether the run is held, and this claim's first call finds out whether that is over.</param>
public sealed record ClaimedSession(
    Guid RunId,
    Guid WorkerId,
    Guid SessionId,
    int Ordinal,
    string BatchId,
    long Fence,
    int Number,
    IReadOnlyList<RowFact> Rows,
    IReadOnlyList<EarlierAttempt> Earlier,
    bool IsProbe = false);

/// <summary>What an earlier claim tried.</summary>
/// <param name="Position">The operation's place in its batch.</param>
/// <param name="Attempt">Which attempt.</param>
/// <param name="Outcome">How it ended; null when its worker died, Skipped when it was never sent.</param>
/// <param name="Category">What kind of failure.</param>
/// <param name="Message">What happened.</param>
/// <param name="Fence">Of which claim.</param>
public sealed record EarlierAttempt(
    int Position, int Attempt, BackfillOutcome? Outcome, BackfillCategory? Category = null, string? Message = null, long Fence = 0);

/// <summary>One row of a session: as it was before the first call, at the last look, and now.</summary>
/// <param name="Table">Schema and table.</param>
/// <param name="Key">Record text of its key.</param>
/// <param name="BeforeVersion">Its <c>xmin</c> before the first call; null where it was not there.</param>
/// <param name="KnownHash">SHA-256 of its record text at the last look; null where it was not there.</param>
/// <param name="CurrentHash">The same now; null where it is not there.</param>
/// <param name="CurrentVersion">Its <c>xmin</c> now.</param>
/// <param name="Values">The recorded columns' values now, as text.</param>
public sealed record RowFact(
    string Table,
    string Key,
    string? BeforeVersion,
    string? KnownHash,
    string? CurrentHash,
    string? CurrentVersion,
    IReadOnlyDictionary<string, string?> Values)
{
    /// <summary>Whether it is there now.</summary>
    public bool Exists => CurrentHash is not null;

    /// <summary>Whether it was there before the first call.</summary>
    public bool ExistedBefore => BeforeVersion is not null;

    /// <summary>Whether it is there and has been written since the first claim.</summary>
    public bool WasWritten => Exists && CurrentVersion != BeforeVersion;

    /// <summary>Whether its content is not what it was at the last look.</summary>
    public bool HasChangedSinceLook => KnownHash != CurrentHash;
}

/// <summary>One attempt at one operation, for the ledger.</summary>
public sealed record OperationReport
{
    /// <summary>The operation's place in its batch, from 1.</summary>
    public required int Position { get; init; }

    /// <summary>Which attempt, from 1; 0 where it was not called.</summary>
    public required int Attempt { get; init; }

    /// <summary>When it was sent, by the database's clock; null where it was not.</summary>
    public DateTimeOffset? SentAt { get; init; }

    /// <summary>From sending to the end of the answer.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? StatusCode { get; init; }

    /// <summary>How it ended.</summary>
    public required OperationEnding Ending { get; init; }

    /// <summary>The same in the words of the ledger and of results.</summary>
    public BackfillOutcome Outcome => Ending.ToOutcome();

    /// <summary>What kind of failure.</summary>
    public BackfillCategory? Category { get; init; }

    /// <summary>What happened, in a sentence.</summary>
    public string? Message { get; init; }

    /// <summary>The answer, reduced; JSON.</summary>
    public string? Reduced { get; init; }
}

/// <summary>One attempt, as the policy sees it.</summary>
/// <param name="Report">For the ledger.</param>
/// <param name="Disposition">What to do next.</param>
/// <param name="HadNothingToDo">Whether the function said that there was nothing for it to do.</param>
/// <param name="MayHaveWritten">Whether the function may have written before it replied so.</param>
public sealed record AttemptResult(
    OperationReport Report,
    Disposition Disposition,
    bool HadNothingToDo = false,
    bool MayHaveWritten = false);

/// <summary>The judgement on a session.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Category">What kind of failure.</param>
/// <param name="Reason">Why; null for a success.</param>
/// <param name="Operations">Its operations' last attempts, with their final outcomes.</param>
/// <param name="AfterImages">The rows whose present state is ours, to be the after-images.</param>
public sealed record Settlement(
    BackfillOutcome Outcome,
    BackfillCategory? Category,
    string? Reason,
    IReadOnlyList<OperationReport> Operations,
    IReadOnlyList<RowFact> AfterImages)
{
    /// <summary>Rows of ours that were not there before.</summary>
    public int RowsInserted => AfterImages.Count(r => r.Exists && !r.ExistedBefore);

    /// <summary>Rows of ours written over.</summary>
    public int RowsUpdated => AfterImages.Count(r => r.ExistedBefore && r.WasWritten);

    /// <summary>Rows of ours that are gone.</summary>
    public int RowsDeleted => AfterImages.Count(r => r.ExistedBefore && !r.Exists);
}
