using Backfill.Benchmarks.Comparison;

namespace Backfill.Benchmarks.Import;

/// <summary>One fresh process.</summary>
/// <param name="ImportMs">From before <c>Import-Module</c> to its end.</param>
/// <param name="FirstMs">The module's first cmdlet, right after it.</param>
/// <param name="ProcessMs">From before the process to its end.</param>
internal sealed record ImportTurn(double ImportMs, double FirstMs, double ProcessMs);

/// <summary>What the import part came to.</summary>
/// <param name="Shell">The shell that imported.</param>
/// <param name="Ours">Turns of the staged module, with <c>Get-BackfillPlan</c>.</param>
/// <param name="Empty">Turns of the empty module, with a cmdlet that does nothing.</param>
internal sealed record ImportFigures(string Shell, IReadOnlyList<ImportTurn> Ours, IReadOnlyList<ImportTurn> Empty)
{
    /// <summary>Median of the pairs' own differences: the two of a pair ran one right after the other.</summary>
    public double More(Func<ImportTurn, double> value) => RoundFigures.Median(Ours.Zip(Empty, (o, e) => value(o) - value(e)));

    /// <summary>Median of the pairs' own ratios.</summary>
    public double Ratio(Func<ImportTurn, double> value) => RoundFigures.Median(Ours.Zip(Empty, (o, e) => value(o) / value(e)));
}
