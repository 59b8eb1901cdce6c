namespace Backfill.PowerShell.Selections;

/// <summary>What is said where a pipeline brought nothing: an empty selection never means all.</summary>
internal static class EmptySelection
{
    public static BackfillException OfRuns(string what = "Nothing came through the pipeline, so no run is selected.") => Of(
        $"{what} Nothing was done; an empty selection never means all: name runs with -RunId. Get-BackfillRun lists them, with their states.");

    public static BackfillException OfGates() => Of(
        "Nothing came through the pipeline, so no gate is selected. Nothing was decided: pick one with "
        + "Get-BackfillGate and its -RunId and -Name, or name it with -Name and -RunId.");

    /// <summary>Which of several session ids is none.</summary>
    public static string BadSession(IReadOnlyCollection<Guid> sessions)
    {
        var place = sessions.TakeWhile(s => s != Guid.Empty).Count() + 1;
        var which = sessions.Count == 1 ? "A -SessionId" : FormattableString.Invariant($"Number {place} of {sessions.Count} in -SessionId");
        return $"{which} is null, blank or no session id.";
    }

    private static BackfillException Of(string message) => new("SelectionEmpty", BackfillErrorKind.InvalidInput, message);
}
