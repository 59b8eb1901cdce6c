using System.Text.RegularExpressions;

namespace Backfill.Engine.Plans.Rules;

/// <summary>
/// The shapes of names in a plan. <c>plans/backfill-plan.schema.json</c> has the same expressions; a test holds the two
/// together.
/// </summary>
internal static partial class PlanNames
{
    /// <summary>Safe in a file name everywhere: no separator, no <c>..</c>, no device name of Windows.</summary>
    // Letter case is ignored for the device names only: everywhere, [A-Z] would take in the Kelvin sign.
    [GeneratedRegex(@"\A(?!\.)(?!.*\.\.)(?!(?i:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|\z))[A-Za-z0-9_.-]{1,64}\z")]
    public static partial Regex BatchId { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,100}\z")]
    public static partial Regex Function { get; }

    /// <summary>
    /// An identifier of PostgreSQL that needs no thought: at most 63 bytes, and never the ledger's or the catalog's schema.
    /// </summary>
    [GeneratedRegex(@"\A(?!(?:backfill|information_schema|pg_[a-z0-9_]*)\.)(?:[A-Za-z_][A-Za-z0-9_]{0,62}\.)?[A-Za-z_][A-Za-z0-9_]{0,62}\z")]
    public static partial Regex Table { get; }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]{0,62}\z")]
    public static partial Regex Column { get; }

    [GeneratedRegex(@"\A(?!0{8}(?:-0{4}){3}-0{12}\z)[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z")]
    public static partial Regex SessionId { get; }

    /// <summary>A date, or a time to the minute or finer, with an offset or without.</summary>
    [GeneratedRegex(@"\A[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?\z")]
    public static partial Regex Date { get; }

    public static string Qualify(string table) => table.Contains('.', StringComparison.Ordinal) ? table : "public." + table;
}
