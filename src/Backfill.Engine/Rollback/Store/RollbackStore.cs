using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Backfill.Engine.Rollback.Script;
using Backfill.Engine.Rollback.Timestamp;
using Npgsql;
using Polly;

namespace Backfill.Engine.Rollback.Store;

/// <summary>Rollbacks in PostgreSQL: set-based, one transaction each.</summary>
internal sealed class RollbackStore(NpgsqlDataSource dataSource, PostgresUri where, DatabasePatience patience) : IRollbackStore
{
    private readonly ResiliencePipeline _soon = PassingFailures.Pipeline(TimeProvider.System, patience.Person, PassingFailures.IsOutage);

    /// <summary>So often a rollback that met a deadlock is begun anew.</summary>
    private const int Tries = 3;

    /// <summary>
    /// How long a rollback is tried again while others hold its locks. A try waits for one second at most, and then frees what it held.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>What waited behind us goes on in between.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public Task<RollbackLook> LookAsync(RollbackSelection selection, CancellationToken cancellationToken)
    {
        var order = new RollbackOrder(Guid.Empty, selection, BackfillConflictRule.Stop, "", null);
        return GuardAsync(selection.RunId, () => SoonAsync(token => LookAsync(order, token), cancellationToken));
    }

    public Task<RollbackDone> UndoAsync(RollbackOrder order, CancellationToken cancellationToken) =>
        GuardAsync(order.Selection.RunId, async () =>
        {
            var begun = TimeProvider.System.GetTimestamp();
            long? outage = null;
            for (var tries = 1; ; tries++)
            {
                try
                {
                    return await TryUndoAsync(order, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (PassingFailures.IsOutage(e)
                    && TimeProvider.System.GetElapsedTime(outage ??= TimeProvider.System.GetTimestamp()) < patience.Person)
                {
                    // Nothing was committed: that was looked up where it was in doubt.
                    await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DeadlockDetected && tries < Tries)
                {
                    // The other one has gone on; ours changed nothing.
                }
                catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable
                    && TimeProvider.System.GetElapsedTime(begun) < Patience)
                {
                    await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
                }
            }
        });

    public Task WriteScriptAsync(RollbackOrder order, Stream script, CancellationToken cancellationToken)
    {
        var tries = 0;
        return GuardAsync(order.Selection.RunId, () => SoonAsync(
            async token =>
            {
                // What was written before the line broke is written again.
                if (tries++ > 0)
                    script.SetLength(0);
                await using var source = await ScriptSource.OpenAsync(dataSource, order, token).ConfigureAwait(false);
                await RollbackScript.WriteAsync(source, order, script, token).ConfigureAwait(false);
                return order.RollbackId;
            },
            cancellationToken));
    }

    public Task WriteTimestampScriptAsync(TimestampRollback rollback, Stream script, CancellationToken cancellationToken) =>
        DatabaseErrors.GuardAsync(where, async () =>
        {
            var target = await SoonAsync(
                token => TimestampTarget.ReadAsync(dataSource, rollback, token), cancellationToken).ConfigureAwait(false);
            await new TimestampScript(rollback, target).WriteAsync(script, cancellationToken).ConfigureAwait(false);
            return target.Tables.Count;
        });

    private async Task<RollbackLook> LookAsync(RollbackOrder order, CancellationToken cancellationToken)
    {
        await using var transaction = await RollbackTransaction.BeginAsync(dataSource, order, cancellationToken).ConfigureAwait(false);
        if (!await transaction.HasRunAsync(cancellationToken).ConfigureAwait(false))
            throw RunFreezer.NotFound(order.Selection.RunId);
        await transaction.ChooseAsync(locks: false, cancellationToken).ConfigureAwait(false);
        await RequireSessionsInRunAsync(order, transaction, cancellationToken).ConfigureAwait(false);
        var busy = await transaction.FindBusyAsync(cancellationToken).ConfigureAwait(false);
        await transaction.AnalyseAsync(cancellationToken).ConfigureAwait(false);
        var look = await transaction.ReadLookAsync(busy is null ? null : RollbackText.Of(busy), cancellationToken).ConfigureAwait(false);
        await using var batch = transaction.Batch().Add(SqlText.Load("Ledger/find_other_writes"), SqlValue.Texts(look.Tables.Select(t => SqlText.Quote(t.Table))));
        var found = await batch.QueryRowsAsync(r => r.GetString(0), cancellationToken).ConfigureAwait(false);
        var held = await transaction.ReadHeldAsync(cancellationToken).ConfigureAwait(false);
        return look with
        {
            OtherWrites = found.Count == 0 ? null : OtherWrites.Warning(found),
            HeldTriggers = held.Count == 0 ? null : OtherWrites.Held(held),
        };
    }

    private async Task<RollbackDone> TryUndoAsync(RollbackOrder order, CancellationToken cancellationToken)
    {
        var runId = order.Selection.RunId;
        RollbackDone done;
        await using (var transaction = await RollbackTransaction.BeginAsync(dataSource, order, cancellationToken).ConfigureAwait(false))
        {
            var state = await transaction.LockRunAsync(cancellationToken).ConfigureAwait(false) ?? throw RunFreezer.NotFound(runId);
            if (state == BackfillRunState.RolledBack)
                throw RollbackRefusals.RolledBack(runId);
            await transaction.ChooseAsync(locks: true, cancellationToken).ConfigureAwait(false);
            await RequireSessionsInRunAsync(order, transaction, cancellationToken).ConfigureAwait(false);
            if (await transaction.FindBusyAsync(cancellationToken).ConfigureAwait(false) is { } busy)
                throw RollbackRefusals.Busy(runId, RollbackText.Of(busy));
            await transaction.AnalyseAsync(cancellationToken).ConfigureAwait(false);
            var conflicts = await transaction.ReadConflictsAsync(cancellationToken).ConfigureAwait(false);
            if (conflicts.Count > 0 && order.Rule == BackfillConflictRule.Stop)
                return new(state, 0, [], conflicts);
            done = await transaction.RestoreAsync(conflicts, cancellationToken).ConfigureAwait(false);
            try
            {
                // From here on it is not ours to stop.
                await transaction.CommitAsync(CancellationToken.None).ConfigureAwait(false);
                return done;
            }
            catch (Exception e) when (PassingFailures.Is(e))
            {
                // Whether it was committed is looked up below.
            }
        }

        return await WasRecordedAsync(order).ConfigureAwait(false) ? done : throw new BackfillException(
            "RollbackInterrupted",
            BackfillErrorKind.Unreachable,
            $"The database at {where} broke off the rollback of run {runId} at its end. Nothing was changed. Try again.",
            runId);
    }

    /// <summary>Waits for the run: the server may be at the commit yet.</summary>
    private async Task<bool> WasRecordedAsync(RollbackOrder order)
    {
        var runId = order.Selection.RunId;
        try
        {
            return await PassingFailures.Pipeline(TimeProvider.System, patience.Worker, PassingFailures.Is).ExecuteAsync(
                async token =>
                {
                    await using var batch = await LedgerBatch.OpenAsync(dataSource, token).ConfigureAwait(false);
                    batch.AddBefore(SqlText.Load("Rollback/Store/lock_run"), runId)
                        .Add(SqlText.Load("Rollback/Store/was_recorded"), order.RollbackId);
                    return await batch.QueryRowAsync(r => r.GetBoolean(0), token).ConfigureAwait(false);
                }).ConfigureAwait(false);
        }
        catch (Exception e) when (PassingFailures.Is(e))
        {
            throw new BackfillException(
                "RollbackInDoubt",
                BackfillErrorKind.Unreachable,
                $"The database at {where} was lost while the rollback of run {runId} was committed. "
                + $"When it is back, roll back again unless the run is RolledBack: Get-BackfillRun {runId}",
                runId,
                e);
        }
    }

    private async Task<T> SoonAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        await _soon.ExecuteAsync(async token => await work(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    private static async Task RequireSessionsInRunAsync(
        RollbackOrder order, RollbackTransaction transaction, CancellationToken cancellationToken)
    {
        if (await transaction.FindSessionNotInRunAsync(cancellationToken).ConfigureAwait(false) is { } session)
            throw RollbackText.SessionNotInRun(order.Selection.RunId, session);
    }

    private Task<T> GuardAsync<T>(Guid runId, Func<Task<T>> work) => DatabaseErrors.GuardAsync(where, async () =>
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (RollbackText.Of(runId, e, where) is { } error)
        {
            throw error;
        }
    });
}
