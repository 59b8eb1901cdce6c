namespace Backfill;

/// <summary>One row that a rollback leaves as it is.</summary>
public sealed record BackfillRollbackConflict
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The session.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>Schema and table.</summary>
    public required string Table { get; init; }

    /// <summary>The primary key, as PostgreSQL writes a record of it: <c>(618c5ea6-…,v1.2,functions)</c>.</summary>
    public required string Key { get; init; }

    /// <summary>Why it stays.</summary>
    public required BackfillConflictKind Kind { get; init; }

    /// <summary>The same in a sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The connection it was read through, so that it can be piped on.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>Table, key and reason.</summary>
    /// <returns>For example <c>public.profiles (618c5ea6-…): changed since</c>.</returns>
    public override string ToString() => $"{Table} {Key}: {Reason}";
}
