using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>The target's rows as record text.</summary>
internal static class TargetDump
{
    private static readonly (string Table, string Key)[] Tables =
    [
        ("public.fc_scores", "concat(' ', t.version, ' ', t.fc_kind)"), ("public.profiles", "''"), ("public.scoring_results", "''"),
        ("public.scoring_results_types", "' ' || t.type_code"), ("public.scoring_results_functions", "' ' || t.func"),
        ("public.scoring_results_state", "' ' || t.state"),
    ];

    /// <summary>Sorted.</summary>
    public static async Task<IReadOnlyList<string>> DumpAsync(this RunWorld world) => await world.LinesAsync(
        string.Join("\nunion all\n", Tables.Select(t => $"select '{t.Table} ' || t::text from {t.Table} t")) + "\norder by 1");

    /// <summary>By table, session and the rest of the key.</summary>
    public static async Task<Dictionary<string, string>> RowsAsync(this RunWorld world)
    {
        var lines = await world.LinesAsync(string.Join(
            "\nunion all\n", Tables.Select(t => $"select concat('{t.Table} ', t.session_id, {t.Key}, e'\\t', t::text) from {t.Table} t")));
        return lines.Select(l => l.Split('\t', 2)).ToDictionary(l => l[0], l => l[1]);
    }

    /// <summary>A row of a table that has one a session.</summary>
    public static string RowOf(string table, Guid session) => $"{table} {session}";

    public static Guid SessionOf(string row) => Guid.Parse(row.Split(' ')[1]);
}
