namespace Backfill.Help;

/// <summary>What is wrong in the documentation, and where.</summary>
/// <param name="File">The Markdown file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">What to do about it.</param>
internal sealed record HelpProblem(string File, int Line, string Message)
{
    /// <summary>As compilers print it, so that editors find the place.</summary>
    /// <returns>For example <c>docs/cmdlets/Get-BackfillPlan.md(12): error: …</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"{File}({Line}): error: {Message}");
}

/// <summary>Ends the reading of one file.</summary>
internal sealed class HelpException(HelpProblem problem) : Exception(problem.ToString())
{
    public HelpProblem Problem { get; } = problem;
}
