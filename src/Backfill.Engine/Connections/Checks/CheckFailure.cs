namespace Backfill.Engine.Connections.Checks;

/// <summary>From an error to a failed check: its first sentence is what was found, the rest what to do.</summary>
internal static class CheckFailure
{
    public static BackfillCheck Of(string name, BackfillException error)
    {
        var end = error.Message.IndexOf(". ", StringComparison.Ordinal);
        return end < 0
            ? BackfillCheck.Fail(name, error.Message, "Correct the setting, then connect again.")
            : BackfillCheck.Fail(name, error.Message[..(end + 1)], error.Message[(end + 2)..]);
    }

    /// <summary>A check that another one's failure made impossible. Not looked at is not passed.</summary>
    public static BackfillCheck Unreached(string name, string needed) =>
        BackfillCheck.Fail(name, $"Not looked at: the check {needed} failed.", $"Fix {needed} first.");
}
