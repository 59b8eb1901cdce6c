using System.Collections.Concurrent;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Plans;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>The ledger in PostgreSQL. Every call is one transaction, and most are one round trip.</summary>
internal sealed class RunLedger(NpgsqlDataSource dataSource) : IRunLedger
{
    private readonly RunFreezer _freezer = new(dataSource);
    private readonly SessionFinder _finder = new(dataSource);
    private readonly ConcurrentDictionary<Guid, RunStatements> _runs = [];

    public Task<PlanResolution> ResolveAsync(BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken) =>
        _finder.ResolveAsync(plan, footprint, cancellationToken);

    public Task<IReadOnlySet<Guid>> FindCurrentAsync(
        PlanOperation operation, Footprint footprint, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        _finder.FindCurrentAsync(operation, footprint, sessions, cancellationToken);

    public Task<IReadOnlySet<Guid>> FindPassedOverAsync(
        BackfillPlan plan, Guid? runId, BackfillReprocess reprocess, CancellationToken cancellationToken) =>
        _finder.FindPassedOverAsync(plan, runId, reprocess, cancellationToken);

    public Task<RunTicket> FreezeAsync(RunRequest request, CancellationToken cancellationToken) =>
        _freezer.FreezeAsync(request, cancellationToken);

    public Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken) =>
        _freezer.OpenAsync(runId, cancellationToken);

    public async Task<BackfillRunState> StartAsync(RunTicket ticket, WorkerIdentity worker, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Steer/start_worker"), ticket.RunId, worker.WorkerId, worker.Operator, worker.ProcessId);
        var state = await batch.QueryRowOrNullAsync(reader => reader.GetString(0), cancellationToken).ConfigureAwait(false)
            ?? throw new BackfillException(
                "RunNotResumable",
                BackfillErrorKind.InvalidState,
                $"Run {ticket.RunId} was aborted or rolled back and can't go on. Start a new run of its plan instead.",
                ticket.RunId);
        return Enum.Parse<BackfillRunState>(state);
    }

    public async Task<SlotGrant> ReserveSlotsAsync(
        RunTicket ticket, int count, TimeSpan ahead, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        // A look takes nothing, and waits for nobody.
        if (count > 0)
            batch.AddBefore(SqlText.Load("Apply/Claim/lock_pace"));
        batch.Add(SqlText.Load("Apply/Claim/reserve_slots"), ticket.RunId, count, ahead);
        return await batch.QueryRowAsync(reader => Grant(reader, count), cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<ClaimedSession>> ClaimAsync(
        RunTicket ticket, WorkerIdentity worker, int count, CancellationToken cancellationToken)
    {
        var operations = ticket.Plan.Batches.SelectMany(b => b.Operations.Select(o => (Batch: b, Operation: o))).ToList();
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(
            Of(ticket).Sql.Claim,
            ticket.RunId,
            worker.WorkerId,
            count,
            ticket.Settings.Lease,
            SqlValue.Texts(operations.Select(o => o.Batch.BatchId)),
            SqlValue.Integers(operations.Select(o => o.Operation.Position)),
            SqlValue.Texts(operations.Select(o => o.Operation.Function)),
            SqlValue.Texts(operations.Select(o => o.Operation.Params.Json)));
        return await batch.QueryAsync(
            (reader, token) => ClaimReader.ReadAsync(reader, ticket, worker, token), cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<RowFact>> BeginAttemptAsync(
        RunTicket ticket, ClaimedSession claim, PlanOperation operation, int attempt, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(
            Of(ticket).Sql.BeginAttempt,
            claim.RunId,
            SqlValue.Uuids([claim.SessionId]),
            SqlValue.BigInts([claim.Fence]),
            operation.Position,
            attempt,
            operation.Function,
            operation.Params.Json);
        return await batch.QueryAsync(RowFacts.ReadSessionAsync, cancellationToken).ConfigureAwait(false)
            ?? throw new LeaseLostException(claim);
    }

    public Task<IReadOnlyList<RowFact>> CheckpointAsync(
        RunTicket ticket, ClaimedSession claim, OperationReport report, IReadOnlyList<string> written, CancellationToken cancellationToken) =>
        Of(ticket).Checkpoints.AskAsync(new(claim, report, written), cancellationToken);

    public Task<BackfillSessionResult> SettleAsync(
        RunTicket ticket, ClaimedSession claim, Func<IReadOnlyList<RowFact>, Settlement> decide, CancellationToken cancellationToken) =>
        Of(ticket).Settlements.AskAsync(new(claim, decide), cancellationToken);

    public async Task ReleaseAsync(
        RunTicket ticket, ClaimedSession claim, IReadOnlyList<OperationReport> reports, TimeSpan after, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Claim/release_item"), claim.RunId, claim.SessionId, claim.Fence, after);
        if (reports.Count > 0)
            SessionSettler.AddAttempts(batch, [.. reports.Select(r => (claim, r))]);
        batch.Add(SqlText.Load("Apply/Claim/release_unsent"), claim.RunId, claim.SessionId, claim.Fence);
        batch.Add(SqlText.Load("Apply/Claim/release_untouched"), claim.RunId, claim.SessionId);
        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<Beat> HeartbeatAsync(
        RunTicket ticket,
        WorkerIdentity worker,
        IReadOnlyCollection<long> fences,
        WorkerWaiting waiting,
        CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(
            SqlText.Load("Apply/Claim/heartbeat"),
            ticket.RunId,
            worker.WorkerId,
            SqlValue.Text(waiting.Cause),
            waiting.Total,
            fences.ToArray());
        return await batch.QueryRowAsync(
            reader => new Beat(Control(reader, 5), reader.GetFieldValue<long[]>(4)), cancellationToken).ConfigureAwait(false);
    }

    public async Task<RunProgress> ReadProgressAsync(RunTicket ticket, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Steer/read_progress"), ticket.RunId);
        return await batch.QueryRowAsync(
            reader => new RunProgress(
                reader.GetInt32(0),
                reader.GetInt32(1),
                reader.GetInt32(2),
                reader.GetInt32(3),
                reader.GetInt32(4),
                reader.GetInt32(5),
                reader.GetInt32(6)),
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<BreakerVerdict> TripBreakerAsync(
        RunTicket ticket, bool? wentWell, bool isSettled, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.AddBefore(SqlText.Load("Apply/Steer/lock_run"), ticket.RunId)
            .Add(SqlText.Load("Apply/Call/trip_breaker"), ticket.RunId, "breaker", SqlValue.Boolean(wentWell), isSettled);
        return await batch.QueryRowAsync(
            reader => new BreakerVerdict(RowFacts.Text(reader, 0), reader.GetBoolean(1), reader.GetInt32(2)),
            cancellationToken).ConfigureAwait(false);
    }

    public async Task<RunHoldVerdict> HoldAsync(RunTicket ticket, RunHold hold, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.AddBefore(SqlText.Load("Apply/Steer/lock_run"), ticket.RunId).Add(
            SqlText.Load("Apply/Call/hold_run"),
            ticket.RunId,
            hold.Cause.ToString(),
            hold.Pause,
            hold.IsProbe,
            SqlValue.Span(hold.Longest),
            SqlValue.Text(hold.HaltReason));
        return await batch.QueryRowAsync(
            reader => new RunHoldVerdict(reader.GetBoolean(0), reader.GetBoolean(1)), cancellationToken).ConfigureAwait(false);
    }

    public async Task LiftHoldAsync(RunTicket ticket, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Call/lift_hold"), ticket.RunId);
        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task ControlAsync(RunOrder order, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Slow().AddBefore(SqlText.Load("Apply/Steer/lock_run"), order.RunId).Add(
            SqlText.Load("Apply/Steer/control_run"),
            order.RunId,
            order.Action.ToString(),
            SqlValue.Text(order.Reason),
            order.Operator,
            SqlValue.Integer(order.ThrottlePerMinute),
            SqlValue.Integer(order.ConcurrencyLimit),
            SqlValue.Texts(RunTransitions.StatesFor(order.Action)));
        batch.Add(SqlText.Load("Apply/Steer/finish_abort"), order.RunId);
        if (await batch.QueryRowOrNullAsync(reader => reader.GetString(0), cancellationToken).ConfigureAwait(false) is not null)
            return;
        var run = await new RunReader(dataSource).ListAsync(new RunFilter(order.RunId), cancellationToken)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) ?? throw RunFreezer.NotFound(order.RunId);
        RunTransitions.Check(order.Action, run);
    }

    public async Task<BackfillRunState> EndAsync(
        RunTicket ticket, WorkerIdentity worker, WorkerEnding ending, CancellationToken cancellationToken)
    {
        var state = await EndWorkerAsync(ticket, worker, ending, cancellationToken).ConfigureAwait(false);
        await LedgerStatistics.RefreshAsync(dataSource, cancellationToken).ConfigureAwait(false);
        return state;
    }

    private async Task<BackfillRunState> EndWorkerAsync(
        RunTicket ticket, WorkerIdentity worker, WorkerEnding ending, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Slow().AddBefore(SqlText.Load("Apply/Steer/lock_run"), ticket.RunId).Add(
            SqlText.Load("Apply/Steer/end_worker"),
            ticket.RunId,
            worker.WorkerId,
            SqlValue.Text(ending.State?.ToString()),
            SqlValue.Text(ending.Reason),
            worker.Operator,
            ending.Waited);
        batch.Add(SqlText.Load("Apply/Steer/finish_abort"), ticket.RunId);
        var state = await batch.QueryRowAsync(reader => reader.GetString(0), cancellationToken).ConfigureAwait(false);
        return Enum.Parse<BackfillRunState>(state);
    }

    private RunStatements Of(RunTicket ticket) => _runs.GetOrAdd(ticket.RunId, _ => new RunStatements(dataSource, ticket));

    private static SlotGrant Grant(NpgsqlDataReader reader, int count)
    {
        var control = Control(reader, 9);
        var now = reader.GetFieldValue<DateTimeOffset>(6);
        var first = Time(reader, 5);
        return new(
            first is null ? 0 : count,
            first - now ?? TimeSpan.Zero,
            TimeSpan.FromSeconds(60.3 / control.ThrottlePerMinute),
            now,
            reader.GetBoolean(4),
            Time(reader, 7) - now,
            control,
            reader.GetBoolean(8));
    }

    private static RunControl Control(NpgsqlDataReader reader, int rest) => new(
        Enum.Parse<BackfillRunState>(reader.GetString(0)),
        Enum.Parse<BackfillRunState>(reader.GetString(1)),
        reader.GetInt32(2),
        reader.GetInt32(3))
    {
        Hold = RowFacts.Text(reader, rest) is { } cause ? Enum.Parse<RunHoldCause>(cause) : null,
        FailedInARow = reader.GetInt32(rest + 1),
    };

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
