namespace Backfill.PowerShell.Sandboxes;

/// <summary>Which sandbox a cmdlet means that was not told.</summary>
internal static class SandboxChoice
{
    /// <summary>The one that is named, otherwise the one that runs.</summary>
    /// <exception cref="BackfillException"><c>SandboxNotRunning</c>, or with several <c>SandboxAmbiguous</c>.</exception>
    public static BackfillSandbox Of(BackfillSandbox? named) => named ?? RunningSandboxes.OfThisRunspace.Running switch
    {
        [var only] => only,
        [] => throw new BackfillException(
            "SandboxNotRunning",
            BackfillErrorKind.NotFound,
            "No sandbox of this PowerShell session is running. Start one with Start-BackfillSandbox, or name one with -Sandbox."),
        var several => throw new BackfillException(
            "SandboxAmbiguous",
            BackfillErrorKind.InvalidInput,
            $"Several sandboxes are running ({string.Join(", ", several)}). Name one with -Sandbox."),
    };
}
