using System.Collections.Concurrent;
using System.Diagnostics;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Apply.Steer;
using Backfill.Engine.Plans;
using Backfill.Engine.Profiles;
using Backfill.Engine.Signals;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>
/// The ledger in PostgreSQL. Every call is one transaction, and most are one round trip. Each can be said again without harm, and is:
/// a worker's through a restart of the database, an operator's for as long as somebody waits.
/// </summary>
internal sealed class RunLedger(NpgsqlDataSource dataSource, LedgerOperations operations, WorkerConnections workers, TargetMap map) : IRunLedger
{
    private readonly RunFreezer _freezer = new(dataSource);
    private readonly PlanSessions _finder = new(dataSource, map);
    private readonly LedgerOperations _operations = operations;
    private readonly ConcurrentDictionary<Guid, RunTransactions> _runs = [];

    public Task<ResolvedPlan> ResolveAsync(BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken) =>
        _operations.SoonAsync(token => _finder.ResolveAsync(plan, footprint, token), cancellationToken);

    public Task<IReadOnlySet<Guid>> FindCurrentAsync(
        PlanOperation operation, Footprint footprint, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        _operations.SoonAsync(token => _finder.FindCurrentAsync(operation, footprint, sessions, token), cancellationToken);

    public Task<IReadOnlySet<Guid>> FindPassedOverAsync(
        BackfillPlan plan, Guid? runId, BackfillReprocess reprocess, CancellationToken cancellationToken) =>
        _operations.SoonAsync(token => _finder.FindPassedOverAsync(plan, runId, reprocess, token), cancellationToken);

    public Task<RunTicket> FreezeAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var tries = 0;
        return _operations.SoonAsync(token => _freezer.FreezeAsync(request, isRepeated: tries++ > 0, token), cancellationToken);
    }

    public Task RequireFreeAsync(IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        _operations.SoonAsync(
            async token =>
                await _freezer.FindBusyAsync(sessions, token).ConfigureAwait(false) is { } busy ? throw busy : true, cancellationToken);

    public static BackfillException Ended(Guid runId) => new(
        "RunNotResumable",
        BackfillErrorKind.InvalidState,
        $"Run {runId} was aborted or rolled back and can't be resumed. Start a new run of its plan instead.",
        runId);

    public Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken) =>
        _operations.SoonAsync(token => _freezer.OpenAsync(runId, token), cancellationToken);

    public Task<BackfillRunState> StartAsync(RunTicket ticket, WorkerIdentity worker, CancellationToken cancellationToken) =>
        _operations.AgainAsync(
            async (batch, token) =>
            {
                batch.AddBefore(SqlText.Load("Apply/Steer/add_operations"), [ticket.RunId, .. OperationsOf(ticket.Plan)]);
                batch.Add(SqlText.Load("Apply/Steer/start_worker"), ticket.RunId, worker.WorkerId, worker.Operator, worker.ProcessId);
                var (state, isSuspended) = await batch.QueryRowOrNullAsync(reader => Tuple.Create(reader.GetString(0), reader.GetBoolean(1)), token).ConfigureAwait(false)
                    ?? throw Ended(ticket.RunId);
                return isSuspended
                    ? throw RunTransitions.Suspended(await ReadRunAsync(ticket.RunId, token).ConfigureAwait(false))
                    : Enum.Parse<BackfillRunState>(state);
            },
            cancellationToken);

    public Task<SlotGrant> ReserveSlotsAsync(RunTicket ticket, int count, TimeSpan ahead, CancellationToken cancellationToken) =>
        workers.Operations.AgainAsync(
            (batch, token) =>
            {
                batch.Frequent();
                // A look takes nothing, and waits for nobody.
                if (count > 0)
                    batch.AddBefore(SqlText.Load("Apply/Claim/lock_pace"));
                batch.Add(SqlText.Load("Apply/Claim/reserve_slots"), ticket.RunId, count, ahead);
                return batch.QueryRowAsync(reader => Grant(reader, count), token);
            },
            cancellationToken);

    public async Task<IReadOnlyList<ClaimedSession>> ClaimAsync(
        RunTicket ticket, WorkerIdentity worker, int count, CancellationToken cancellationToken)
    {
        using var span = Span(SpanNames.Claim);
        // Claims whose answer was lost are not renewed, so they run out and are taken over.
        var claims = await workers.Operations.AgainAsync(
            (batch, token) =>
            {
                batch.Frequent().Add(
                    Of(ticket).Sql.Claim,
                    ticket.RunId,
                    worker.WorkerId,
                    count,
                    ticket.Settings.Lease);
                return batch.QueryAsync((reader, read) => ClaimReader.ReadAsync(reader, ticket, worker, read), token);
            },
            cancellationToken).ConfigureAwait(false);
        span?.SetTag("backfill.claim.sessions", claims.Count);
        return claims;
    }

    public Task<IReadOnlyList<RowFact>> BeginAttemptAsync(
        RunTicket ticket, ClaimedSession claim, PlanOperation operation, int attempt, CancellationToken cancellationToken) =>
        workers.Operations.AgainAsync<IReadOnlyList<RowFact>>(
            async (batch, token) =>
            {
                batch.Frequent().Add(
                    Of(ticket).Sql.BeginAttempt,
                    claim.RunId,
                    SqlValue.Uuids([claim.SessionId]),
                    SqlValue.BigInts([claim.Fence]),
                    operation.Position,
                    attempt,
                    operation.Function,
                    operation.Params.Json);
                return await batch.QueryAsync(RowFacts.ReadSessionAsync, token).ConfigureAwait(false)
                    ?? throw new LeaseLostException(claim);
            },
            cancellationToken);

    public Task<IReadOnlyList<RowFact>> CheckpointAsync(
        RunTicket ticket, ClaimedSession claim, OperationReport report, IReadOnlyList<string> written, CancellationToken cancellationToken) =>
        workers.Operations.AgainAsync(token => Of(ticket).Checkpoints.AskAsync(new(claim, report, written), token), cancellationToken);

    public async Task<BackfillSessionResult> SettleAsync(
        RunTicket ticket,
        ClaimedSession claim,
        IReadOnlyList<OperationTrace> traces,
        IReadOnlyList<RowFact> foreign,
        CancellationToken cancellationToken)
    {
        using var span = Span(SpanNames.Settle);
        return await workers.Operations
            .AgainAsync(token => Of(ticket).Settlements.AskAsync(new(claim, traces, foreign), token), cancellationToken)
                .ConfigureAwait(false);
    }

    public Task ReleaseAsync(
        RunTicket ticket, ClaimedSession claim, IReadOnlyList<OperationReport> reports, TimeSpan after, CancellationToken cancellationToken) =>
        _operations.AgainAsync(
            (batch, token) =>
            {
                batch.Add(SqlText.Load("Apply/Claim/release_item"), claim.RunId, claim.SessionId, claim.Fence, after);
                if (reports.Count > 0)
                    SessionSettler.AddAttempts(batch, [.. reports.Select(r => (claim, r))]);
                batch.Add(SqlText.Load("Apply/Claim/release_unsent"), claim.RunId, claim.SessionId, claim.Fence);
                batch.Add(SqlText.Load("Apply/Claim/release_untouched"), claim.RunId, claim.SessionId);
                return batch.ExecuteAsync(token);
            },
            cancellationToken);

    // A beat that is late is no use: the next one comes in a second.
    public Task<Beat> HeartbeatAsync(
        RunTicket ticket,
        WorkerIdentity worker,
        IReadOnlyCollection<long> fences,
        WorkerWaiting waiting,
        CancellationToken cancellationToken) =>
        _operations.AtOnceAsync(
            batch =>
            {
                batch.Add(
                    SqlText.Load("Apply/Claim/heartbeat"),
                    ticket.RunId,
                    worker.WorkerId,
                    SqlValue.Text(waiting.Cause),
                    waiting.Total,
                    fences.ToArray());
                return batch.QueryRowAsync(reader => new Beat(Control(reader, 5), reader.GetFieldValue<long[]>(4)), cancellationToken);
            },
            cancellationToken);

    public Task<RunProgress> ReadProgressAsync(RunTicket ticket, CancellationToken cancellationToken) => _operations.AtOnceAsync(
        batch =>
        {
            batch.Add(SqlText.Load("Apply/Steer/read_progress"), ticket.RunId);
            return batch.QueryRowAsync(
                reader => new RunProgress(
                    reader.GetInt32(0),
                    reader.GetInt32(1),
                    reader.GetInt32(2),
                    reader.GetInt32(3),
                    reader.GetInt32(4),
                    reader.GetInt32(5),
                    reader.GetInt32(6)),
                cancellationToken);
        },
        cancellationToken);

    public Task<IReadOnlyList<RowImage>> ReadImagesAsync(
        RunTicket ticket, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken) =>
        _operations.SoonAsync(
            (batch, token) => batch.Add(Of(ticket).Sql.Images, ticket.RunId, SqlValue.Uuids(sessions)).QueryRowsAsync(
                r => new RowImage(
                    r.GetGuid(0), r.GetString(1), r.GetString(2), RowFacts.Text(r, 3), RowFacts.Text(r, 4), r.GetBoolean(5)),
                token),
            cancellationToken);

    public Task<BreakerVerdict> TripBreakerAsync(
        RunTicket ticket, bool? wentWell, bool isSettled, CancellationToken cancellationToken) =>
        _operations.AgainAsync(
            (batch, token) =>
            {
                batch.AddBefore(SqlText.Load("Apply/Steer/lock_run"), ticket.RunId)
                    .Add(SqlText.Load("Apply/Call/trip_breaker"), ticket.RunId, "breaker", SqlValue.Boolean(wentWell), isSettled);
                return batch.QueryRowAsync(
                    reader => new BreakerVerdict(
                        RowFacts.Text(reader, 0) is { } reason ? new(Enum.Parse<BackfillRunCause>(reader.GetString(1)), reason) : null,
                        reader.GetBoolean(2),
                        reader.GetInt32(3)),
                    token);
            },
            cancellationToken);

    public Task<RunHoldVerdict> HoldAsync(RunTicket ticket, RunHold hold, CancellationToken cancellationToken) => _operations.AgainAsync(
        (batch, token) =>
        {
            batch.AddBefore(SqlText.Load("Apply/Steer/lock_run"), ticket.RunId).Add(
                SqlText.Load("Apply/Call/hold_run"),
                ticket.RunId,
                hold.Cause.ToString(),
                hold.Pause,
                hold.IsProbe,
                SqlValue.Span(hold.Longest),
                SqlValue.Text(hold.HaltReason));
            return batch.QueryRowAsync(reader => new RunHoldVerdict(reader.GetBoolean(0), reader.GetBoolean(1)), token);
        },
        cancellationToken);

    public Task LiftHoldAsync(RunTicket ticket, CancellationToken cancellationToken) => _operations.AgainAsync(
        (batch, token) => batch.Add(SqlText.Load("Apply/Call/lift_hold"), ticket.RunId).ExecuteAsync(token), cancellationToken);

    /// <summary>By its id an order is given once, though it may be sent again.</summary>
    public Task ControlAsync(RunOrder order, CancellationToken cancellationToken)
    {
        var id = Guid.CreateVersion7();
        return _operations.SoonAsync((batch, token) => ControlAsync(order, id, batch, token), cancellationToken);
    }

    private async Task<bool> ControlAsync(RunOrder order, Guid id, LedgerBatch batch, CancellationToken cancellationToken)
    {
        batch.Slow().AddBefore(SqlText.Load("Apply/Steer/lock_run"), order.RunId).Add(
            SqlText.Load("Apply/Steer/control_run"),
            order.RunId,
            order.Action.ToString(),
            SqlValue.Text(order.Reason),
            order.Operator,
            SqlValue.Integer(order.ThrottlePerMinute),
            SqlValue.Integer(order.ConcurrencyLimit),
            SqlValue.Texts(RunTransitions.StatesFor(order.Action)),
            SqlValue.Time(order.Until),
            SqlValue.Text(order.Name),
            SqlValue.Text(order.Ticket),
            id,
            SqlValue.Text(order.Guard));
        batch.Add(SqlText.Load("Apply/Steer/finish_abort"), order.RunId);
        if (await batch.QueryRowOrNullAsync(reader => reader.GetString(0), cancellationToken).ConfigureAwait(false) is not null)
            return true;
        RunTransitions.Check(order.Action, await ReadRunAsync(order.RunId, cancellationToken).ConfigureAwait(false));
        return false;
    }

    public Task<BackfillRunState> EndAsync(
        RunTicket ticket, WorkerIdentity worker, WorkerEnding ending, CancellationToken cancellationToken) =>
        ending.Cause == BackfillRunCause.DatabaseUnavailable
            // It was waited for already.
            ? _operations.SoonAsync(token => EndWorkerAsync(ticket, worker, ending, token), cancellationToken)
            : _operations.AgainAsync(
                async token =>
                {
                    var state = await EndWorkerAsync(ticket, worker, ending, token).ConfigureAwait(false);
                    await LedgerStatistics.RefreshAsync(dataSource, token).ConfigureAwait(false);
                    return state;
                },
                cancellationToken);

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
            ending.Waited,
            SqlValue.Text(ending.Cause?.ToString()));
        batch.Add(SqlText.Load("Apply/Steer/finish_abort"), ticket.RunId);
        var state = await batch.QueryRowAsync(reader => reader.GetString(0), cancellationToken).ConfigureAwait(false);
        return Enum.Parse<BackfillRunState>(state);
    }

    private static object[] OperationsOf(BackfillPlan plan)
    {
        var operations = plan.Batches.SelectMany(b => b.Operations.Select(o => (b.BatchId, Operation: o))).ToList();
        return
        [
            SqlValue.Texts(operations.Select(o => o.BatchId)),
            SqlValue.Integers(operations.Select(o => o.Operation.Position)),
            SqlValue.Texts(operations.Select(o => o.Operation.Function)),
            SqlValue.Texts(operations.Select(o => o.Operation.Params.Json)),
        ];
    }

    private async Task<BackfillRun> ReadRunAsync(Guid runId, CancellationToken cancellationToken) =>
        await new RunReader(_operations).ListAsync(new RunFilter(runId), cancellationToken)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) ?? throw RunFreezer.NotFound(runId);

    private RunTransactions Of(RunTicket ticket) => _runs.GetOrAdd(ticket.RunId, _ => new RunTransactions(workers, ticket));

    private static Activity? Span(string name) =>
        PhaseSignals.Source.StartActivity(name, ActivityKind.Client)?.SetTag("db.system.name", "postgresql").SetTag("db.namespace", "backfill");

    private static SlotGrant Grant(NpgsqlDataReader reader, int count)
    {
        var control = Control(reader, 9);
        var now = reader.GetFieldValue<DateTimeOffset>(6);
        var first = Time(reader, 5);
        return new(
            first is null ? 0 : count,
            first - now ?? TimeSpan.Zero,
            TimeSpan.FromSeconds(60.3 / reader.GetInt32(11)),
            now,
            reader.GetBoolean(4),
            Time(reader, 7) - now,
            control,
            reader.GetBoolean(8));
    }

    private static RunControl Control(NpgsqlDataReader reader, int rest) => new(
        Enum.Parse<BackfillRunState>(reader.GetString(0)),
        Enum.Parse<BackfillRunIntent>(reader.GetString(1)),
        reader.GetInt32(2),
        reader.GetInt32(3))
    {
        Hold = RowFacts.Text(reader, rest) is { } cause ? Enum.Parse<RunHoldCause>(cause) : null,
        FailedInARow = reader.GetInt32(rest + 1),
    };

    private static DateTimeOffset? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
