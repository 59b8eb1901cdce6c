using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Apply.Settle;

/// <summary>What the session's rows say of one operation.</summary>
public enum Proof
{
    /// <summary>The expected row is there, of the right version, and was written since the claim.</summary>
    Proven,

    /// <summary>A row was written, of another version.</summary>
    WrongVersion,

    /// <summary>Nothing was written.</summary>
    Unwritten,
}

/// <summary>One operation of a claim and the last that was heard of it.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Last">Its last attempt, or why none was needed; null where it was not reached.</param>
public sealed record OperationTrace(PlanOperation Operation, AttemptResult? Last)
{
    /// <summary>Whether the operations after it are not called.</summary>
    public bool Stops => (Last?.Report.Ending ?? OperationEnding.NotReached).Stops();

    /// <summary>Whether the function may have written in the last attempt.</summary>
    public bool MayHaveWritten => Last?.MayHaveWritten == true;
}

/// <summary>Judges by the rows, never by the answer alone. Pure.</summary>
public static class Verifier
{
    /// <summary>The reason of an operation that <c>if_missing</c> spared.</summary>
    public const string AlreadyCurrent = "AlreadyCurrent";

    /// <summary>What the rows say of one operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <param name="rows">The session's rows.</param>
    /// <returns>The proof.</returns>
    public static Proof Prove(PlanOperation operation, Footprint footprint, IEnumerable<RowFact> rows)
    {
        var function = footprint.Of(operation.Function);
        var written = rows.Where(r => r.Table == function.ProofTable && r.WasWritten).ToList();
        return written.Any(r => IsExpected(r, footprint, function, operation)) ? Proof.Proven
            : written.Count > 0 ? Proof.WrongVersion
            : Proof.Unwritten;
    }

    /// <summary>Whether the expected row is there, whoever wrote it.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <param name="rows">The session's rows.</param>
    /// <returns>True if <c>if_missing</c> spares the call.</returns>
    public static bool IsCurrent(PlanOperation operation, Footprint footprint, IEnumerable<RowFact> rows) =>
        rows.Any(r => r.Exists && IsLeftBy(r, operation, footprint));

    /// <summary>The judgement on a session.</summary>
    /// <param name="traces">Its operations in order.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <param name="rows">Its rows, read back.</param>
    /// <param name="foreign">The rows that somebody else changed; never taken for ours.</param>
    /// <returns>The settlement.</returns>
    public static Settlement Settle(
        IReadOnlyList<OperationTrace> traces,
        Footprint footprint,
        IReadOnlyList<RowFact> rows,
        IReadOnlyList<RowFact> foreign)
    {
        var reports = traces.Select(t => Judge(t, footprint, OwnRows(t.Operation, traces, footprint, rows), rows)).ToList();
        var ours = rows.Except(foreign).Where(r => r.HasChangedSinceLook || r.WasWritten || !r.Exists).ToList();
        if (foreign.Count > 0)
            return new(BackfillOutcome.Failed, BackfillCategory.ForeignChange, Foreign(foreign), reports, ours);
        var (outcome, decisive) = OperationEndings.OfSession([.. reports.Select(r => r.Ending)]);
        return decisive is { } place ? new(outcome, reports[place].Category, Reason(traces[place], reports[place]), reports, ours)
            : outcome == BackfillOutcome.Skipped ? new(outcome, BackfillCategory.AlreadyCurrent, AlreadyCurrent, reports, ours)
            : new(outcome, null, null, reports, ours);
    }

    /// <summary>The ending of an operation whose answer was a clean success; any other ending stands without a look at the rows.</summary>
    private static OperationReport Judge(
        OperationTrace trace, Footprint footprint, IReadOnlyList<RowFact> rows, IReadOnlyList<RowFact> all)
    {
        if (trace.Last is not { } last)
            return NotReached(trace.Operation);
        if (last.Disposition != Disposition.Verify)
            return last.Report;
        return Prove(trace.Operation, footprint, rows) switch
        {
            Proof.Proven => last.Report with { Ending = OperationEnding.Succeeded, Category = null },
            Proof.WrongVersion => last.Report with
            {
                Ending = OperationEnding.Failed,
                Category = BackfillCategory.VersionMismatch,
                Message = $"a row was written, but not with {Expected(trace.Operation, footprint)}",
            },
            _ => last.Report with
            {
                Ending = last.HadNothingToDo ? OperationEnding.NothingToDo : OperationEnding.NoEffect,
                Category = BackfillCategory.NoEffect,
                Message = last.Report.Message ?? Missing(trace.Operation, footprint, all),
            },
        };
    }

    /// <summary>A row that another operation is to leave is no row of another version.</summary>
    private static List<RowFact> OwnRows(
        PlanOperation operation, IReadOnlyList<OperationTrace> traces, Footprint footprint, IReadOnlyList<RowFact> rows) =>
        [.. rows.Where(r => IsLeftBy(r, operation, footprint) || !traces.Any(t => IsLeftBy(r, t.Operation, footprint)))];

    private static bool IsLeftBy(RowFact row, PlanOperation operation, Footprint footprint) =>
        footprint.Of(operation.Function) is var function && row.Table == function.ProofTable
            && IsExpected(row, footprint, function, operation);

    private static OperationReport NotReached(PlanOperation operation) => new()
    {
        Position = operation.Position,
        Attempt = 0,
        Ending = OperationEnding.NotReached,
        Message = "not called: an operation before it did not succeed",
    };

    private static bool IsExpected(RowFact row, Footprint footprint, FunctionFootprint function, PlanOperation operation) =>
        function.Proof.All(m =>
            row.Values.GetValueOrDefault(m.Column) is { } value && value == footprint.Value(function, m, operation.Params));

    /// <summary>Which row is missing, and what was written instead: the same words for all sessions that went the same way.</summary>
    private static string Missing(PlanOperation operation, Footprint footprint, IReadOnlyList<RowFact> rows)
    {
        var function = footprint.Of(operation.Function);
        var proof = Short(function.ProofTable);
        var written = rows.Where(r => r.WasWritten && r.Table != function.ProofTable && function.Writes.Contains(r.Table))
            .Select(r => Short(r.Table)).Distinct(StringComparer.Ordinal).ToList();
        if (written.Count > 0)
            return $"answered success and wrote {string.Join(", ", written)} but no {proof}: an upsert inside it fails, and it does not check that";
        var expected = function.Proof.Count > 0 ? $" with {Expected(operation, footprint)}" : "";
        return rows.Any(r => r.Exists && r.Table == function.ProofTable)
            ? $"answered well and wrote nothing: what {proof} holds of the session is from before the call"
            : $"answered well and wrote nothing: there is no row in {proof}{expected}";
    }

    private static string Short(string table) => table.StartsWith("public.", StringComparison.Ordinal) ? table["public.".Length..] : table;

    private static string Expected(PlanOperation operation, Footprint footprint) =>
        string.Join(", ", footprint.Of(operation.Function).Proof.Select(m => $"{m.Column} {m.Value(operation.Params)}"));

    private static string Reason(OperationTrace trace, OperationReport report) =>
        $"{trace.Operation.Function}: {report.Message ?? report.Outcome.ToString()}";

    private static string Foreign(IReadOnlyList<RowFact> foreign) =>
        "somebody else changed " + string.Join(", ", foreign.Select(r => $"{r.Table} {r.Key}"));
}
