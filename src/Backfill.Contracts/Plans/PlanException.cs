namespace Backfill;

/// <summary>A plan that cannot be had: no such file, not readable, no JSON, or against the rules.</summary>
public sealed class PlanException : BackfillException
{
    private const int Shown = 10;

    /// <summary>Makes the error for a file that could not be read.</summary>
    /// <param name="code">One of <see cref="PlanCodes"/>.</param>
    /// <param name="path">The file.</param>
    /// <param name="message">What is wrong with it and what to do.</param>
    /// <param name="inner">The cause, if any.</param>
    public PlanException(string code, string path, string message, Exception? inner = null)
        : base(code, KindOf(code), message, path, inner)
    {
        Path = path;
        Problems = new([]);
    }

    /// <summary>Makes the error for a plan with problems; the message shows the first ten errors.</summary>
    /// <param name="code"><see cref="PlanCodes.NotJson"/> or <see cref="PlanCodes.Invalid"/>.</param>
    /// <param name="path">The file.</param>
    /// <param name="problems">All that was found.</param>
    public PlanException(string code, string path, ItemList<BackfillPlanProblem> problems)
        : base(code, BackfillErrorKind.InvalidInput, Describe(path, problems), path)
    {
        Path = path;
        Problems = problems;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>All problems, in the file's order; empty where the file could not be read.</summary>
    public ItemList<BackfillPlanProblem> Problems { get; }

    private static BackfillErrorKind KindOf(string code) => code switch
    {
        PlanCodes.NotFound => BackfillErrorKind.NotFound,
        PlanCodes.Unreadable => BackfillErrorKind.Permission,
        _ => BackfillErrorKind.InvalidInput,
    };

    private static string Describe(string path, ItemList<BackfillPlanProblem> problems)
    {
        var errors = problems.Where(p => p.Severity == PlanSeverity.Error).ToList();
        var file = PlanQuote.Clip(path, 300);
        if (errors.Count == 1)
            return $"{file}, {errors[0]}";
        var lines = errors.Take(Shown).Select(e => "  " + e);
        var more = errors.Count > Shown
            ? $"{Environment.NewLine}  and {errors.Count - Shown} more: Test-BackfillPlan shows all."
            : "";
        return $"{file} has {errors.Count} errors:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}{more}";
    }
}
