using System.Security.Cryptography;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Rollback.Script;

/// <summary>Writes one rollback as a script, row by row from the server to the file.</summary>
internal sealed class RollbackScript
{
    /// <summary>As much goes into one INSERT; psql and the server hold each in memory as a whole.</summary>
    private const int BatchBytes = 256 * 1024;

    private readonly SqlWriter _sql;
    private readonly ScriptFacts _facts;
    private readonly RollbackOrder _order;
    private readonly ScriptCounts _counts;

    private RollbackScript(SqlWriter sql, ScriptFacts facts, RollbackOrder order)
    {
        _sql = sql;
        _facts = facts;
        _order = order;
        _counts = new(facts.Tables.Count);
    }

    private Guid RunId => _order.Selection.RunId;

    public static async Task WriteAsync(ScriptSource source, RollbackOrder order, Stream stream, CancellationToken cancellationToken)
    {
        var start = stream.Position;
        var facts = await source.ReadFactsAsync(cancellationToken).ConfigureAwait(false);
        var sql = new SqlWriter(stream);
        var script = new RollbackScript(sql, facts, order);
        var header = new ScriptHeader(facts, order);
        sql.Write(header.ToSql(script._counts, 0));
        script.WriteStart();
        await script.WriteSessionsAsync(source, cancellationToken).ConfigureAwait(false);
        sql.Statement(ScriptSql.Load("guard_run", script.RunId));
        await script.WriteImagesAsync(source, cancellationToken).ConfigureAwait(false);
        script.WriteEnd();
        await sql.FlushAsync(cancellationToken).ConfigureAwait(false);

        stream.Position = start;
        var size = sql.Written;
        sql.Write(header.ToSql(script._counts, size));
        await sql.FlushAsync(cancellationToken).ConfigureAwait(false);
        stream.Position = start + size;
    }

    private void WriteStart()
    {
        _sql.Write("\n"u8)
            .Statement(ScriptSql.Load("forget_result"))
            .Write("begin isolation level read committed read write;\n"u8)
            .Write("set local client_encoding = 'UTF8';\n"u8)
            .Write("-- >>> The rule for rows that are not as the run left them: 'Stop' or 'Skip'.\n"u8)
            .Write($"set local backfill.on_conflict = '{_order.Rule}';\n\n")
            .Statement(ScriptSql.Load("settings", RunId))
            .Statement(ScriptSql.Load("script"))
            .Write("insert into pg_temp.backfill_script (install_id, system_identifier, database_oid, target, written_at, is_named, after_time, before_time, sessions)\nvalues ("u8)
            .Literal(_facts.InstallId).Write(", "u8)
            .Literal(_facts.SystemIdentifier).Write(", "u8)
            .Number(_facts.DatabaseOid).Write(", "u8)
            .Literal(_facts.Target).Write(", "u8);
        Time(_facts.WrittenAt);
        _sql.Write(_order.Selection.Sessions is null ? ", false, "u8 : ", true, "u8);
        Time(_order.Selection.After);
        _sql.Write(", "u8);
        Time(_order.Selection.Before);
        _sql.Write(", "u8).Number(_facts.Sessions).Write(");\n\n"u8)
            .Statement(ScriptSql.Load("guard_database"))
            .Statement(SqlText.Load("Rollback/Store/request"))
            .Write("insert into pg_temp.backfill_request (rollback_id, run_id, whole_run, on_conflict, locks, by_script, written_at, operator, reason, target)\nvalues ("u8)
            .Literal(_order.RollbackId).Write(", "u8)
            .Literal(RunId)
            .Write(_order.Selection.IsWholeRun ? ", true"u8 : ", false"u8)
            .Write(", current_setting('backfill.on_conflict'), true, true, "u8);
        Time(_facts.WrittenAt);
        _sql.Write(", "u8).Literal(_order.Operator).Write(", "u8);
        Text(_order.Reason);
        _sql.Write(", "u8).Literal(_facts.TargetJson).Write(");\n\n"u8);
    }

    private async Task WriteSessionsAsync(ScriptSource source, CancellationToken cancellationToken)
    {
        _sql.Statement(SqlText.Load("Rollback/Store/sessions"));
        var batch = new InsertBatch(_sql, "insert into pg_temp.backfill_session (session_id, settled, last_rollback) values\n", BatchBytes);
        await using var rows = await source.CopySessionsAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batch.NextRow();
            _sql.Literal(rows.Guid(0)).Write(rows.Boolean(1) ? ",true,"u8 : ",false,"u8);
            if (rows.IsNull(2))
                _sql.Write("null"u8);
            else
                _sql.Literal(rows.Guid(2));
            _sql.Write(")"u8);
            await _sql.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
        }

        batch.End();
    }

    private async Task WriteImagesAsync(ScriptSource source, CancellationToken cancellationToken)
    {
        _sql.Statement(ScriptSql.Load("images"));
        var batch = new InsertBatch(
            _sql, "insert into pg_temp.backfill_image (place, session_id, key, before_record, before_sha256, after_sha256) values\n", BatchBytes);
        await using var rows = await source.CopyImagesAsync(_facts, cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            batch.NextRow();
            WriteImage(rows);
            await _sql.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
        }

        batch.End();
    }

    /// <summary>Hashing here spares the server that work, and shows it whether a record has come through as it was.</summary>
    private void WriteImage(CopyRows row)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var before = row.IsNull(3) ? [] : hash[..SHA256.HashData(row.Bytes(3), hash)];
        var isToUndo = Count(row, before);
        _sql.Number(row.Int32(0)).Write(","u8).Literal(row.Guid(1)).Write(","u8).Literal(row.Bytes(2)).Write(","u8);
        if (isToUndo && !row.IsNull(3))
            _sql.Literal(row.Bytes(3)).Write(","u8);
        else
            _sql.Write("null,"u8);
        Hash(before);
        _sql.Write(","u8);
        Hash(row.IsNull(4) ? [] : row.Bytes(4));
        _sql.Write(")"u8);
    }

    /// <summary>Counts an image, and tells whether there is anything to undo in it.</summary>
    private bool Count(CopyRows row, ReadOnlySpan<byte> before)
    {
        var (hasBefore, hasAfter, isSettled) = (!row.IsNull(3), !row.IsNull(4), row.Boolean(5));
        var counts = _counts[row.Int32(0)];
        counts.Images++;
        // Of a session that never settled nothing is undone, whatever its rows are.
        if (!isSettled || (hasBefore == hasAfter && (!hasBefore || row.Bytes(4).SequenceEqual(before))))
            return false;
        counts.ToDelete += hasBefore ? 0 : 1;
        counts.ToReinsert += hasAfter ? 0 : 1;
        counts.ToRestore += hasBefore && hasAfter ? 1 : 0;
        return true;
    }

    private void WriteEnd()
    {
        _sql.Statement(ScriptSql.Load("expected"));
        var batch = new InsertBatch(
            _sql, "insert into pg_temp.backfill_expected (place, images, to_delete, to_restore, to_reinsert) values\n", BatchBytes);
        for (var place = 1; place <= _counts.Tables; place++)
        {
            var counts = _counts[place];
            batch.NextRow();
            _sql.Number(place).Write(","u8).Number(counts.Images).Write(","u8).Number(counts.ToDelete).Write(","u8)
                .Number(counts.ToRestore).Write(","u8).Number(counts.ToReinsert).Write(")"u8);
        }

        batch.End();
        _sql.Statement(ScriptSql.Load("result"))
            .Statement(ScriptSql.Work(RunId))
            .Write("-- The rows that stay as they are.\n"u8)
            .Statement(SqlText.Load("Rollback/Store/read_conflicts"))
            .Write("commit;\n\n"u8)
            .Write("-- What was expected, and what was done.\n"u8)
            .Write(ScriptSql.Load("show_result").TrimEnd()).Write(";\n"u8);
    }

    private void Hash(ReadOnlySpan<byte> hash)
    {
        if (hash.IsEmpty)
            _sql.Write("null"u8);
        else
            _sql.HexLiteral(hash);
    }

    private void Text(string? text)
    {
        if (text is null)
            _sql.Write("null"u8);
        else
            _sql.Literal(text);
    }

    private void Time(DateTimeOffset? time) =>
        Text(time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture));
}
