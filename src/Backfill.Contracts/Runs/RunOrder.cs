namespace Backfill;

/// <summary>What an operator does to a run.</summary>
public enum RunAction
{
    /// <summary>No new claims until it is resumed.</summary>
    Suspend,

    /// <summary>Claims again.</summary>
    Resume,

    /// <summary>Ends it for good, after what is in flight.</summary>
    Stop,

    /// <summary>Another pace or concurrency.</summary>
    Set,
}

/// <summary>An operator's order, kept in the ledger.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Action">What is done.</param>
/// <param name="Reason">Why.</param>
/// <param name="Operator">Who: user and host; null for this process's.</param>
/// <param name="ThrottlePerMinute">The new pace, if any.</param>
/// <param name="ConcurrencyLimit">The new concurrency, if any.</param>
/// <param name="Until">When a suspension ends by itself; null where only a person ends it.</param>
/// <param name="Name">The new name, if any.</param>
/// <param name="Ticket">The new ticket, if any.</param>
/// <param name="Guard">Limits of the guard to change, as a JSON object like a plan's <c>guard</c>; null values take limits back.</param>
public sealed record RunOrder(
    Guid RunId,
    RunAction Action,
    string? Reason,
    string? Operator = null,
    int? ThrottlePerMinute = null,
    int? ConcurrencyLimit = null,
    DateTimeOffset? Until = null,
    string? Name = null,
    string? Ticket = null,
    string? Guard = null);
