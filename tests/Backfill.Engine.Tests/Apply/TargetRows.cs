using Npgsql;

namespace Backfill.Engine.Tests.Apply;

/// <summary>The rows of the functions' tables, as text, and a copy of them that can be put back.</summary>
internal static class TargetRows
{
    /// <summary>In an order in which they can be inserted.</summary>
    private static readonly string[] Tables =
        ["fc_scores", "profiles", "scoring_results", "scoring_results_types", "scoring_results_functions", "scoring_results_state"];

    private static readonly string Rows = string.Join(
        " union all ", Tables.Select(t => $"select 'public.{t}' as t, session_id as s, r::text as r from public.{t} r where session_id = any ($1)"));

    /// <summary>The text of values that the ledger fixes for its images.</summary>
    private const string Text = """
        select set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
               set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)
        """;

    public static Task KeepAsync(NpgsqlDataSource owner) =>
        ExecuteAsync(owner, ["create schema kept", .. Tables.Select(t => $"create table kept.{t} as table public.{t}")]);

    public static Task PutBackAsync(NpgsqlDataSource owner) => ExecuteAsync(
        owner,
        [.. Tables.Reverse().Select(t => $"delete from public.{t}"), .. Tables.Select(t => $"insert into public.{t} table kept.{t}")]);

    /// <summary>Table, session and record text of each row of the sessions.</summary>
    public static Task<IReadOnlyList<string>> ReadAsync(NpgsqlDataSource owner, Guid[] sessions) =>
        ReadAsync(owner, $"select concat_ws('|', x.t, x.s, x.r) from ({Rows}) x", sessions);

    /// <summary>Table, session and SHA-256 of the record text of each row of the sessions.</summary>
    public static Task<IReadOnlyList<string>> ReadHashesAsync(NpgsqlDataSource owner, Guid[] sessions) => ReadAsync(
        owner, $"select concat_ws('|', x.t, x.s, encode(sha256(convert_to(x.r, 'UTF8')), 'hex')) from ({Rows}) x", sessions);

    private static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlDataSource owner, string sql, Guid[] sessions)
    {
        await using var connection = await owner.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new(Text));
        batch.BatchCommands.Add(new(sql) { Parameters = { new() { Value = sessions } } });
        await using var reader = await batch.ExecuteReaderAsync();
        await reader.NextResultAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(reader.GetString(0));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource owner, string[] statements)
    {
        await using var connection = await owner.OpenConnectionAsync();
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
            batch.BatchCommands.Add(new(statement));
        await batch.ExecuteNonQueryAsync();
    }
}
