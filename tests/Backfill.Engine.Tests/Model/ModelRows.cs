using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Model;

/// <summary>A row of the footprint.</summary>
/// <param name="Table">Schema and table.</param>
/// <param name="Session">Whose.</param>
/// <param name="Key">Record text of its key.</param>
/// <param name="Content">A hash of its record text.</param>
/// <param name="Transaction">Which one has written it last.</param>
/// <param name="Version">What tells which operation it proves.</param>
internal sealed record ModelRow(string Table, Guid Session, string Key, string Content, string Transaction, string Version)
{
    private static readonly (string Name, string Key, string Version)[] Tables =
    [
        ("public.fc_scores", "t.session_id, t.version, t.fc_kind", "concat_ws(' ', t.version, t.fc_kind)"),
        ("public.profiles", "t.session_id", "t.results_version"),
        ("public.scoring_results", "t.session_id", "t.scoring_version"),
        ("public.scoring_results_types", "t.session_id, t.type_code", "''"),
        ("public.scoring_results_functions", "t.session_id, t.func", "''"),
        ("public.scoring_results_state", "t.session_id, t.state", "''"),
    ];

    private static readonly string Select = string.Join("\nunion all\n", Tables.Select(t =>
        $"select concat_ws(e'\\t', '{t.Name}', t.session_id, row({t.Key})::text, md5(t::text), t.xmin, {t.Version}) from {t.Name} t where t.session_id = any ($1)"));

    /// <summary>What names it.</summary>
    public string Name => $"{Table} {Key}";

    /// <summary>Whether it is the row that an operation is to leave.</summary>
    public bool IsOf(Op operation) =>
        Table == operation.Tables[0] && Version == (operation.IsFc ? $"{operation.Version} functions" : operation.Version);

    /// <summary>The rows of some sessions, by session and name.</summary>
    public static async Task<ILookup<Guid, ModelRow>> ReadAsync(RunWorld world, IReadOnlyCollection<Guid> sessions) =>
        (await world.LinesAsync(Select, sessions.ToArray())).Select(Parse).ToLookup(r => r.Session);

    private static ModelRow Parse(string line)
    {
        var parts = line.Split('\t');
        return new(parts[0], Guid.Parse(parts[1]), parts[2], parts[3], parts[4], parts.ElementAtOrDefault(5) ?? "");
    }
}
