namespace Backfill;

/// <summary>Sessions of one run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Sessions">Those only; null for all. Never empty.</param>
/// <param name="After">Those first claimed at that time or later.</param>
/// <param name="Before">Those first claimed before that time.</param>
public sealed record RollbackSelection(
    Guid RunId, IReadOnlyCollection<Guid>? Sessions = null, DateTimeOffset? After = null, DateTimeOffset? Before = null)
{
    /// <summary>Whether triggers that come after the rows may fire: those that write an audit table, for example.</summary>
    public bool FireTriggers { get; init; }

    /// <summary>Whether every session of the run is meant.</summary>
    public bool IsWholeRun => Sessions is null && After is null && Before is null;
}

/// <summary>What a rollback would do to one table.</summary>
/// <param name="Table">Schema and table.</param>
/// <param name="ToDelete">Rows that did not exist before.</param>
/// <param name="ToRestore">Rows that get their old values back.</param>
/// <param name="ToReinsert">Rows that come back.</param>
/// <param name="Conflicts">Rows that stay as they are.</param>
/// <param name="Rewrites">Columns that a trigger will change, because nothing that this role may do keeps it from that.</param>
public sealed record RollbackTable(
    string Table, long ToDelete, long ToRestore, long ToReinsert, long Conflicts, IReadOnlyList<string> Rewrites);

/// <summary>What a rollback would do.</summary>
/// <param name="Sessions">The sessions taken in.</param>
/// <param name="Tables">A line a table.</param>
/// <param name="Conflicts">Every row that would stay as it is.</param>
/// <param name="Busy">Why it would be refused now; null where it would not.</param>
public sealed record RollbackLook(
    IReadOnlyList<Guid> Sessions,
    IReadOnlyList<RollbackTable> Tables,
    IReadOnlyList<BackfillRollbackConflict> Conflicts,
    string? Busy)
{
    /// <summary>The same as an error; null where it would not be refused.</summary>
    public BackfillException? Refusal { get; init; }

    /// <summary>What it can't undo: triggers that have written elsewhere, as a warning that names them; null where there is none.</summary>
    public string? OtherWrites { get; init; }

    /// <summary>Triggers that write elsewhere and are held, as a warning that names them; null where there is none.</summary>
    public string? HeldTriggers { get; init; }
}

/// <summary>A rollback script that was written.</summary>
/// <param name="Rollback">The script, and what it would do now.</param>
/// <param name="Busy">Why it would refuse to run now; null where it would not.</param>
public sealed record WrittenRollback(BackfillRollback Rollback, string? Busy)
{
    /// <summary>What triggers have written elsewhere, and which of them are held, in words.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>Which rows a rollback by version and time takes: sessions of a plan, or of a run's plan.</summary>
/// <param name="PlanPath">The plan's file, as a full path; null for the plan of <paramref name="RunId"/>.</param>
/// <param name="RunId">The run; null with a plan's file.</param>
/// <param name="Sessions">Those only; null for those of the plan.</param>
/// <param name="After">Rows last written at that time or later.</param>
/// <param name="Before">Rows last written before that time; null for no end.</param>
public sealed record TimestampRollbackRequest(
    string? PlanPath, Guid? RunId, IReadOnlyCollection<Guid>? Sessions, DateTimeOffset After, DateTimeOffset? Before);

/// <summary>What a rollback did.</summary>
/// <param name="State">The run now.</param>
/// <param name="SessionsLeft">Sessions that still hold changes of the run; 0 where conflicts stopped it, for nobody counted.</param>
/// <param name="Results">A line a table; none where conflicts stopped it.</param>
/// <param name="Conflicts">Every row that stayed as it was.</param>
public sealed record RollbackDone(
    BackfillRunState State,
    long SessionsLeft,
    IReadOnlyList<BackfillRollbackResult> Results,
    IReadOnlyList<BackfillRollbackConflict> Conflicts);
