using System.Globalization;
using Backfill.Engine.Ledger;
using Backfill.Engine.Rollback.Script;

namespace Backfill.Engine.Rollback.Timestamp;

/// <summary>Writes what an operator has to judge row by row: a SELECT, the DELETE, and a rollback until it is edited.</summary>
internal sealed class TimestampScript(TimestampRollback rollback, TimestampTarget target)
{
    private const int BatchBytes = 256 * 1024;

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    private string Place =>
        $"{target.Install.Environment.ToString().ToUpperInvariant()}, project {target.Install.ProjectRef}, database {target.Database}";

    public async Task WriteAsync(Stream script, CancellationToken cancellationToken)
    {
        var sql = new SqlWriter(script);
        sql.Write(Header()).Write("\n"u8)
            .Write("begin isolation level read committed read write;\n"u8)
            .Write("set local client_encoding = 'UTF8';\n\n"u8)
            .Statement(ScriptSql.Load("settings", Guid.Empty))
            .Statement(ScriptSql.Load("script"));
        WriteScriptRow(sql);
        sql.Statement(ScriptSql.Load("guard_database")).Statement(Load("sessions"));
        var batch = new InsertBatch(sql, "insert into pg_temp.backfill_session (session_id) values\n", BatchBytes);
        foreach (var session in rollback.Sessions.Distinct())
        {
            batch.NextRow();
            sql.Literal(session).Write(")"u8);
            await sql.FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
        }

        batch.End();
        foreach (var table in target.Tables)
            sql.Statement(OfTable("show_rows", table));
        sql.Statement(Load("taken"));
        // What refers to others comes later in a footprint, and goes first.
        foreach (var table in target.Tables.Reverse())
            sql.Statement(OfTable("delete_rows", table));
        sql.Write("-- What it has taken; rows that went or changed with them elsewhere are not counted.\n"u8)
            .Statement("select t.table_name, t.rows_deleted from pg_temp.backfill_taken t order by t.table_name")
            .Write("-- >>> Nothing is kept. Change rollback to commit once every row above is one that has to go.\n"u8)
            .Write("rollback;\n"u8);
        await sql.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Load(string name) => SqlText.Load($"Rollback/Timestamp/{name}");

    private void WriteScriptRow(SqlWriter sql) =>
        sql.Write("insert into pg_temp.backfill_script (install_id, system_identifier, database_oid, target, written_at, is_named, sessions)\nvalues ("u8)
            .Literal(target.Install.InstallId).Write(", "u8)
            .Literal(target.Install.SystemIdentifier).Write(", "u8)
            .Number(target.Install.DatabaseOid).Write(", "u8)
            .Literal(Place).Write(", "u8)
            .Literal(Text(_now)).Write(", true, "u8)
            .Number(rollback.Sessions.Count).Write(");\n\n"u8);

    private string Header() => Load("header")
        .Replace("{{cascades}}", Cascades(), StringComparison.Ordinal)
        .Replace("{{plan_version}}", ScriptHeader.Plain(rollback.Plan.Version), StringComparison.Ordinal)
        .Replace("{{plan_sha256}}", rollback.Plan.Hash, StringComparison.Ordinal)
        .Replace("{{target}}", ScriptHeader.Plain(Place), StringComparison.Ordinal)
        .Replace("{{install_id}}", target.Install.InstallId.ToString(), StringComparison.Ordinal)
        .Replace("{{sessions}}", rollback.Sessions.Count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("{{window}}", $"{Text(rollback.After)} or later{(rollback.Before is { } end ? $", before {Text(end)}" : "")}", StringComparison.Ordinal)
        .Replace("{{written_at}}", Text(_now), StringComparison.Ordinal)
        .Replace("{{operator}}", ScriptHeader.Plain(rollback.Operator), StringComparison.Ordinal);

    private string Cascades()
    {
        var all = target.Tables.SelectMany(t => t.Cascades).Distinct(StringComparer.Ordinal).ToList();
        return all.Count == 0
            ? "--   * nothing else goes with these rows: no foreign key cascades from them."
            : string.Join('\n', all.Select(c => $"--   * {ScriptHeader.Plain(c)};"));
    }

    private string OfTable(string name, TimestampTable table) => Load(name)
        .Replace("{{name}}", SqlText.Literal(table.Name), StringComparison.Ordinal)
        .Replace("{{table}}", SqlText.Quote(table.Name), StringComparison.Ordinal)
        .Replace("{{session_column}}", SqlText.Quote(table.SessionColumn), StringComparison.Ordinal)
        .Replace("{{session_type}}", table.SessionType, StringComparison.Ordinal)
        .Replace("{{window}}", Window(table), StringComparison.Ordinal)
        // Last: what stands in a literal came from the plan, and nothing may be filled in there.
        .Replace("{{proof}}", string.Join(" or ", table.Proofs.Select(Proof).Distinct(StringComparer.Ordinal)), StringComparison.Ordinal);

    private static string Proof(IReadOnlyList<string> proof) => $"({string.Join(" and ", proof)})";

    /// <summary>The latest of its times: a back-dated created_at says nothing of when a row was written.</summary>
    private string Window(TimestampTable table)
    {
        // An infinite time tells none; a row that tells no time at all is left to the reader of the header.
        var last = $"greatest({string.Join(", ", table.TimeColumns.Select(c => $"nullif(nullif(t.{SqlText.Quote(c)}::timestamptz, 'infinity'), '-infinity')"))})";
        var from = $"{last} >= '{Text(rollback.After)}'";
        return rollback.Before is { } end ? $"{from} and {last} < '{Text(end)}'" : from;
    }

    private static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
