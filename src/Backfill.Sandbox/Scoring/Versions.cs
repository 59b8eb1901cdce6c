namespace Backfill.Sandbox.Scoring;

/// <summary>The versions in force (SYSTEM.md).</summary>
internal static class Versions
{
    public const string Engine = "v1.2.1";
    public const string ForcedChoice = "v1.2";

    /// <summary>The versions before, which rows of older days have.</summary>
    public const string OldEngine = "v1.1.0";
    public const string OldForcedChoice = "v1.1";

    /// <summary>The forced-choice kind that is wanted.</summary>
    public const string Functions = "functions";

    /// <summary>A kind that nobody wants any more.</summary>
    public const string Legacy = "legacy";
}
