using System.Globalization;

namespace Backfill;

/// <summary>What a plan says the target will have gained; compared with what happened.</summary>
public sealed record ExpectedChanges
{
    /// <summary>The tables, in the plan's order; empty if the plan expects nothing.</summary>
    public required ItemList<ExpectedTableChange> Tables { get; init; }

    /// <summary>The expectations in a few words.</summary>
    /// <returns>For example <c>fc_scores +39, profiles +13 ~0</c>.</returns>
    public override string ToString() => string.Join(", ", Tables);
}

/// <summary>What a plan expects of one table; a null figure is not checked.</summary>
public sealed record ExpectedTableChange
{
    /// <summary>The table as the plan writes it, for example <c>fc_scores</c>.</summary>
    public required string Table { get; init; }

    /// <summary>Schema and table; the schema is <c>public</c> where the plan names none.</summary>
    public string QualifiedTable => Table.Contains('.', StringComparison.Ordinal) ? Table : $"public.{Table}";

    /// <summary>How many rows are to be inserted.</summary>
    public int? NewRows { get; init; }

    /// <summary>How many rows are to be updated.</summary>
    public int? UpdatedRows { get; init; }

    /// <summary>How many rows are to be deleted.</summary>
    public int? DeletedRows { get; init; }

    /// <summary>The columns that make a row one of those counted, for example <c>results_version</c>.</summary>
    public required ItemList<ExpectedColumn> Match { get; init; }

    /// <summary>The expectation in a few words.</summary>
    /// <returns>For example <c>profiles +13 ~0</c>: inserted, updated, deleted (<c>-</c>).</returns>
    public override string ToString() => Table + Figure('+', NewRows) + Figure('~', UpdatedRows) + Figure('-', DeletedRows);

    private static string Figure(char sign, int? rows) =>
        rows is { } known ? string.Create(CultureInfo.InvariantCulture, $" {sign}{known}") : "";
}

/// <summary>A column and the value its text must equal.</summary>
/// <param name="Column">The column, unquoted.</param>
/// <param name="Value">The value's text.</param>
public sealed record ExpectedColumn(string Column, string Value)
{
    /// <summary>The pair.</summary>
    /// <returns>For example <c>version=v1.2</c>.</returns>
    public override string ToString() => $"{Column}={Value}";
}
