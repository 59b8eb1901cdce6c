namespace Backfill.Apply;

/// <summary>How one claim ended.</summary>
/// <param name="Result">The settled session; null where it was given back.</param>
/// <param name="HaltReason">Why the whole run must stop, if it must.</param>
internal sealed record SessionEnd(BackfillSessionResult? Result, string? HaltReason);

/// <summary>One session from its claim to its settlement.</summary>
internal sealed class SessionWork(WorkContext context, Claim claim, Slot slot, StopSignals signals)
{
    /// <summary>A session whose calls keep ending unknown, or whose workers keep dying, is settled as Unknown after so many.</summary>
    private const int MostUnknown = 5;

    /// <summary>A session that the target keeps putting off is settled as it is after so many claims.</summary>
    private const int MostClaims = 10;

    /// <summary>A session at which the run halts is not for another worker that has not heard of it yet.</summary>
    private static readonly TimeSpan HaltPause = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<PlanOperation> _operations = context.OperationsOf(claim.BatchId);
    private readonly List<OperationTrace> _traces = [];
    private IReadOnlyList<RowFact> _foreign = [];
    private bool _hasCalled;
    private bool _hasWaited;

    private RunTicket Ticket => context.Ticket;

    private Footprint Footprint => context.Ticket.Footprint;

    public async Task<SessionEnd> RunAsync()
    {
        if (claim.Number > 1)
            _foreign = ForeignChanges.AtClaim(claim, _operations, Footprint);
        foreach (var operation in _operations)
        {
            var trace = _foreign.Count > 0 || _traces.Exists(t => t.Stops)
                ? new OperationTrace(operation, null, null)
                : await RunAsync(operation).ConfigureAwait(false);
            _traces.Add(trace);
            switch (trace.Disposition)
            {
                case Disposition.Halt:
                    await ReleaseAsync(HaltPause).ConfigureAwait(false);
                    return new(null, $"{operation.Function}: {trace.Report!.Message}");
                case Disposition.Retry when signals.Stop.IsCancellationRequested:
                    await ReleaseAsync(TimeSpan.Zero).ConfigureAwait(false);
                    return new(null, null);
                case Disposition.Retry when trace.RetryAfter is { } pause && claim.Number < MostClaims:
                    await ReleaseAsync(pause).ConfigureAwait(false);
                    return new(null, null);
                case Disposition.GiveBack:
                    await ReleaseAsync(TimeSpan.Zero).ConfigureAwait(false);
                    return new(null, null);
                case Disposition.Unknown when _foreign.Count == 0 && UnknownBefore(operation) < MostUnknown - 1:
                    await ReleaseAsync(Ticket.Settings.QuietPeriod).ConfigureAwait(false);
                    return new(null, null);
                default:
                    break;
            }
        }

        return new(await SettleAsync().ConfigureAwait(false), null);
    }

    private async Task<OperationTrace> RunAsync(PlanOperation operation)
    {
        if (FoundOnReadBack(operation) is { } found)
            return await NoteAsync(found).ConfigureAwait(false);
        if (operation.IfMissing && Verifier.IsCurrent(operation, Footprint, claim.Rows))
            return new(operation, Spared(operation), null);
        if (_hasCalled && Ticket.Plan.OperationDelay > TimeSpan.Zero)
        {
            await Task.Delay(Ticket.Plan.OperationDelay, context.Time, signals.Abandon).ConfigureAwait(false);
            _hasWaited = true;
        }

        var last = await context.Attempts
            .RunAsync((number, _) => AttemptAsync(operation, number), signals.Stop).ConfigureAwait(false);
        return new(operation, last.Report, last.Disposition, last.HadNothingToDo, last.RetryAfter, last.MayHaveWritten);
    }

    private async Task<AttemptResult> AttemptAsync(PlanOperation operation, int number)
    {
        var attempt = EarlierAttempts(operation) + number;
        // Counted by the pace: a session's first call, and every repeated one.
        var counts = number > 1 || !_hasCalled;
        var mine = number > 1 ? await context.Pacer.TakeAsync(signals.Stop).ConfigureAwait(false) : slot;
        var looks = number > 1 || claim.Number > 1 || _hasWaited;
        while (true)
        {
            if (looks && await LookBeforeAsync(operation, attempt).ConfigureAwait(false) is { } changed)
                return changed;
            if (!counts)
                break;
            await context.Pacer.WaitAsync(mine, signals.Stop).ConfigureAwait(false);
            if (!context.Pacer.IsLate(mine))
                break;
            // The slot is dropped; by the time of the next one the images may be old.
            mine = await context.Pacer.TakeAsync(signals.Stop).ConfigureAwait(false);
            looks = true;
        }

        return await CallAsync(operation, attempt, counts).ConfigureAwait(false);
    }

    /// <summary>Announces the attempt and looks whether somebody else has changed a row meanwhile.</summary>
    private async Task<AttemptResult?> LookBeforeAsync(PlanOperation operation, int attempt)
    {
        var rows = await context.Ledger
            .BeginAttemptAsync(Ticket, claim, operation, attempt, signals.Abandon).ConfigureAwait(false);
        var foreign = ForeignChanges.Outside(rows, []);
        if (foreign.Count == 0)
            return null;
        // Nothing of ours has been sent for it: it is imaged anew at its next claim.
        if (claim.Number == 1 && !_hasCalled)
            return new(NotSent(operation, attempt), Disposition.GiveBack);
        _foreign = foreign;
        return new(NotSent(operation, attempt), Disposition.Fail);
    }

    private async Task<AttemptResult> CallAsync(PlanOperation operation, int attempt, bool counts)
    {
        if (!context.Leases.Holds(claim.Fence))
            throw new LeaseLostException(claim);
        _hasCalled = true;
        if (counts)
            context.Sink.Attempted();
        var sentAt = context.Clock.Now;
        var call = new FunctionCall(
            claim.RunId, claim.SessionId, operation.Function, operation.Params, operation.Position, attempt, claim.Fence, Ticket.Settings.CallTimeout);
        var reply = await context.Functions.CallAsync(call, signals.Abandon).ConfigureAwait(false);
        var rule = ErrorPolicy.Classify(reply);
        var report = new OperationReport
        {
            Position = operation.Position,
            Attempt = attempt,
            SentAt = sentAt,
            Duration = reply.Duration,
            StatusCode = reply.StatusCode,
            Outcome = rule.Disposition switch
            {
                Disposition.Verify => BackfillOutcome.Succeeded,
                Disposition.Unknown => BackfillOutcome.Unknown,
                _ => BackfillOutcome.Failed,
            },
            Category = rule.Category,
            Message = rule.Category is null ? reply.Message : $"{rule.Meaning}{(reply.Message is { } m ? $": {m}" : "")}",
            Reduced = reply.Reduced,
        };
        return await LookAsync(operation, report, rule, reply).ConfigureAwait(false);
    }

    /// <summary>Records the attempt and reads back, unless the settlement, which does both, comes next anyway.</summary>
    private async Task<AttemptResult> LookAsync(
        PlanOperation operation, OperationReport report, ErrorRule rule, FunctionReply reply)
    {
        var settlesNext = rule.Disposition is Disposition.Fail or Disposition.Halt
            || (rule.Disposition == Disposition.Verify && operation.Position == _operations.Count);
        if (settlesNext)
            return new(report, rule.Disposition, null, reply.HadNothingToDo, rule.MayHaveWritten);

        IReadOnlyList<string> written = rule.MayHaveWritten ? Footprint.Of(operation.Function).Writes : [];
        // A stopped run still records what it has sent.
        var rows = await context.Ledger
            .CheckpointAsync(Ticket, claim, report, written, CancellationToken.None).ConfigureAwait(false);
        _foreign = ForeignChanges.Outside(rows, written);
        if (_foreign.Count > 0)
            return new(report, Disposition.Fail, null, MayHaveWritten: rule.MayHaveWritten);
        var disposition = rule.Disposition == Disposition.Unknown
            && Verifier.Prove(operation, Footprint, rows) != Proof.Unwritten ? Disposition.Verify : rule.Disposition;
        if (disposition == Disposition.Verify && Verifier.Prove(operation, Footprint, rows) != Proof.Proven)
            report = report with { Outcome = BackfillOutcome.NoEffect };
        return new(report, disposition, reply.RetryAfter, reply.HadNothingToDo, rule.MayHaveWritten);
    }

    private Task<BackfillSessionResult> SettleAsync() => context.Ledger.SettleAsync(
        Ticket,
        claim,
        rows =>
        {
            var called = _traces.LastOrDefault(t => t.MayHaveWritten);
            var written = called is null ? [] : Footprint.Of(called.Operation.Function).Writes;
            var foreign = _foreign.Count > 0 ? _foreign : ForeignChanges.Outside(rows, [.. written]);
            return Verifier.Settle(_traces, Footprint, rows, Refresh(foreign, rows));
        },
        CancellationToken.None);

    /// <summary>The same rows as the settlement sees them, so that they can be told from ours; one that is gone as it was.</summary>
    private static List<RowFact> Refresh(IReadOnlyList<RowFact> foreign, IReadOnlyList<RowFact> rows) =>
        [.. foreign.Select(f => rows.FirstOrDefault(r => f.Table == r.Table && f.Key == r.Key) ?? f)];

    private Task ReleaseAsync(TimeSpan after) => context.Ledger.ReleaseAsync(
        Ticket, claim, [.. _traces.Select(t => t.Report).OfType<OperationReport>()], after, CancellationToken.None);

    private int UnknownBefore(PlanOperation operation) =>
        claim.Earlier.Count(e => e.Position == operation.Position && e.Outcome is (null or BackfillOutcome.Unknown));

    private int EarlierAttempts(PlanOperation operation) =>
        claim.Earlier.Where(e => e.Position == operation.Position).Select(e => e.Attempt).DefaultIfEmpty(0).Max();

    /// <summary>An effect that an earlier attempt left is taken as it is: nothing is called again.</summary>
    private OperationTrace? FoundOnReadBack(PlanOperation operation)
    {
        // Skipped: its row was written and it was never sent.
        var called = claim.Earlier.Where(e => e.Position == operation.Position && e.Outcome != BackfillOutcome.Skipped).ToList();
        if (called.Count == 0 || Verifier.Prove(operation, Footprint, claim.Rows) != Proof.Proven)
            return null;
        var report = new OperationReport
        {
            Position = operation.Position,
            Attempt = called.Max(e => e.Attempt),
            Outcome = BackfillOutcome.Succeeded,
            Message = "the effect of an earlier attempt was found on reading back",
        };
        return new(operation, report, Disposition.Verify, MayHaveWritten: true);
    }

    /// <summary>What it left becomes the last known state, or the next look would take it for somebody else's.</summary>
    private async Task<OperationTrace> NoteAsync(OperationTrace found)
    {
        var written = Footprint.Of(found.Operation.Function).Writes;
        if (claim.Rows.Any(r => r.HasChangedSinceLook && written.Contains(r.Table)))
            await context.Ledger.CheckpointAsync(Ticket, claim, found.Report!, written, CancellationToken.None).ConfigureAwait(false);
        return found;
    }

    /// <summary>Its row is as it was before the first claim, so what earlier claims announced of it was never sent.</summary>
    private OperationReport Spared(PlanOperation operation) => new()
    {
        Position = operation.Position,
        Attempt = EarlierAttempts(operation),
        Outcome = BackfillOutcome.Skipped,
        Message = Verifier.AlreadyCurrent,
    };

    private static OperationReport NotSent(PlanOperation operation, int attempt) => new()
    {
        Position = operation.Position,
        Attempt = attempt,
        Outcome = BackfillOutcome.Skipped,
        Category = BackfillCategory.ForeignChange,
        Message = "not called: somebody else changed a row of the session",
    };
}
