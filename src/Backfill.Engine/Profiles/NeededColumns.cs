namespace Backfill.Engine.Profiles;

/// <summary>What a target is used for.</summary>
internal enum TargetNeed
{
    Apply,
    Rollback,
    Health,
    Soak,
}

/// <summary>A table with the columns that something here reads by name. A column is required only by what uses it.</summary>
/// <param name="Table">Its name in <c>public</c>.</param>
/// <param name="SessionColumn">The column that holds the session: a uuid.</param>
/// <param name="ForApply">Those that a run reads.</param>
/// <param name="ForHealth">Those that a health check reads.</param>
/// <param name="ForSoak">Those that checks of a soak read; each check that lacks one isn't measured.</param>
internal sealed record NeededColumns(
    string Table, string SessionColumn, IReadOnlyList<string> ForApply, IReadOnlyList<string> ForHealth, IReadOnlyList<string> ForSoak)
{
    public static IReadOnlyList<NeededColumns> All { get; } =
    [
        new(
            "assessment_sessions", "id", ["status", "completed_at"], ["status", "created_at", "completed_at"],
            ["status", "completed_at", "completed_questions", "share_token", "share_token_expires_at"]),
        new("assessment_responses", "session_id", [], [], []),
        new("fc_responses", "session_id", [], [], []),
        new("fc_scores", "session_id", ["version", "fc_kind"], ["version", "fc_kind"], ["version", "fc_kind", "created_at", "updated_at"]),
        new("profiles", "session_id", ["results_version"], ["results_version"], ["results_version", "created_at", "updated_at", "computed_at"]),
        new("scoring_results", "session_id", [], [], []) { IsOptional = true },
        new("scoring_results_types", "session_id", [], [], []) { IsOptional = true },
        new("scoring_results_functions", "session_id", [], [], []) { IsOptional = true },
        new("scoring_results_state", "session_id", [], [], []) { IsOptional = true },
        new("fn_logs", "payload", [], [], ["evt", "at"]) { IsOptional = true, IsOfSessions = false },
    ];

    /// <summary>Whether a project may be without it.</summary>
    public bool IsOptional { get; private init; }

    /// <summary>Whether each of its rows belongs to a session.</summary>
    public bool IsOfSessions { get; private init; } = true;

    /// <summary>Columns of a profile's that must be <c>timestamptz</c>; those of the known system are.</summary>
    public IReadOnlyList<string> Times { get; init; } = [];

    /// <summary>Columns of a profile's that must be text: they are compared as that.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    public string QualifiedName => $"public.{Table}";

    /// <summary>Every column that is known by name.</summary>
    public IEnumerable<string> Known => ForApply.Concat(ForHealth).Concat(ForSoak).Prepend(SessionColumn).Distinct(StringComparer.Ordinal);

    /// <summary>The columns without which neither runs nor health checks work.</summary>
    public IEnumerable<string> Required => ForApply.Concat(ForHealth).Prepend(SessionColumn).Distinct(StringComparer.Ordinal);
}
