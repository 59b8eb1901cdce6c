namespace Backfill.Engine.Apply.Guard;

/// <summary>What a look at the target found of one signal.</summary>
/// <param name="Signal">The signal.</param>
/// <param name="Value">In the signal's unit; null where it wasn't measured.</param>
/// <param name="Note">Why it wasn't measured, or what a failed statement said.</param>
internal sealed record SignalValue(BackfillSignal Signal, double? Value, string? Note = null)
{
    /// <summary>Whether a right is missing, which somebody can grant.</summary>
    public bool LacksRight { get; init; }
}

/// <summary>How the run's first sessions went: what later ones are compared with.</summary>
/// <param name="MedianMs">Median time that a session's calls took, in milliseconds.</param>
/// <param name="FailedRatio">Part of the sessions that failed.</param>
internal sealed record FirstSessions(double MedianMs, double FailedRatio);

/// <summary>What the guard remembers from one reading to the next; kept in the ledger, for all workers.</summary>
internal sealed record GuardState
{
    /// <summary>Nothing read yet.</summary>
    public static GuardState Empty { get; } = new();

    /// <summary>Signals over their limit, or not far enough below it yet.</summary>
    public IReadOnlyList<BackfillSignal> Holding { get; init; } = [];

    /// <summary>Signals that were over their halting limit at the last reading.</summary>
    public IReadOnlyList<BackfillSignal> Halting { get; init; } = [];

    /// <summary>Whether the run holds.</summary>
    public bool IsHeld { get; init; }

    /// <summary>Good readings in a row since it holds.</summary>
    public int Calm { get; init; }

    /// <summary>How the run's first sessions went; null before there are enough.</summary>
    public FirstSessions? First { get; init; }
}

/// <summary>What follows from a reading.</summary>
/// <param name="State">What is remembered.</param>
/// <param name="Signal">The signal that holds or halts the run; null where none does.</param>
/// <param name="Reason">The same in words, with figures; null where the run may go on.</param>
/// <param name="Halts">Whether the run is halted.</param>
internal sealed record GuardVerdict(GuardState State, BackfillSignal? Signal, string? Reason, bool Halts);
