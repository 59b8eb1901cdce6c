namespace Backfill;

/// <summary>One thing that a soak looks at, with what was expected and what was found.</summary>
public sealed record SoakCheck
{
    /// <summary>Which, for example <c>VersionOverrides</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What a healthy target shows.</summary>
    public required string Expected { get; init; }

    /// <summary>What was found.</summary>
    public required string Actual { get; init; }

    /// <summary>How it ended.</summary>
    public required SoakCheckStatus Status { get; init; }

    /// <summary>How many rows, events or sessions are not as expected.</summary>
    public long Count { get; init; }

    /// <summary>What the figures mean, and what was not measured.</summary>
    public string? Detail { get; init; }

    /// <summary>The sessions concerned, all of them: a check that failed once keeps its sessions.</summary>
    public ItemList<Guid> SessionIds { get; init; } = ItemList.Of<Guid>();

    /// <summary>
    /// Those of <see cref="SessionIds"/> that an earlier sample found and this one did not, though it looked at them again.
    /// </summary>
    public ItemList<Guid> HealedSessionIds { get; init; } = ItemList.Of<Guid>();

    /// <summary>Name, status and what was found.</summary>
    /// <returns>For example <c>FcUsage Fail: 2</c>.</returns>
    public override string ToString() => $"{Name} {Status}: {Actual}";
}
