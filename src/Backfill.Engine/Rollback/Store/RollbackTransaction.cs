using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Rollback.Store;

/// <summary>One rollback on one connection, step by step. Everything it needs lies in temporary tables that end with it.</summary>
internal sealed class RollbackTransaction : IAsyncDisposable
{
    /// <summary>What finds out what each row needs, in order, once the images are there.</summary>
    public static readonly IReadOnlyList<string> Steps =
        ["compare", "hold_triggers", "classify", "find_references", "find_rekeyed", "find_lost_parents", "find_conflicts", "announce"];

    private readonly NpgsqlConnection _connection;
    private readonly RollbackOrder _order;

    private RollbackTransaction(NpgsqlConnection connection, RollbackOrder order)
    {
        _connection = connection;
        _order = order;
    }

    public NpgsqlConnection Connection => _connection;

    /// <summary>The view of the images that still stand.</summary>
    public string ImagesSql => Sql("images").Replace("{{run}}", RunId.ToString(), StringComparison.Ordinal);

    private Guid RunId => _order.Selection.RunId;

    public static Task<RollbackTransaction> BeginAsync(
        NpgsqlDataSource dataSource, RollbackOrder order, CancellationToken cancellationToken) =>
        BeginAsync(dataSource, order, LedgerBatch.ReadCommitted, cancellationToken);

    /// <summary>The same, and all of it sees the database as it was at one moment.</summary>
    public static Task<RollbackTransaction> BeginSnapshotAsync(
        NpgsqlDataSource dataSource, RollbackOrder order, CancellationToken cancellationToken) =>
        BeginAsync(dataSource, order, "begin isolation level repeatable read", cancellationToken);

    private static async Task<RollbackTransaction> BeginAsync(
        NpgsqlDataSource dataSource, RollbackOrder order, string begin, CancellationToken cancellationToken)
    {
        // Only some sessions are looked for among the images; and not in this transaction, as long as it takes: nobody else could do it
        // meanwhile.
        if (!order.Selection.IsWholeRun)
            await LedgerStatistics.RefreshAsync(dataSource, cancellationToken).ConfigureAwait(false);
        var connection = await dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var transaction = new RollbackTransaction(connection, order);
        try
        {
            await using var settings = LedgerBatch.Begin(connection, begin).Add(Sql("long_transaction"));
            await settings.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return transaction;
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Where the run stands; null where there is no such run. It stays so until the transaction ends.</summary>
    public async Task<BackfillRunState?> LockRunAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch().Add(Sql("lock_run"), RunId).Add(Sql("lock_items"), RunId);
        var state = await batch.QueryRowOrNullAsync(r => r.GetString(0), cancellationToken).ConfigureAwait(false);
        return state is null ? null : Enum.Parse<BackfillRunState>(state);
    }

    public async Task<bool> HasRunAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch().Add(Sql("has_run"), RunId);
        return await batch.QueryRowAsync(r => r.GetBoolean(0), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the sessions in. A look locks nothing.</summary>
    public async Task ChooseAsync(bool locks, CancellationToken cancellationToken)
    {
        var selection = _order.Selection;
        var named = selection.Sessions is { } some ? SqlValue.Uuids(some) : NoUuids();
        await using var batch = Batch()
            .Add(Sql("request"))
            .Add(
                Sql("write_request"),
                _order.RollbackId,
                RunId,
                selection.IsWholeRun,
                _order.Rule.ToString(),
                locks,
                _order.Operator,
                SqlValue.Text(_order.Reason),
                selection.FireTriggers)
            .Add(Sql("sessions"))
            .Add(Sql("choose_sessions"), RunId, named, SqlValue.Time(selection.After), SqlValue.Time(selection.Before));
        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A session that was named and is not in the run.</summary>
    public async Task<Guid?> FindSessionNotInRunAsync(CancellationToken cancellationToken)
    {
        if (_order.Selection.Sessions is not { } named)
            return null;
        await using var batch = Batch().Add(Sql("find_sessions_not_in_run"), RunId, SqlValue.Uuids(named));
        return await batch.QueryRowsAsync(r => r.GetGuid(0), cancellationToken).ConfigureAwait(false) is [var session, ..] ? session : null;
    }

    /// <summary>Why it can't be done now; null where it can.</summary>
    public async Task<RollbackBusy?> FindBusyAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch().Add(Sql("find_busy"), RunId);
        return await batch.QueryRowOrNullAsync(
            r => new RollbackBusy(r.GetString(0), r.IsDBNull(1) ? null : r.GetFieldValue<DateTimeOffset>(1)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds what each row needs, and which rows are in conflict.</summary>
    public async Task AnalyseAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch()
            .Add(Sql("prepare"))
            .Add(ImagesSql);
        foreach (var step in Steps)
            batch.Add(Sql(step));
        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<RollbackLook> ReadLookAsync(string? busy, CancellationToken cancellationToken)
    {
        await using var sessions = Batch().Add(Sql("read_sessions"));
        await using var tables = Batch().Add(Sql("read_tables"));
        return new(
            await sessions.QueryRowsAsync(r => r.GetGuid(0), cancellationToken).ConfigureAwait(false),
            await tables.QueryRowsAsync(
                r => new RollbackTable(
                    r.GetString(0), r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4), r.GetFieldValue<string[]>(5)),
                cancellationToken).ConfigureAwait(false),
            await ReadConflictsAsync(cancellationToken).ConfigureAwait(false),
            busy);
    }

    /// <summary>Triggers that are held, or would be, and that write elsewhere.</summary>
    public async Task<IReadOnlyList<string>> ReadHeldAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch().Add(Sql("read_held"));
        return await batch.QueryRowsAsync(r => r.GetString(0), cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<BackfillRollbackConflict>> ReadConflictsAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch().Add(Sql("read_conflicts"));
        return await batch.QueryRowsAsync(
            r => RollbackText.Conflict(
                RunId, r.GetGuid(0), r.GetString(1), r.GetString(2), r.GetString(3), r.IsDBNull(4) ? null : r.GetString(4)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Undoes, compares every row with its before-image, and writes down what was done.</summary>
    public async Task<RollbackDone> RestoreAsync(
        IReadOnlyList<BackfillRollbackConflict> conflicts, CancellationToken cancellationToken)
    {
        await using var restore = Batch().Add(Sql("restore")).Add(Sql("check_references")).Add(Sql("verify"));
        await restore.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await using var report = Batch().Add(Sql("read_report"));
        var byTable = conflicts.ToLookup(c => c.Table, StringComparer.Ordinal);
        var results = await report.QueryRowsAsync(
            r => new BackfillRollbackResult
            {
                RunId = RunId,
                Table = r.GetString(0),
                Deleted = r.GetInt64(1),
                Restored = r.GetInt64(2),
                Reinserted = r.GetInt64(3),
                Conflicts = r.GetInt64(4),
                Verified = r.GetBoolean(5),
                RewrittenColumns = new(r.GetFieldValue<string[]>(6)),
                ConflictList = new([.. byTable[r.GetString(0)]]),
            },
            cancellationToken).ConfigureAwait(false);
        await using var record = Batch().Add(Sql("record"));
        await record.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        await using var close = Batch().Add(Sql("close_run"));
        return await close.QueryRowAsync(
            r => new RollbackDone(Enum.Parse<BackfillRunState>(r.GetString(0)), r.GetInt64(1), results, conflicts),
            cancellationToken).ConfigureAwait(false);
    }

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await using var batch = Batch().Add("commit");
        await batch.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await using var end = Batch().Add("rollback");
            await end.ExecuteAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // The connection is gone, and the transaction with it.
        }

        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private static string Sql(string name) => SqlText.Load($"Rollback/Store/{name}");

    private static NpgsqlParameter NoUuids() =>
        new() { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Uuid };

    /// <summary>Further statements of this transaction.</summary>
    public LedgerBatch Batch() => LedgerBatch.On(_connection).Unlimited();
}

/// <summary>Why a rollback has to wait.</summary>
/// <param name="Cause">What is going on.</param>
/// <param name="Until">When that is over, if it is known.</param>
internal sealed record RollbackBusy(string Cause, DateTimeOffset? Until);
