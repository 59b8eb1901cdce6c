namespace Backfill.Help.Pages;

/// <summary>What is written about one parameter, or one type of output.</summary>
/// <param name="Name">Its name, without the dash.</param>
/// <param name="Place">Where it is written.</param>
/// <param name="Paragraphs">The text.</param>
/// <param name="Values">Values that the text lists, each with a meaning.</param>
/// <param name="Default">What holds without it, where the code itself does not say so.</param>
internal sealed record HelpItem(
    string Name, HelpPlace Place, IReadOnlyList<string> Paragraphs, IReadOnlyList<string> Values, string? Default);

/// <summary>A line of a file.</summary>
internal sealed record HelpPlace(string File, int Line)
{
    public HelpProblem Problem(string message) => new(File, Line, message);
}

/// <summary>Commands to try, and what they show.</summary>
/// <param name="Title">What they are for.</param>
/// <param name="Place">Where they stand.</param>
/// <param name="Code">The commands as printed.</param>
/// <param name="Remarks">What is to be seen.</param>
internal sealed record HelpExample(string Title, HelpPlace Place, string Code, IReadOnlyList<string> Remarks);

/// <summary>The page of one cmdlet.</summary>
internal sealed record CmdletPage
{
    public required string Name { get; init; }

    public required HelpPlace Place { get; init; }

    public required string Synopsis { get; init; }

    public required IReadOnlyList<string> Description { get; init; }

    /// <summary>Where parameters are described, for what is missing there.</summary>
    public required HelpPlace ParametersPlace { get; init; }

    public required IReadOnlyList<HelpItem> Parameters { get; init; }

    /// <summary>Where outputs are described, for what is missing there.</summary>
    public required HelpPlace OutputsPlace { get; init; }

    public required IReadOnlyList<HelpItem> Outputs { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public required IReadOnlyList<HelpExample> Examples { get; init; }

    /// <summary>Whether its examples begin in an empty session; all others go on from the sandbox of <c>about_Backfill</c>.</summary>
    public bool StartsItsOwnSandbox => Examples.Any(e => e.Code.Contains("= Start-BackfillSandbox", StringComparison.Ordinal));

    /// <summary>Cmdlets and topics to read on with.</summary>
    public required IReadOnlyList<string> Related { get; init; }
}
