namespace Backfill.PowerShell.Connections;

/// <summary>What can be wrong with the connection that a cmdlet is to use.</summary>
internal static class ConnectionErrors
{
    public static BackfillException NotConnected(string command) => new(
        "NotConnected",
        BackfillErrorKind.InvalidState,
        $"{command} has no target: nothing is connected in this runspace. Connect with Connect-Backfill (or rehearse: "
        + "Start-BackfillSandbox | Connect-Backfill), or name a connection with -Connection.");

    public static BackfillException Ambiguous(string command, IReadOnlyList<BackfillConnection> open) => new(
        "ConnectionAmbiguous",
        BackfillErrorKind.InvalidInput,
        command.StartsWith("Disconnect-", StringComparison.Ordinal)
            ? $"{command} closes one connection, and several targets are connected: {string.Join(", ", open)}. Name one with -Connection, or close all: Get-BackfillConnection | {command}."
            : $"{command} writes, and several targets are connected: {string.Join(", ", open)}. Name one with -Connection; Get-BackfillConnection lists them.");

    public static BackfillException NotNamed(string name, IReadOnlyList<string> open) => new(
        "ConnectionNotFound",
        BackfillErrorKind.NotFound,
        open.Count == 0
            ? $"No connection is called '{name}': nothing is connected in this runspace. Connect with Connect-Backfill."
            : $"No open connection is called '{name}'. Open are {string.Join(", ", open)}; Get-BackfillConnection lists them.",
        name);

    public static BackfillException NameAmbiguous(string name, IReadOnlyList<string> open) => new(
        "ConnectionAmbiguous",
        BackfillErrorKind.InvalidInput,
        $"'{name}' means several open connections: {string.Join(", ", open)}. Name one of these.",
        name);

    public static BackfillException NotOnTheLast(BackfillException missing, IReadOnlyList<BackfillConnection> open) => new(
        missing.Code,
        missing.Kind,
        $"{missing.Message} Only {open[^1]} was looked at, which was connected last; for {string.Join(", ", open.SkipLast(1))} name the connection with -Connection.",
        missing.TargetObject,
        missing);

    public static BackfillException Closed(BackfillConnection connection) => new(
        "ConnectionClosed",
        BackfillErrorKind.InvalidState,
        $"The connection to {connection} is closed. Open another with Connect-Backfill.",
        connection);
}
