using Backfill.Engine.Profiles;
using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Connections.Checks;

/// <summary>What the target gives to each use, and what it lacks for it. Pure.</summary>
internal static class NeedChecks
{
    private const string Migrations = "Run the project's migrations, and check that -DatabaseUrl (SUPABASE_DB_URL) is the project's.";

    /// <summary>The names, in order.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [nameof(TargetNeed.Apply), nameof(TargetNeed.Rollback), nameof(TargetNeed.Health), nameof(TargetNeed.Soak)];

    /// <param name="map">How what is known by name lies there.</param>
    /// <param name="profile">What the target has.</param>
    /// <param name="unkeyed">Tables that functions write and that have no primary key, schema-qualified.</param>
    public static IEnumerable<BackfillCheck> Of(TargetMap map, TargetProfile profile, IReadOnlyCollection<string> unkeyed)
    {
        var written = map.Written.Select(t => t.Split('.')[1]).ToList();
        var (there, absent) = (written.Where(profile.Has).ToList(), written.Where(t => !profile.Has(t)).ToList());
        yield return Required(
            TargetNeed.Apply, Lacking(map, profile, n => n.ForApply),
            $"Functions write {string.Join(", ", there)}{(absent.Count == 0 ? "" : $"; not in this project: {string.Join(", ", absent)}")}.");
        yield return Required(
            TargetNeed.Rollback, [.. unkeyed.Select(t => $"no primary key on {t}")],
            $"Rows of {string.Join(", ", there)} can be told apart by their keys.");
        yield return Required(
            TargetNeed.Health, Lacking(map, profile, n => n.ForHealth), "Sessions, their answers and what is made of them can be read.");
        yield return Soak(map.Known(profile));
    }

    private static BackfillCheck Soak(TargetProfile profile)
    {
        var name = nameof(TargetNeed.Soak);
        var lacking =
            new[] { profile.Lacks("assessment_sessions", "id", "status", "completed_at"), profile.Lacks("profiles", "session_id") }
            .OfType<string>().ToList();
        if (lacking.Count > 0)
            return Required(TargetNeed.Soak, lacking, "");
        var gaps = SoakGaps.Of(profile, SoakDefaults.TokenSample);
        var links = profile.TokenFunction is { } function ? $" Share links are read through {function.Signature}." : "";
        return gaps.Count == 0
            ? BackfillCheck.Pass(name, $"Every check can be measured.{links}")
            : BackfillCheck.Warn(
                name,
                $"{string.Join(" ", gaps.Select(g => $"{g.Key} can't be measured: {g.Value}"))}{links}",
                "The gate SoakGoNoGo then needs -Override and a reason.");
    }

    private static BackfillCheck Required(TargetNeed need, List<string> lacking, string detail) => lacking.Count == 0
        ? BackfillCheck.Pass(need.ToString(), detail)
        : BackfillCheck.Fail(need.ToString(), $"{string.Join("; ", lacking)}.", Migrations);

    private static List<string> Lacking(TargetMap map, TargetProfile profile, Func<NeededColumns, IReadOnlyList<string>> columns) =>
    [
        .. map.Needed.Where(n => !n.IsOptional || (n.IsOfSessions && profile.Has(n.Table)))
            .Select(n => profile.Lacks(n.Table, columns(n).Prepend(n.SessionColumn))).OfType<string>(),
    ];
}
