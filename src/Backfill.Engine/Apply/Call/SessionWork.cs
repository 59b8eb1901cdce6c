using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Apply.Call;

/// <summary>How one claim ended.</summary>
/// <param name="Result">The settled session; null where it was given back.</param>
/// <param name="Halt">Why the whole run must stop, if it must.</param>
internal sealed record SessionEnd(BackfillSessionResult? Result, RunHalt? Halt);

/// <summary>One session from its claim to its settlement, or until it is given back.</summary>
internal sealed class SessionWork(WorkContext context, ClaimedSession claim, Slot? slot, long seenAt, StopSignals signals)
{
    /// <summary>A session is settled as Unknown after so many calls of an operation that ended without a clear answer.</summary>
    private const int MostUnknown = 5;

    /// <summary>A session at which the run halts is not for another worker that has not heard of it yet.</summary>
    private static readonly TimeSpan HaltPause = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<PlanOperation> _operations = context.OperationsOf(claim.BatchId);
    private readonly List<OperationTrace> _traces = [];
    private readonly Dictionary<int, OperationReport> _found = [];
    private readonly SessionCalls _calls = new(context, claim, slot, seenAt, signals);
    private ClaimedSession _claim = claim;
    private IReadOnlyList<RowFact> _foreign = [];

    /// <summary>Whether a call of this claim has found out if the run is to be held any longer.</summary>
    public bool HasProbed => _calls.HasProbed;

    private RunTicket Ticket => context.Ticket;

    private Footprint Footprint => context.Ticket.Footprint;

    public async Task<SessionEnd> RunAsync()
    {
        if (_claim.Number > 1)
            await TakeUpAsync().ConfigureAwait(false);
        foreach (var operation in _operations)
        {
            var isReached = _foreign.Count == 0 && !_traces.Exists(t => t.Stops);
            var trace = new OperationTrace(operation, isReached ? await RunAsync(operation).ConfigureAwait(false) : null);
            _traces.Add(trace);
            if (Pause(trace.Last) is not { } pause)
                continue;
            TellPause(trace.Operation, trace.Last!, pause);
            await ReleaseAsync(pause).ConfigureAwait(false);
            return new(null, _calls.Halt);
        }

        var result = await context.Ledger.SettleAsync(Ticket, _claim, _traces, _foreign, CancellationToken.None).ConfigureAwait(false);
        return new(result, _calls.Halt ?? await _calls.CountSettledAsync(result, _traces).ConfigureAwait(false));
    }

    /// <summary>How long the session has to wait for its next claim; null where the work on it goes on.</summary>
    private TimeSpan? Pause(AttemptResult? last) => last?.Disposition switch
    {
        Disposition.Halt => HaltPause,
        Disposition.Hold or Disposition.GiveBack => TimeSpan.Zero,
        Disposition.Retry when signals.Calling.IsCancellationRequested => TimeSpan.Zero,
        // However its rows look: more of it may be committed until the quiet period is over.
        Disposition.Unknown when last.Report.SentAt is { } sentAt => QuietUntil(sentAt),
        _ => null,
    };

    private void TellPause(PlanOperation operation, AttemptResult last, TimeSpan pause)
    {
        if (last.Disposition == Disposition.Unknown)
        {
            context.Sink.Explain(FormattableString.Invariant(
                $"Session {_claim.SessionId}: {SessionCalls.Answer(operation, last.Report)} It may still be committed, so nothing is called for {pause.TotalSeconds:0.#} s; then its rows are read again."));
        }
        else if (last.Disposition is Disposition.Hold or Disposition.GiveBack)
        {
            context.Sink.Explain($"Session {_claim.SessionId} is given back: {last.Report.Message}.");
        }
    }

    private TimeSpan QuietUntil(DateTimeOffset sentAt)
    {
        var left = sentAt + Ticket.Settings.QuietPeriod - context.Clock.Now;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task<AttemptResult> RunAsync(PlanOperation operation)
    {
        if (_found.GetValueOrDefault(operation.Position) is { } found)
            return new(found, Disposition.Verify, MayHaveWritten: true);
        if (operation.IfMissing && Verifier.IsCurrent(operation, Footprint, _claim.Rows))
            return new(Spared(operation), Disposition.Spare);
        if (GivenUp(operation) is { } givenUp)
            return new(givenUp, Disposition.Unknown, MayHaveWritten: true);
        var last = await _calls.RunAsync(operation).ConfigureAwait(false);
        _foreign = _calls.Foreign;
        return last;
    }

    private Task ReleaseAsync(TimeSpan after) =>
        context.ReleaseAsync(_claim, [.. _traces.Select(t => t.Last?.Report).OfType<OperationReport>()], after);

    /// <summary>An effect that an earlier attempt left is taken as it is: nothing is called again.</summary>
    private OperationReport? FoundOnReadBack(PlanOperation operation)
    {
        // Skipped: its row was written and it was never sent.
        var called = _claim.Earlier.Where(e => e.Position == operation.Position && e.Outcome != BackfillOutcome.Skipped).ToList();
        if (called.Count == 0 || Verifier.Prove(operation, Footprint, _claim.Rows) != Proof.Proven)
            return null;
        return new()
        {
            Position = operation.Position,
            Attempt = called.Max(e => e.Attempt),
            Ending = OperationEnding.Succeeded,
            Message = "the effect of an earlier attempt was found on reading back",
        };
    }

    /// <summary>What earlier claims have left is written down before anything is called again.</summary>
    private async Task TakeUpAsync()
    {
        await NoteUnsentAsync().ConfigureAwait(false);
        _foreign = ForeignChanges.AtClaim(_claim, _operations, Footprint);
        // Or the look before a call would take for somebody else's what an operation after it has left.
        if (_foreign.Count == 0)
            await NoteFoundAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Once the operations before them have ended well, announcements of a lost worker could no longer be told from calls.
    /// </summary>
    private async Task NoteUnsentAsync()
    {
        var unsent = Announced.NeverSent(_claim, _operations, Footprint);
        foreach (var attempt in unsent)
        {
            var report = new OperationReport
            {
                Position = attempt.Position,
                Attempt = attempt.Attempt,
                Ending = OperationEnding.NotReached,
                Message = "not called: its worker was lost before",
            };
            await context.Ledger.CheckpointAsync(Ticket, _claim, report, [], CancellationToken.None).ConfigureAwait(false);
        }

        _claim = _claim with
        {
            Earlier = [.. _claim.Earlier.Select(e => unsent.Contains(e) ? e with { Outcome = BackfillOutcome.Skipped } : e)],
        };
    }

    /// <summary>What earlier attempts left becomes the last known state.</summary>
    private async Task NoteFoundAsync()
    {
        foreach (var operation in _operations)
        {
            if (FoundOnReadBack(operation) is not { } found)
                continue;
            _found.Add(operation.Position, found);
            var written = Footprint.Of(operation.Function).Writes;
            if (_claim.Rows.Any(r => r.HasChangedSinceLook && written.Contains(r.Table)))
                await context.Ledger.CheckpointAsync(Ticket, _claim, found, written, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>After so many calls without a clear answer, and with no effect read back after the last one, it stays unknown.</summary>
    private OperationReport? GivenUp(PlanOperation operation)
    {
        var unknown = _claim.Earlier
            .Where(e => e.Position == operation.Position && e.Outcome is null or BackfillOutcome.Unknown)
            .OrderBy(e => e.Attempt).ToList();
        if (unknown.Count < MostUnknown)
            return null;
        return new()
        {
            Position = operation.Position,
            Attempt = unknown[^1].Attempt,
            Ending = OperationEnding.Unknown,
            Category = unknown[^1].Category,
            Message = FormattableString.Invariant(
                $"{unknown.Count} calls ended without a clear answer, and the effect is not there: {unknown[^1].Message ?? "their worker was lost"}"),
        };
    }

    /// <summary>Its row is as it was before the first claim, so what earlier claims announced of it was never sent.</summary>
    private OperationReport Spared(PlanOperation operation) => new()
    {
        Position = operation.Position,
        Attempt = _claim.Earlier.Where(e => e.Position == operation.Position).Select(e => e.Attempt).DefaultIfEmpty(0).Max(),
        Ending = OperationEnding.Spared,
        Message = Verifier.AlreadyCurrent,
    };
}
