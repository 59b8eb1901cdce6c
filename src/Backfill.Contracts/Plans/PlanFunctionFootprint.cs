namespace Backfill;

/// <summary>A plan's own word on a table that is not among the known ones (<c>tables</c>).</summary>
/// <param name="Table">Schema and table, for example <c>public.audit_scores</c>.</param>
/// <param name="SessionColumn">The column that holds the session.</param>
/// <param name="VersionColumn">The column that holds the version; null if there is none.</param>
public sealed record PlanTableFootprint(string Table, string SessionColumn, string? VersionColumn);

/// <summary>A plan's own word on what a function writes that is not among the known ones (<c>functions</c>).</summary>
/// <param name="Function">The edge function.</param>
/// <param name="Writes">Every table it may write, schema-qualified; at least one.</param>
/// <param name="Expected">The row that proves that it did its work.</param>
/// <param name="Requires">Tables in which a session must have rows for the function to have something to do.</param>
public sealed record PlanFunctionFootprint(
    string Function, ItemList<string> Writes, PlanExpectedRow Expected, ItemList<string> Requires);

/// <summary>The row that a function is to leave for a session.</summary>
/// <param name="Table">Its table, schema-qualified; one of those the function writes.</param>
/// <param name="Match">The columns that make it the right row; empty if any row of the session will do.</param>
public sealed record PlanExpectedRow(string Table, ItemList<PlanColumnMatch> Match);

/// <summary>One column of an expected row: its value comes from a param, or is given.</summary>
/// <param name="Column">The column, unquoted.</param>
/// <param name="Param">The param that gives the value; null with a <paramref name="Literal"/>.</param>
/// <param name="Literal">The value's text; null with a <paramref name="Param"/>.</param>
public sealed record PlanColumnMatch(string Column, string? Param, string? Literal);
