using Backfill.Engine.Ledger;

namespace Backfill.Engine.Plans;

/// <summary>A table that functions write, as far as claim, verification and undo must know it.</summary>
/// <param name="Name">Schema and table, for example <c>public.fc_scores</c>.</param>
/// <param name="SessionColumn">The column that holds the session.</param>
/// <param name="IsOptional">Whether a target may be without it.</param>
public sealed record TableFootprint(string Name, string SessionColumn = "session_id", bool IsOptional = false);

/// <summary>One column of the row that an operation is expected to leave.</summary>
/// <param name="Column">The column.</param>
/// <param name="Param">The operation's param that gives its value; null for a <paramref name="Literal"/>.</param>
/// <param name="Literal">The value itself.</param>
/// <param name="Version">Which of a plan's versions the param should repeat.</param>
public sealed record ColumnMatch(
    string Column, string? Param, string? Literal = null, PlanVersionKind Version = PlanVersionKind.None)
{
    /// <summary>The value the column must have after a call with <paramref name="parameters"/>.</summary>
    /// <param name="parameters">What is sent.</param>
    /// <returns>The value, or null where the params do not name it.</returns>
    public string? Value(FunctionParams parameters) => Param is null ? Literal : parameters[Param];
}

/// <summary>Which tables a function writes, and which row proves that it did.</summary>
/// <param name="Function">The edge function.</param>
/// <param name="Writes">The tables it may write.</param>
/// <param name="ProofTable">The table of the row that proves it.</param>
/// <param name="Proof">The columns that make it the right row; the version among them.</param>
/// <param name="Inputs">Tables in which a session must have rows for the function to have something to do.</param>
public sealed record FunctionFootprint(
    string Function,
    IReadOnlyList<string> Writes,
    string ProofTable,
    IReadOnlyList<ColumnMatch> Proof,
    IReadOnlyList<string> Inputs);

/// <summary>What every function of a plan may touch. Data: a plan or a test may register more.</summary>
/// <param name="Tables">The tables, in the order in which they are read.</param>
/// <param name="Functions">The functions.</param>
public sealed record Footprint(IReadOnlyList<TableFootprint> Tables, IReadOnlyList<FunctionFootprint> Functions)
{
    /// <summary>The two scoring functions of the system, as its contract describes them.</summary>
    public static Footprint Known { get; } = new(
        [
            new("public.fc_scores"),
            new("public.profiles"),
            new("public.scoring_results", IsOptional: true),
            new("public.scoring_results_types", IsOptional: true),
            new("public.scoring_results_functions", IsOptional: true),
            new("public.scoring_results_state", IsOptional: true),
        ],
        [
            new(
                "score_fc_session",
                ["public.fc_scores"],
                "public.fc_scores",
                [new("version", "version", Version: PlanVersionKind.Fc), new("fc_kind", "basis")],
                ["public.fc_responses"]),
            new(
                "score_prism",
                [
                    "public.profiles", "public.scoring_results", "public.scoring_results_types",
                    "public.scoring_results_functions", "public.scoring_results_state",
                ],
                "public.profiles",
                [new("results_version", "engine_version", Version: PlanVersionKind.Engine)],
                ["public.assessment_responses"]),
        ]);

    /// <summary>The known functions and those that a plan registers; a plan's own entry wins.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The footprint, limited to what the plan's operations touch.</returns>
    public static Footprint For(BackfillPlan plan)
    {
        var functions = plan.Functions.Select(FromPlan).Concat(Known.Functions)
            .DistinctBy(f => f.Function, StringComparer.Ordinal).ToList();
        var used = plan.Batches.SelectMany(b => b.Operations).Select(o => o.Function).ToHashSet(StringComparer.Ordinal);
        var touched = functions.Where(f => used.Contains(f.Function)).ToList();
        var registered = plan.Tables.Select(t => new TableFootprint(t.Table, t.SessionColumn)).Concat(Known.Tables);
        var tables = touched.SelectMany(f => f.Writes.Append(f.ProofTable)).Distinct(StringComparer.Ordinal)
            .Select(name => registered.FirstOrDefault(t => t.Name == name) ?? new TableFootprint(name));
        return new([.. tables], touched);
    }

    /// <summary>Of values that are not the same text and that the target calls equal: which of them its rows are read as.</summary>
    private IReadOnlyDictionary<(string Table, string Column, string Text), string> Equal { get; init; } =
        new Dictionary<(string, string, string), string>();

    /// <summary>The same, with what a target calls equal.</summary>
    /// <param name="shape">The target's tables.</param>
    /// <returns>The footprint.</returns>
    public Footprint On(TargetShape shape) => this with
    {
        Equal = shape.Tables
            .SelectMany(t => (t.Matched ?? []).SelectMany(c => c.Values.Select(v => (Key: (t.Name, c.Name, v.Key), v.Value))))
            .ToDictionary(v => v.Key, v => v.Value),
    };

    /// <summary>The value that a column of the expected row must be read as.</summary>
    /// <param name="function">The function.</param>
    /// <param name="match">The column.</param>
    /// <param name="parameters">What is sent.</param>
    /// <returns>The value, or null where the params do not name it.</returns>
    public string? Value(FunctionFootprint function, ColumnMatch match, FunctionParams parameters) =>
        match.Value(parameters) is { } text ? Equal.GetValueOrDefault((function.ProofTable, match.Column, text), text) : null;

    /// <summary>The footprint of one function.</summary>
    /// <param name="function">The function's name.</param>
    /// <returns>Its footprint.</returns>
    /// <exception cref="BackfillException"><c>FunctionUnknown</c>: no footprint is registered.</exception>
    public FunctionFootprint Of(string function) =>
        Functions.FirstOrDefault(f => f.Function == function)
        ?? throw new BackfillException(
            "FunctionUnknown",
            BackfillErrorKind.InvalidInput,
            $"The function '{function}' has no footprint, so its effects could be neither verified nor undone. Add it to 'functions' in the plan.",
            function);

    private static FunctionFootprint FromPlan(PlanFunctionFootprint function) => new(
        function.Function,
        function.Writes,
        function.Expected.Table,
        [.. function.Expected.Match.Select(m => new ColumnMatch(m.Column, m.Param, m.Literal))],
        function.Requires);
}
