using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Call;

/// <summary>The calls of one claim: look, wait for a slot, call, record what came back.</summary>
internal sealed class SessionCalls(WorkContext context, ClaimedSession claim, Slot? slot, long seenAt, StopSignals signals)
{
    private readonly int _last = context.OperationsOf(claim.BatchId).Count;
    private Slot? _slot = slot;
    private long _seenAt = seenAt;
    private bool _hasCalled;
    private bool _hasWaited;

    /// <summary>The rows that somebody else has changed.</summary>
    public IReadOnlyList<RowFact> Foreign { get; private set; } = [];

    /// <summary>Why the whole run must stop, if it must.</summary>
    public RunHalt? Halt { get; private set; }

    /// <summary>Whether a reply has shown if the run is to be held any longer.</summary>
    public bool HasProbed { get; private set; }

    private RunTicket Ticket => context.Ticket;

    /// <summary>Calls one operation, again and again where that is worth it.</summary>
    /// <returns>How the last attempt ended.</returns>
    /// <exception cref="OperationCanceledException">Nothing may be called any more.</exception>
    public async Task<AttemptResult> RunAsync(PlanOperation operation)
    {
        if (_hasCalled && Ticket.Plan.OperationDelay > TimeSpan.Zero)
        {
            await Task.Delay(Ticket.Plan.OperationDelay, context.Time, signals.Abandon).ConfigureAwait(false);
            _hasWaited = true;
        }

        return await context.Attempts
            .RunAsync((number, _) => AttemptAsync(operation, number), TellRetry, signals.Calling).ConfigureAwait(false);

        void TellRetry(AttemptResult result, TimeSpan pause) => context.Sink.Explain(FormattableString.Invariant(
            $"Session {claim.SessionId}: {Answer(operation, result.Report)} It is tried again in {pause.TotalSeconds:0.0} s, at the run's pace."));
    }

    /// <summary>What came back of an attempt, as a sentence.</summary>
    public static string Answer(PlanOperation operation, OperationReport report)
    {
        var answer = report.StatusCode is { } code ? FormattableString.Invariant($"answered {code}") : "gave no answer";
        return FormattableString.Invariant(
            $"{operation.Function} {answer} to attempt {report.Attempt}{(report.Message is { } words ? $" ({words.TrimEnd('.')})" : "")}.");
    }

    /// <summary>Counts the last call, which is judged by the settlement, and the session itself.</summary>
    /// <returns>Why the run must halt, if it must.</returns>
    public async Task<RunHalt?> CountSettledAsync(BackfillSessionResult result, IReadOnlyList<OperationTrace> traces)
    {
        var judged = traces.LastOrDefault(t => t.Operation.Position == _last
            && t.Last is { Disposition: Disposition.Verify, Report.SentAt: not null });
        // The function's own word that there was nothing to do is no failure.
        bool? wentWell = judged?.Last is not { } last ? null
            : result.Operations[^1].Outcome == BackfillOutcome.Succeeded || last.HadNothingToDo;
        await CountAsync(wentWell, result.Outcome is BackfillOutcome.Failed or BackfillOutcome.Unknown).ConfigureAwait(false);
        return Halt;
    }

    private async Task<AttemptResult> AttemptAsync(PlanOperation operation, int number)
    {
        var attempt = number + claim.Earlier.Where(e => e.Position == operation.Position).Select(e => e.Attempt).DefaultIfEmpty(0).Max();
        // Counted by the pace: a session's first call, and every repeated one.
        var counts = number > 1 || !_hasCalled;
        // The claim itself looks, and announces the first attempts.
        var looks = number > 1 || claim.Number > 1 || _hasWaited;
        while (true)
        {
            if (context.Run.IsBusy || (context.Run.IsHeld && !claim.IsProbe))
                return new(NotSent(operation, attempt, "not called: the run is held"), Disposition.GiveBack);
            // Everything is looked at before a slot is taken: a slow look must not cost the slot.
            if ((looks || !context.Pacer.IsFresh(_seenAt)) && await LookAsync(operation, attempt).ConfigureAwait(false) is { } changed)
                return changed;
            looks = false;
            if (!counts)
                break;
            if (await TakeSlotAsync().ConfigureAwait(false) is not { } mine)
                continue;
            if (!context.Pacer.IsFresh(_seenAt, mine))
            {
                await context.Pacer.WaitForLookAsync(mine, signals.Calling).ConfigureAwait(false);
                if (await LookAsync(operation, attempt).ConfigureAwait(false) is { } changedSince)
                    return changedSince;
            }

            await context.Pacer.WaitAsync(mine, signals.Calling).ConfigureAwait(false);
            if (context.Run.IsBusy)
                return new(NotSent(operation, attempt, "not called: the target is busy"), Disposition.GiveBack);
            if (!_hasCalled && !context.IsInHours)
                return new(NotSent(operation, attempt, "not called: it is outside of the run's hours"), Disposition.GiveBack);
            if (context.Pacer.Meets(mine))
                break;
            context.TellIfSlow();
            looks = true;
        }

        return await CallAsync(operation, attempt, counts).ConfigureAwait(false);
    }

    /// <summary>The slot that came with the claim, or another one; null where none was near, after a pause.</summary>
    private async Task<Slot?> TakeSlotAsync()
    {
        if (_slot is { } given)
        {
            _slot = null;
            return given;
        }

        var (grant, slots) = await context.Pacer.ReserveAsync(1, signals.Calling).ConfigureAwait(false);
        context.Run.Control = grant.Control;
        if (slots.Count > 0)
            return slots[0];
        await Task.Delay(Pacer.PauseFor(grant), context.Time, signals.Calling).ConfigureAwait(false);
        return null;
    }

    /// <summary>Announces the attempt, and looks whether somebody else has changed a row.</summary>
    /// <returns>What follows if so; otherwise null.</returns>
    private async Task<AttemptResult?> LookAsync(PlanOperation operation, int attempt)
    {
        var asked = context.Time.GetTimestamp();
        var rows = await context.Ledger
            .BeginAttemptAsync(Ticket, claim, operation, attempt, signals.Abandon).ConfigureAwait(false);
        _seenAt = asked;
        var foreign = ForeignChanges.Outside(rows, []);
        if (foreign.Count == 0)
            return null;
        var report = NotSent(operation, attempt, "not called: somebody else changed a row of the session");
        // Nothing has been sent for it: it is imaged again at its next claim.
        if (claim.Number == 1 && !_hasCalled)
            return new(report, Disposition.GiveBack);
        Foreign = foreign;
        return new(report, Disposition.Fail);
    }

    private async Task<AttemptResult> CallAsync(PlanOperation operation, int attempt, bool counts)
    {
        if (!context.Leases.Holds(claim.Fence))
            throw new LeaseLostException(claim);
        var sentAt = context.Clock.Now;
        var call = new FunctionCall(
            claim.RunId, claim.SessionId, operation.Function, operation.Params, operation.Position, attempt, claim.Fence, Ticket.Settings.CallTimeout);
        var reply = await context.Functions.CallAsync(call, signals.Abandon).ConfigureAwait(false);
        var rule = ErrorPolicy.Classify(reply);
        await HoldOrLiftAsync(operation, reply, rule).ConfigureAwait(false);
        if (reply.Fault == ReplyFault.NotSent)
            return new(NotSent(operation, attempt, $"not called: {rule.Meaning}{Words(reply)}"), rule.Disposition);
        _hasCalled = true;
        if (counts)
            context.Sink.Attempted();
        var report = new OperationReport
        {
            Position = operation.Position,
            Attempt = attempt,
            SentAt = sentAt,
            Duration = reply.Duration,
            StatusCode = reply.StatusCode,
            Ending = rule.Disposition switch
            {
                Disposition.Verify => OperationEnding.Succeeded,
                Disposition.Unknown => OperationEnding.Unknown,
                _ => OperationEnding.Failed,
            },
            Category = rule.Category,
            Message = rule.Category is null ? reply.Message : $"{rule.Meaning}{Words(reply)}",
            Reduced = reply.Reduced,
        };
        if (rule.Disposition == Disposition.Halt)
            Halt ??= new(rule.Cause!.Value, $"{operation.Function}: {report.Message!.TrimEnd('.')}.{(rule.Remedy is { } remedy ? $" {remedy} Then resume the run." : "")}");
        var result = new AttemptResult(report, rule.Disposition, reply.HadNothingToDo, rule.MayHaveWritten);
        // The settlement records it and reads back, and so does the release of a session at which the run halts.
        if (rule.Disposition is not (Disposition.Fail or Disposition.Halt)
            && !(rule.Disposition == Disposition.Verify && operation.Position == _last))
        {
            result = await RecordAsync(operation, result).ConfigureAwait(false);
        }

        await CountAsync(WentWell(operation, result, reply)).ConfigureAwait(false);
        return result;
    }

    /// <summary>Records the attempt and reads back.</summary>
    private async Task<AttemptResult> RecordAsync(PlanOperation operation, AttemptResult result)
    {
        IReadOnlyList<string> written = result.MayHaveWritten ? Ticket.Footprint.Of(operation.Function).Writes : [];
        var asked = context.Time.GetTimestamp();
        // A stopped run still records what it has sent.
        var rows = await context.Ledger
            .CheckpointAsync(Ticket, claim, result.Report, written, CancellationToken.None).ConfigureAwait(false);
        var foreign = ForeignChanges.Outside(rows, written);
        // An ambiguous call is not over: whoever has changed something, the session waits for its quiet period first.
        if (foreign.Count > 0 && result.Disposition is Disposition.Verify or Disposition.Retry)
        {
            Foreign = foreign;
            return result with { Disposition = Disposition.Fail };
        }

        // All rows of the session were read: the next operation needs no look of its own so soon after this one.
        _seenAt = asked;
        return result.Disposition == Disposition.Verify && Verifier.Prove(operation, Ticket.Footprint, rows) != Proof.Proven
            ? result with
            {
                Report = result.Report with { Ending = result.HadNothingToDo ? OperationEnding.NothingToDo : OperationEnding.NoEffect },
            }
            : result;
    }

    /// <summary>Null where the attempt says nothing of the target, or is judged later.</summary>
    private bool? WentWell(PlanOperation operation, AttemptResult result, FunctionReply reply) => result.Disposition switch
    {
        // A function that always fails must not hide behind one that goes well before it: only a session that comes to its end does.
        Disposition.Verify => operation.Position < _last && result.Report.Ending.Stops() ? false : null,
        Disposition.Retry or Disposition.Unknown or Disposition.Fail =>
            reply.Fault == ReplyFault.Cancelled || Foreign.Count > 0 ? null : false,
        _ => null,
    };

    private async Task HoldOrLiftAsync(PlanOperation operation, FunctionReply reply, ErrorRule rule)
    {
        if (reply.Fault == ReplyFault.Cancelled)
            return;
        HasProbed = true;
        var hold = reply.Fault == ReplyFault.NotSent
            ? new RunHold(
                RunHoldCause.TargetUnreachable,
                ApplyDefaults.UnreachablePause,
                claim.IsProbe,
                context.UnreachableLimit,
                $"the target's API can't be reached{Words(reply)}. Check the network and the project's address. Then resume the run.")
            : reply.RetryAfter is { } pause && reply.StatusCode is 429 or >= 500
            ? new RunHold(RunHoldCause.RetryAfter, pause, claim.IsProbe)
            : null;
        if (hold is null)
        {
            await LiftAsync().ConfigureAwait(false);
            return;
        }

        var verdict = await context.Ledger.HoldAsync(Ticket, hold, CancellationToken.None).ConfigureAwait(false);
        context.Run.Held(hold.Cause);
        if (verdict.HasHalted)
            Halt ??= new(BackfillRunCause.TargetUnreachable, hold.HaltReason!);
        else if (verdict.HasBegun)
            context.Sink.Warn(HoldText(operation, hold, rule, reply));
        else
            context.Sink.Explain(FormattableString.Invariant(
                $"The run stays held: {operation.Function}{(hold.Cause == RunHoldCause.RetryAfter ? $" answered {reply.StatusCode}" : $" can't be reached{Words(reply)}")}. The next look is in {hold.Pause.TotalSeconds:0.#} s."));
    }

    private async Task LiftAsync()
    {
        // A call that was in flight before the pause began says nothing of it.
        if (!claim.IsProbe)
            return;
        await context.Ledger.LiftHoldAsync(Ticket, CancellationToken.None).ConfigureAwait(false);
        context.Run.Held(null);
    }

    private async Task CountAsync(bool? wentWell, bool isSettled = false)
    {
        if (wentWell is null && !isSettled)
            return;
        // Success upon success needs no count.
        if (wentWell == true && !isSettled && context.Run.Control.FailedInARow == 0)
            return;
        var verdict = await context.Ledger.TripBreakerAsync(Ticket, wentWell, isSettled, CancellationToken.None).ConfigureAwait(false);
        context.Run.Counted(verdict.FailedInARow);
        // Sessions that were in hand then fail after it; the breaker has opened once.
        if (verdict is { HasHalted: true, Reason: { } reason })
            context.Sink.BreakerOpened(Ticket.RunId, reason.Reason);
        Halt ??= verdict.Reason;
    }

    private string HoldText(PlanOperation operation, RunHold hold, ErrorRule rule, FunctionReply reply) =>
        hold.Cause == RunHoldCause.RetryAfter
            ? FormattableString.Invariant($"{operation.Function}: {rule.Meaning}. The target asks for a pause of {hold.Pause.TotalSeconds:0.#} s, and the whole run waits.")
            : FormattableString.Invariant($"The target's API can't be reached{Words(reply)}. The run waits, and halts after {context.UnreachableLimit.TotalSeconds:0} s.");

    private static string Words(FunctionReply reply) => reply.Message is { } words ? $": {words}" : "";

    private static OperationReport NotSent(PlanOperation operation, int attempt, string why) => new()
    {
        Position = operation.Position,
        Attempt = attempt,
        Ending = OperationEnding.NotReached,
        Message = why,
    };
}
