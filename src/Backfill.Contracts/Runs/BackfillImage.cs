namespace Backfill;

/// <summary>One column of a target row: before a run touched its session, after it, and now. Personal data.</summary>
public sealed record BackfillImage
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The session.</summary>
    public required Guid SessionId { get; init; }

    /// <summary>The table, schema-qualified.</summary>
    public required string Table { get; init; }

    /// <summary>The row's key, as record text.</summary>
    public required string Key { get; init; }

    /// <summary>The column.</summary>
    public required string Column { get; init; }

    /// <summary>Its value as text before the run's first call; null where it was null or the row was not there.</summary>
    public string? Before { get; init; }

    /// <summary>
    /// Its value as the run left it. The ledger keeps only a hash of that, so it is known as long as nobody has changed the row since;
    /// see <see cref="IsChangedSince"/>.
    /// </summary>
    public string? After { get; init; }

    /// <summary>Its value now; null where it is null or the row is not there.</summary>
    public string? Now { get; init; }

    /// <summary>Whether the row is not as the run left it, so that <see cref="After"/> is not known.</summary>
    public bool IsChangedSince { get; init; }

    /// <summary>The connection it was read through.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>Table, key and column.</summary>
    /// <returns>For example <c>public.profiles (618c5ea6-…) type_code</c>.</returns>
    public override string ToString() => $"{Table} {Key} {Column}";
}
