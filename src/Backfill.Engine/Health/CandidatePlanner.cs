using Backfill.Engine.Plans;
using Backfill.Engine.Plans.Json;
using Backfill.Engine.Profiles;

namespace Backfill.Engine.Health;

/// <summary>How a plan for chosen sessions is to look.</summary>
internal sealed record CandidatePlannerSettings
{
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>What batches, and a derived version, are named after.</summary>
    public required string Name { get; init; }

    public string EngineVersion { get; init; } = HealthDefaults.EngineVersion;

    public string FcVersion { get; init; } = HealthDefaults.FcVersion;

    public int BatchSize { get; init; } = HealthDefaults.BatchSize;

    public int ThrottlePerMinute { get; init; } = HealthDefaults.ThrottlePerMinute;

    public string? Version { get; init; }

    /// <summary>Another project, whose function makes what is planned; null for the known system.</summary>
    public DeclaredProject? Project { get; init; }

    /// <summary>What each batch is for; null says which sessions it holds.</summary>
    public string? Description { get; init; }
}

/// <summary>Makes a plan of sessions: the same sessions give the same plan. Pure.</summary>
internal static class CandidatePlanner
{
    /// <summary>For sessions that were looked at: each gets what can be made of it, and the changes to expect are counted.</summary>
    public static NewPlan Of(IEnumerable<BackfillCandidate> sessions, CandidatePlannerSettings settings)
    {
        // A session that is not completed comes last, as null does in the database's order.
        var ordered = sessions.OrderBy(s => s.CompletedAt ?? DateTimeOffset.MaxValue).ThenBy(s => s.SessionId).ToList();
        if (settings.Project is { } project)
            return OfProject(ordered, project, settings);
        var withFc = ordered.Where(s => s.FcResponses > 0).ToList();
        var withoutFc = ordered.Where(s => s.FcResponses == 0).ToList();
        var scores = Scores(settings);
        var profile = Profile(settings) with { Position = 2 };
        var batches = Cut(withFc, "Sessions with FC responses", [scores, profile], settings, 0).ToList();
        batches.AddRange(
            Cut(withoutFc, "Sessions without FC responses: profiles only", [profile with { Position = 1 }], settings, batches.Count));
        return Draft(batches, settings) with
        {
            Timestamp = ordered.Max(s => s.CompletedAt)?.ToUniversalTime(),
            Changes = Changes(ordered, withFc, settings),
        };
    }

    private static NewPlan OfProject(List<BackfillCandidate> ordered, DeclaredProject project, CandidatePlannerSettings settings)
    {
        var operation = new PlanOperation
        {
            Function = project.Function.Name,
            Params = Params((project.Function.VersionParam, settings.EngineVersion)),
            IfMissing = true,
            Position = 1,
        };
        var result = new ExpectedTableChange
        {
            Table = project.Result.Table,
            NewRows = ordered.Count(s => s.MissingProfile && !s.HasProfile),
            UpdatedRows = ordered.Count(s => s.MissingProfile && s.HasProfile),
            Match = ItemList.Of(new ExpectedColumn(project.Result.Version, settings.EngineVersion)),
        };
        return Draft([.. Cut(ordered, $"Rows of {project.Subject.Table}", [operation], settings, 0)], settings) with
        {
            Timestamp = ordered.Max(s => s.CompletedAt)?.ToUniversalTime(),
            Changes = new() { Tables = ItemList.Of(result) },
            Project = project,
        };
    }

    /// <summary>For sessions of which nothing but the id is known: both functions, and nothing to compare with.</summary>
    public static NewPlan OfUnknown(IEnumerable<Guid> sessions, CandidatePlannerSettings settings)
    {
        PlanOperation[] both = [Scores(settings), Profile(settings) with { Position = 2 }];
        return Draft([.. Cut([.. sessions], "Chosen sessions", both, settings, 0)], settings);
    }

    private static IEnumerable<PlanBatch> Cut(
        List<BackfillCandidate> sessions, string what, PlanOperation[] operations, CandidatePlannerSettings settings, int before) =>
        Cut([.. sessions.Select(s => s.SessionId)], what, operations, settings, before);

    private static IEnumerable<PlanBatch> Cut(
        List<Guid> sessions, string what, PlanOperation[] operations, CandidatePlannerSettings settings, int before) =>
        sessions.Chunk(settings.BatchSize).Select((chunk, i) => new PlanBatch
        {
            BatchId = FormattableString.Invariant($"{settings.Name}_{before + i + 1:0000}"),
            Description = settings.Description ?? what,
            Sessions = new(chunk),
            Operations = new(operations),
        });

    private static NewPlan Draft(IReadOnlyList<PlanBatch> batches, CandidatePlannerSettings settings) => new()
    {
        Version = settings.Version,
        VersionPrefix = settings.Name,
        Environment = settings.Environment,
        EngineVersion = settings.EngineVersion,
        FcVersion = settings.FcVersion,
        ThrottlePerMinute = settings.ThrottlePerMinute,
        BatchSize = settings.BatchSize,
        Batches = batches,
        Changes = new() { Tables = ItemList.Of<ExpectedTableChange>() },
    };

    private static ExpectedChanges Changes(
        List<BackfillCandidate> all, List<BackfillCandidate> withFc, CandidatePlannerSettings settings)
    {
        var made = all.Where(s => s.MissingProfile && s.Responses > 0).ToList();
        var profiles = new ExpectedTableChange
        {
            Table = "profiles",
            NewRows = made.Count(s => !s.HasProfile),
            UpdatedRows = made.Count(s => s.HasProfile),
            Match = ItemList.Of(new ExpectedColumn("results_version", settings.EngineVersion)),
        };
        // A table that no operation writes would be odd to the reader.
        return new() { Tables = withFc.Count == 0 ? ItemList.Of(profiles) : ItemList.Of(Scored(), profiles) };

        ExpectedTableChange Scored() => new()
        {
            Table = "fc_scores",
            NewRows = withFc.Count(s => s.MissingFcScores),
            Match = ItemList.Of(new ExpectedColumn("version", settings.FcVersion), new ExpectedColumn("fc_kind", HealthDefaults.FcKind)),
        };
    }

    private static PlanOperation Scores(CandidatePlannerSettings settings) => new()
    {
        Function = "score_fc_session",
        Params = Params(("version", settings.FcVersion), ("basis", HealthDefaults.FcKind)),
        IfMissing = true,
        Position = 1,
    };

    private static PlanOperation Profile(CandidatePlannerSettings settings) => new()
    {
        Function = "score_prism",
        Params = Params(("engine_version", settings.EngineVersion)),
        // It overwrites whatever profile it finds.
        IfMissing = true,
        Position = 1,
    };

    private static FunctionParams Params(params (string Name, string Value)[] values) => FunctionParams.Parse(
        System.Text.Json.JsonSerializer.Serialize(values.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal)));
}
