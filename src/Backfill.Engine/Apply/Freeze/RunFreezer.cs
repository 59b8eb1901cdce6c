using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Npgsql;
using NpgsqlTypes;

namespace Backfill.Engine.Apply.Freeze;

/// <summary>Writes a run with its sessions, all or nothing, and opens it again.</summary>
internal sealed class RunFreezer(NpgsqlDataSource dataSource)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <param name="request">The run.</param>
    /// <param name="isRepeated">Whether it may be there already: its commit came through, and the answer was lost.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<RunTicket> FreezeAsync(RunRequest request, bool isRepeated, CancellationToken cancellationToken)
    {
        var shape = await TargetShapeReader.ReadAsync(dataSource, request.Plan, request.Footprint, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!isRepeated || !await IsFrozenAsync(request.RunId, cancellationToken).ConfigureAwait(false))
                await WriteAsync(request, shape, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.ConstraintName is "item_unsettled" or "plan_session_pkey")
        {
            // The first: another run has such a session. The second: another run of this plan was frozen a moment ago.
            throw await BusyAsync(request, cancellationToken).ConfigureAwait(false);
        }

        var total = request.Selected?.Count ?? request.Resolution.Sessions.Count;
        return new(request.RunId, request.Plan, request.Footprint.On(shape), shape, request.Settings, total);
    }

    public async Task<RunTicket> OpenAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Freeze/open_run"), runId);
        await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            throw NotFound(runId);

        var plan = new PlanReader().ReadDocument(reader.GetString(1), reader.GetString(2)).Plan
            ?? throw new BackfillException(
                "PlanUnreadable",
                BackfillErrorKind.InvalidState,
                $"This version of the module can't read the plan of run {runId}. Use the version that started the run.",
                runId);
        if (plan.Hash != reader.GetString(13))
        {
            throw new BackfillException(
                "PlanChanged",
                BackfillErrorKind.Refused,
                $"The plan of run {runId} was changed in the ledger after the run began. Nothing was called. "
                + "Find out who changed backfill.plan, then start a new run from the plan's file.",
                runId);
        }

        var shape = JsonSerializer.Deserialize<TargetShape>(reader.GetString(3), Json)!;
        return new(
            runId,
            plan,
            Footprint.For(plan).On(shape),
            shape,
            new(
                reader.GetInt32(4),
                reader.GetInt32(5),
                reader.GetTimeSpan(6),
                reader.GetTimeSpan(7),
                reader.GetTimeSpan(8),
                new(reader.GetInt32(9), reader.GetDouble(10), reader.GetInt32(11)),
                reader.IsDBNull(14) ? null : reader.GetString(14)),
            (int)reader.GetInt64(12)) { HasReviews = reader.GetBoolean(15) };
    }

    public static BackfillException NotFound(Guid runId) => new(
        "RunNotFound",
        BackfillErrorKind.NotFound,
        $"There is no run {runId} on this target. Get-BackfillRun lists the runs.",
        runId);

    private async Task<bool> IsFrozenAsync(Guid runId, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add("select exists (select from backfill.run r where r.run_id = $1)", runId);
        return await batch.QueryRowAsync(r => r.GetBoolean(0), cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteAsync(RunRequest request, TargetShape shape, CancellationToken cancellationToken)
    {
        var (plan, settings) = (request.Plan, request.Settings);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using (var begin = LedgerBatch.Begin(connection).Slow()
            .Add(SqlText.Load("Apply/Freeze/freeze_plan"), plan.Hash, plan.GetDocument(), plan.Path)
            .Add(SqlText.Load("Apply/Freeze/hold_plan"), plan.Hash))
        {
            var isFrozen = await begin.QueryRowOrNullAsync(r => (object)r.GetBoolean(0), cancellationToken).ConfigureAwait(false);
            if (isFrozen is null || (request.Resolution.WasFrozen && isFrozen is false))
                throw Removed(request);
        }

        if (!request.Resolution.WasFrozen)
            await CopySessionsAsync(connection, plan.Hash, request.Resolution.Sessions, cancellationToken).ConfigureAwait(false);
        await using var finish = LedgerBatch.On(connection).Slow();
        finish.Add(
            SqlText.Load("Apply/Freeze/freeze_run"),
            request.RunId,
            plan.Hash,
            settings.ThrottlePerMinute,
            settings.ConcurrencyLimit,
            settings.Lease,
            settings.QuietPeriod,
            settings.CallTimeout,
            JsonSerializer.Serialize(shape, Json),
            request.Operator,
            ModuleInfo.Version,
            settings.Breaker.MaxConsecutiveFailures,
            settings.Breaker.MaxFailureRatio,
            settings.Breaker.MinimumSample,
            SqlValue.Text(request.Name),
            SqlValue.Text(request.Ticket),
            SqlValue.Text(settings.Hours),
            SqlValue.Text(settings.Guard),
            SqlValue.Integer(settings.Ramp?.StartPerMinute),
            SqlValue.Integer(settings.Ramp?.StepPerMinute),
            SqlValue.Integer(settings.Ramp?.StepAttempts));
        finish.Add(
            SqlText.Load("Apply/Freeze/freeze_items"), request.RunId, plan.Hash, Uuids(request.Selected), request.Reprocess.ToString(), settings.QuietPeriod);
        if (request.Reviews.Count > 0)
        {
            finish.Add(
                SqlText.Load("Apply/Freeze/freeze_reviews"),
                request.RunId,
                SqlValue.Integers(request.Reviews.Select(r => r.AfterOrdinal)),
                SqlValue.Texts(request.Reviews.Select(r => r.Name)));
        }

        finish.Add("commit");
        await finish.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static BackfillException Removed(RunRequest request) => new(
        "PlanBusy",
        BackfillErrorKind.Busy,
        $"The last run of plan {request.Plan.Version} and its frozen sessions were removed a moment ago. Nothing was written. Try again.",
        request.RunId);

    private static async Task CopySessionsAsync(
        NpgsqlConnection connection, string hash, IReadOnlyList<PlannedSession> sessions, CancellationToken cancellationToken)
    {
        await using var import = await connection.BeginBinaryImportAsync(
            "copy backfill.plan_session (plan_sha256, ordinal, batch_id, session_id) from stdin (format binary)",
            cancellationToken).ConfigureAwait(false);
        foreach (var session in sessions)
        {
            await import.StartRowAsync(cancellationToken).ConfigureAwait(false);
            await import.WriteAsync(hash, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
            await import.WriteAsync(session.Ordinal, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
            await import.WriteAsync(session.BatchId, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
            await import.WriteAsync(session.SessionId, NpgsqlDbType.Uuid, cancellationToken).ConfigureAwait(false);
        }

        await import.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<BackfillException> BusyAsync(RunRequest request, CancellationToken cancellationToken)
    {
        var sessions = request.Selected ?? request.Resolution.Sessions.Select(s => s.SessionId);
        return await FindBusyAsync(sessions, cancellationToken).ConfigureAwait(false) ?? new(
            "SessionBusy",
            BackfillErrorKind.Busy,
            "Another run had one of these sessions unsettled a moment ago. Try again.",
            request.RunId);
    }

    /// <summary>What stands against a run of these sessions; null where none is unsettled in another.</summary>
    public async Task<BackfillException?> FindBusyAsync(IEnumerable<Guid> sessions, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Freeze/find_busy"), SqlValue.Uuids(sessions));
        await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            return null;

        var runId = reader.GetGuid(1);
        var since = reader.GetFieldValue<DateTimeOffset>(4).UtcDateTime.ToString("u", CultureInfo.InvariantCulture);
        var state = reader.GetString(2);
        var finish = state == nameof(BackfillRunState.Suspended)
            ? $"Ask who suspended it, then resume it: Resume-BackfillRun -RunId {runId}"
            : $"Finish it first: Invoke-BackfillApply -RunId {runId}";
        return new(
            "SessionBusy",
            BackfillErrorKind.Busy,
            $"Session {reader.GetGuid(0)} is not settled in run {runId} ({state}, started by {reader.GetString(3)} at {since}). "
            + $"{finish} or end it: Stop-BackfillRun -RunId {runId}",
            runId);
    }

    private static NpgsqlParameter Uuids(IReadOnlySet<Guid>? ids) => new()
    {
        Value = ids is null ? DBNull.Value : ids.ToArray(),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid,
    };
}
