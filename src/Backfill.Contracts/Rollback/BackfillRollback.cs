namespace Backfill;

/// <summary>An undo that was written down and not run: a script, and what it would do at the moment of writing.</summary>
public sealed record BackfillRollback
{
    /// <summary>The run; empty for <see cref="BackfillRollbackStrategy.Timestamp"/> without one.</summary>
    public required Guid RunId { get; init; }

    /// <summary>What it is computed from.</summary>
    public required BackfillRollbackStrategy Strategy { get; init; }

    /// <summary>The script; personal data, readable by its owner only. Null where none was written.</summary>
    public string? ScriptPath { get; init; }

    /// <summary>Sessions taken in.</summary>
    public required int Sessions { get; init; }

    /// <summary>
    /// Rows that did not exist before. By timestamp none of these is known beforehand: the script itself shows what it would take.
    /// </summary>
    public long? RowsToDelete { get; init; }

    /// <summary>Rows that get their old values back.</summary>
    public long? RowsToRestore { get; init; }

    /// <summary>Rows that come back.</summary>
    public long? RowsToReinsert { get; init; }

    /// <summary>Rows that are not as the run left them, nor as they were before it.</summary>
    public long? Conflicts { get; init; }

    /// <summary>The target.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>The sessions: piped on, exactly these are rolled back.</summary>
    public ItemList<Guid> SessionIds { get; init; } = ItemList.Of<Guid>();

    /// <summary>The rows in conflict.</summary>
    public ItemList<BackfillRollbackConflict> ConflictList { get; init; } = ItemList.Of<BackfillRollbackConflict>();

    /// <summary>Run and counts.</summary>
    /// <returns>For example <c>0190… delete 39, restore 0, reinsert 0, conflicts 0</c>.</returns>
    public override string ToString() => Strategy == BackfillRollbackStrategy.Timestamp
        ? FormattableString.Invariant($"{CountText.Of(Sessions, "session")} by version and time: {ScriptPath}")
        : FormattableString.Invariant(
            $"{RunId}: delete {RowsToDelete}, restore {RowsToRestore}, reinsert {RowsToReinsert}, conflicts {Conflicts}");
}
