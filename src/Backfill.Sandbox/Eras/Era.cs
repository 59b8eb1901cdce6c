using Backfill.Sandbox.Database;

namespace Backfill.Sandbox.Eras;

/// <summary>A column of <c>profiles</c> that not every era has, and what <c>score_prism</c> puts into it.</summary>
internal readonly record struct EraColumn(string Name, string Value);

/// <summary>One version of the real system: what its tables are, and how its functions write them.</summary>
internal sealed record Era
{
    /// <summary>
    /// Every table that functions write in any era, with the columns that are judged. Its functions look at the errors of their
    /// writes.
    /// </summary>
    public const string Complete = "complete";

    public const string Newest = "2025-10-04";

    private static readonly EraColumn ComputedAt = new("computed_at", "$17");

    private static readonly EraColumn FcAnswered =
        new("fc_answered_ct", "(SELECT count(*)::int FROM public.fc_responses AS r WHERE r.session_id = $1)");

    private static readonly EraColumn SubmittedAt =
        new("submitted_at", "(SELECT s.completed_at FROM public.assessment_sessions AS s WHERE s.id = $1)");

    private static readonly Era[] All =
    [
        new()
        {
            Name = Complete,
            HasScript = false,
            ChecksWrites = true,
            NeedsFcScores = false,
            ProfileColumns = [ComputedAt],
        },
        new() { Name = "2025-09-17", HasResults = false, HasDetails = false, ProfileColumns = [FcAnswered, SubmittedAt] },
        new() { Name = "2025-09-23", ProfileColumns = [FcAnswered, SubmittedAt] },
        new()
        {
            Name = Newest,
            HasDetails = false,
            TokenFunction = "get_results_by_session",
            ProfileColumns = [ComputedAt],
            // The column went, and the function that was deployed still names it: its upsert fails, and it doesn't look.
            DeployedColumns = [ComputedAt, FcAnswered],
        },
    ];

    public static IEnumerable<string> Names => All.Select(era => era.Name);

    public required string Name { get; init; }

    /// <summary>Whether <c>scoring_results</c> is there.</summary>
    public bool HasResults { get; private init; } = true;

    /// <summary>Whether the three detail tables are there.</summary>
    public bool HasDetails { get; private init; } = true;

    /// <summary>Whether <c>score_prism</c> ends at the first write that fails. The real one never looks.</summary>
    public bool ChecksWrites { get; private init; }

    /// <summary>Whether <c>score_prism</c> refuses a session without forced-choice scores.</summary>
    public bool NeedsFcScores { get; private init; } = true;

    /// <summary>What a share link is read through.</summary>
    public string TokenFunction { get; private init; } = "get_profile_by_session";

    /// <summary>What <c>score_prism</c> writes into <c>profiles</c> beside the columns that all eras have.</summary>
    private EraColumn[] ProfileColumns { get; init; } = [];

    /// <summary>The SQL that makes the complete schema this era's; null: it is the complete one.</summary>
    public string? Script => HasScript ? Sql.Read($"Eras/{Name}.sql") : null;

    private bool HasScript { get; init; } = true;

    /// <summary>Where the deployed function names other columns than the table has; null: it does not.</summary>
    private EraColumn[]? DeployedColumns { get; init; }

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="asDeployed">With the functions' own faults of that day.</param>
    /// <returns>Null: there is no such era.</returns>
    public static Era? Find(string name, bool asDeployed)
    {
        var era = Array.Find(All, e => e.Name == name);
        return asDeployed && era is { DeployedColumns: { } columns } ? era with { ProfileColumns = columns } : era;
    }

    /// <summary>The upsert of <c>score_prism</c>.</summary>
    public string ProfileStatement => Sql.Read("Functions/score_prism/profiles.sql")
        .Replace("{{columns}}", string.Concat(ProfileColumns.Select(c => $", {c.Name}")), StringComparison.Ordinal)
        .Replace("{{values}}", string.Concat(ProfileColumns.Select(c => $", {c.Value}")), StringComparison.Ordinal)
        .Replace(
            "{{updates}}", string.Concat(ProfileColumns.Select(c => $",\n        {c.Name} = EXCLUDED.{c.Name}")), StringComparison.Ordinal);

    /// <summary>What the traffic writes. Its rows are whole, whatever the functions' faults.</summary>
    public string TrafficStatement
    {
        get
        {
            var hasComputedAt = ProfileColumns.Contains(ComputedAt);
            return Sql.Read("Traffic/score_sessions.sql")
                .Replace("{{columns}}", hasComputedAt ? ", computed_at" : "", StringComparison.Ordinal)
                .Replace("{{values}}", hasComputedAt ? ", made_at" : "", StringComparison.Ordinal)
                .Replace("{{result}}", HasResults ? Sql.Read("Traffic/score_results.sql").TrimEnd() : "", StringComparison.Ordinal);
        }
    }
}
