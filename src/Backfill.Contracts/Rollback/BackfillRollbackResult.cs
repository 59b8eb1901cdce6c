namespace Backfill;

/// <summary>What a rollback did to one table.</summary>
public sealed record BackfillRollbackResult
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Schema and table.</summary>
    public required string Table { get; init; }

    /// <summary>Rows deleted: they did not exist before the run.</summary>
    public required long Deleted { get; init; }

    /// <summary>Rows that got every old value back.</summary>
    public required long Restored { get; init; }

    /// <summary>Rows that came back.</summary>
    public required long Reinserted { get; init; }

    /// <summary>Rows left as they are: the run did not leave them so, or something hangs on them.</summary>
    public required long Conflicts { get; init; }

    /// <summary>
    /// Whether every row of the sessions in this table was read again before the commit, and is what it was before the run, or is one of
    /// the conflicts.
    /// </summary>
    public required bool Verified { get; init; }

    /// <summary>The target.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>Columns that a trigger wrote after they were restored; only where no way around the trigger was allowed.</summary>
    public ItemList<string> RewrittenColumns { get; init; } = ItemList.Of<string>();

    /// <summary>The rows in conflict.</summary>
    public ItemList<BackfillRollbackConflict> ConflictList { get; init; } = ItemList.Of<BackfillRollbackConflict>();

    /// <summary>Table and counts.</summary>
    /// <returns>For example <c>public.profiles: deleted 13, restored 26, reinserted 0, conflicts 0</c>.</returns>
    public override string ToString() => FormattableString.Invariant(
        $"{Table}: deleted {Deleted}, restored {Restored}, reinserted {Reinserted}, conflicts {Conflicts}");
}
