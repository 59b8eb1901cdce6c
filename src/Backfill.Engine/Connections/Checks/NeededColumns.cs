namespace Backfill.Engine.Connections.Checks;

/// <summary>A table with the columns that something here reads by name.</summary>
/// <param name="Table">Schema and table.</param>
/// <param name="SessionColumn">The column that holds the session: a uuid.</param>
/// <param name="Others">The other columns.</param>
/// <param name="IsOptional">Whether a project may be without it.</param>
internal sealed record NeededColumns(string Table, string SessionColumn, IReadOnlyList<string> Others, bool IsOptional = false)
{
    public static IReadOnlyList<NeededColumns> All { get; } =
    [
        new("public.assessment_sessions", "id", ["status", "created_at", "completed_at", "share_token", "share_token_expires_at"]),
        new("public.assessment_responses", "session_id", []),
        new("public.fc_responses", "session_id", []),
        new("public.fc_scores", "session_id", ["version", "fc_kind", "created_at", "updated_at"]),
        new("public.profiles", "session_id", ["results_version", "version", "created_at", "updated_at"]),
        new("public.scoring_results", "session_id", ["scoring_version"]),
        new("public.scoring_results_types", "session_id", [], IsOptional: true),
        new("public.scoring_results_functions", "session_id", [], IsOptional: true),
        new("public.scoring_results_state", "session_id", [], IsOptional: true),
    ];

    public IEnumerable<string> Columns => Others.Prepend(SessionColumn);
}
