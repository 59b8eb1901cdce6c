namespace Backfill.Apply;

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
/// <param name="Report">Its last attempt; null where it was not reached.</param>
/// <param name="Disposition">What followed from the reply.</param>
/// <param name="HadNothingToDo">Whether the function said that there was nothing for it to do.</param>
/// <param name="RetryAfter">The least pause before it is tried again, if the target named one.</param>
/// <param name="MayHaveWritten">Whether the function may have written in its last attempt.</param>
public sealed record OperationTrace(
    PlanOperation Operation,
    OperationReport? Report,
    Disposition? Disposition,
    bool HadNothingToDo = false,
    TimeSpan? RetryAfter = null,
    bool MayHaveWritten = false)
{
    /// <summary>Whether the operations after it are not called.</summary>
    /// <remarks>
    /// A session without FC responses has no FC scores, and is scored without them. An answer that claims an effect
    /// which is not there is another matter: what follows would build on it.
    /// </remarks>
    public bool Stops => Report?.Outcome switch
    {
        BackfillOutcome.Succeeded or BackfillOutcome.Skipped => false,
        BackfillOutcome.NoEffect => !HadNothingToDo,
        _ => true,
    };
}

/// <summary>Judges by the rows, never by the answer alone. Pure.</summary>
public static class Verifier
{
    /// <summary>The reason of an operation that <c>if_missing</c> spared.</summary>
    public const string AlreadyCurrent = "AlreadyCurrent";

    /// <summary>The reason of a session that an earlier run of the plan has done.</summary>
    public const string AlreadyApplied = "AlreadyApplied";

    /// <summary>How the reason of a session begins that an earlier run of the plan has tried without success.</summary>
    public const string AlreadyTried = "AlreadyTried";

    private static readonly BackfillOutcome[] Worst = [BackfillOutcome.Failed, BackfillOutcome.Unknown, BackfillOutcome.NoEffect];

    /// <summary>What the rows say of one operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <param name="rows">The session's rows.</param>
    /// <returns>The proof.</returns>
    public static Proof Prove(PlanOperation operation, Footprint footprint, IEnumerable<RowFact> rows)
    {
        var function = footprint.Of(operation.Function);
        var written = rows.Where(r => r.Table == function.ProofTable && r.WasWritten).ToList();
        return written.Any(r => IsExpected(r, function, operation)) ? Proof.Proven
            : written.Count > 0 ? Proof.WrongVersion
            : Proof.Unwritten;
    }

    /// <summary>Whether the expected row is there, whoever wrote it.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="footprint">What functions touch.</param>
    /// <param name="rows">The session's rows.</param>
    /// <returns>True if <c>if_missing</c> spares the call.</returns>
    public static bool IsCurrent(PlanOperation operation, Footprint footprint, IEnumerable<RowFact> rows)
    {
        var function = footprint.Of(operation.Function);
        return rows.Any(r => r.Table == function.ProofTable && r.Exists && IsExpected(r, function, operation));
    }

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
        var reports = traces.Select(t => Judge(t, footprint, rows)).ToList();
        var ours = rows.Except(foreign).Where(r => r.HasChangedSinceLook || r.WasWritten || !r.Exists).ToList();
        if (foreign.Count > 0)
            return new(BackfillOutcome.Failed, BackfillCategory.ForeignChange, Foreign(foreign), reports, ours);
        if (Worst.Select(o => reports.Find(r => r.Outcome == o)).FirstOrDefault(r => r is not null) is { } worst)
            return new(worst.Outcome, worst.Category, Name(worst, traces), reports, ours);
        return reports.Any(r => r.Outcome == BackfillOutcome.Succeeded)
            ? new(BackfillOutcome.Succeeded, null, null, reports, ours)
            : new(BackfillOutcome.Skipped, null, AlreadyCurrent, reports, ours);
    }

    private static OperationReport Judge(OperationTrace trace, Footprint footprint, IReadOnlyList<RowFact> rows)
    {
        var report = trace.Report ?? NotReached(trace.Operation);
        if (trace.Disposition is not (Disposition.Verify or Disposition.Unknown))
            return report;
        var proof = Prove(trace.Operation, footprint, rows);
        return (proof, trace.Disposition) switch
        {
            (Proof.Proven, _) => report with { Outcome = BackfillOutcome.Succeeded, Category = null },
            (Proof.WrongVersion, _) => report with
            {
                Outcome = BackfillOutcome.Failed,
                Category = BackfillCategory.VersionMismatch,
                Message = $"a row was written, but not with {Expected(trace.Operation, footprint)}",
            },
            (_, Disposition.Verify) => report with
            {
                Outcome = BackfillOutcome.NoEffect,
                Category = BackfillCategory.NoEffect,
                Message = report.Message ?? "answered well and wrote nothing",
            },
            _ => report with { Outcome = BackfillOutcome.Unknown },
        };
    }

    private static OperationReport NotReached(PlanOperation operation) => new()
    {
        Position = operation.Position,
        Attempt = 0,
        Outcome = BackfillOutcome.Skipped,
        Message = "not called: an operation before it did not succeed",
    };

    private static bool IsExpected(RowFact row, FunctionFootprint function, PlanOperation operation) =>
        function.Proof.All(m => row.Values.GetValueOrDefault(m.Column) is { } value && value == m.Value(operation.Params));

    private static string Expected(PlanOperation operation, Footprint footprint) =>
        string.Join(", ", footprint.Of(operation.Function).Proof.Select(m => $"{m.Column} {m.Value(operation.Params)}"));

    private static string Name(OperationReport report, IReadOnlyList<OperationTrace> traces) =>
        $"{traces.First(t => t.Operation.Position == report.Position).Operation.Function}: {report.Message ?? report.Outcome.ToString()}";

    private static string Foreign(IReadOnlyList<RowFact> foreign) =>
        "somebody else changed " + string.Join(", ", foreign.Select(r => $"{r.Table} {r.Key}"));
}
