using Backfill.Supabase.Tests.Apply;

namespace Backfill.Supabase.Tests.Rollback;

/// <summary>The target's rows as record text, sorted.</summary>
internal static class TargetDump
{
    private static readonly string[] Tables =
    [
        "fc_scores", "profiles", "scoring_results", "scoring_results_types", "scoring_results_functions", "scoring_results_state",
    ];

    public static async Task<IReadOnlyList<string>> DumpAsync(this RunWorld world) => await world.LinesAsync(
        string.Join("\nunion all\n", Tables.Select(t => $"select '{t} ' || t::text from public.{t} t")) + "\norder by 1");
}
