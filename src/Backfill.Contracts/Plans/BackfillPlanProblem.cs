using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Backfill;

/// <summary>How bad a problem of a plan is.</summary>
public enum PlanSeverity
{
    /// <summary>Odd, and probably not what was meant; the plan runs.</summary>
    Warning,

    /// <summary>The plan does not run.</summary>
    Error,
}

/// <summary>Something wrong with a plan, and where.</summary>
public sealed record BackfillPlanProblem
{
    /// <summary>How bad it is.</summary>
    public required PlanSeverity Severity { get; init; }

    /// <summary>A stable id, one of <see cref="PlanCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>The value concerned, as a JSON pointer (RFC 6901); of something missing, where it is missing from.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The name is fixed outside this repository.")]
    public required string Pointer { get; init; }

    /// <summary>The line, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The column, from 1, in UTF-16 units as editors count.</summary>
    public required int Column { get; init; }

    /// <summary>What is wrong and what to do.</summary>
    public required string Message { get; init; }

    /// <summary>The problem in one line.</summary>
    /// <returns>For example <c>line 4, column 7, /batches/0: … [PlanFieldMissing]</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"line {Line}, column {Column}{(Pointer.Length > 0 ? ", " + PlanQuote.Clip(Pointer, 200) : "")}: {Message} [{Code}]");
}
