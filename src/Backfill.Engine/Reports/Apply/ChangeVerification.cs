using Backfill.Engine.Ledger;

namespace Backfill.Engine.Reports.Apply;

/// <summary>One expectation of the plan against what the images show.</summary>
/// <param name="Expected">The expectation.</param>
/// <param name="NewRows">Rows that were not there before.</param>
/// <param name="UpdatedRows">Rows written over.</param>
/// <param name="DeletedRows">Rows gone.</param>
public sealed record TableVerification(ExpectedTableChange Expected, int NewRows, int UpdatedRows, int DeletedRows)
{
    /// <summary>Whether every figure that the plan names is what happened.</summary>
    public bool Met =>
        Holds(Expected.NewRows, NewRows) && Holds(Expected.UpdatedRows, UpdatedRows) && Holds(Expected.DeletedRows, DeletedRows);

    private static bool Holds(int? expected, int actual) => expected is null || expected == actual;
}

/// <summary>The plan's <c>expected_changes</c> against what happened.</summary>
/// <param name="Tables">A line an expectation.</param>
public sealed record ChangeVerification(IReadOnlyList<TableVerification> Tables)
{
    /// <summary>Whether all of it is met; a plan that expects nothing leaves nothing to be met.</summary>
    public bool Met => Tables.All(t => t.Met);

    /// <summary>Compares.</summary>
    /// <param name="expected">What the plan says.</param>
    /// <param name="actual">What the images show.</param>
    /// <returns>A line an expectation.</returns>
    public static ChangeVerification Compare(ExpectedChanges expected, IReadOnlyList<ActualTableChange> actual) =>
        new([.. expected.Tables.Select(e => Compare(e, actual))]);

    private static TableVerification Compare(ExpectedTableChange expected, IReadOnlyList<ActualTableChange> actual)
    {
        var matching = actual
            .Where(a => a.Table == expected.QualifiedTable
                && expected.Match.All(m => a.Values.GetValueOrDefault(m.Column) == m.Value))
            .ToList();
        return new(
            expected,
            matching.Sum(a => a.NewRows),
            matching.Sum(a => a.UpdatedRows),
            // A row that is gone has no values left to match, so these are counted over the table.
            actual.Where(a => a.Table == expected.QualifiedTable).Sum(a => a.DeletedRows));
    }
}
