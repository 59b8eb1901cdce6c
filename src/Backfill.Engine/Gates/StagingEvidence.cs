using System.Globalization;
using System.Text.Json;

namespace Backfill.Engine.Gates;

/// <summary>
/// What a production run is approved by beside its own figures: a staging run and its soak, re-read from the staging ledger.
/// </summary>
internal static class StagingEvidence
{
    /// <summary>Evidence that is older proves nothing of what runs now.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(7);

    private const string Unread = "not read: -EvidenceConnection and -EvidenceRunId name the staging run";

    /// <summary>The criteria's names.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["StagingRun", "StagingSoak", "Versions", "ModuleVersion", "EvidenceAge"];

    private static readonly IReadOnlyList<string> Expectations =
    [
        "approved at ApplyReview",
        "approved at SoakGoNoGo",
        "the same engine and FC versions in plan, staging run and soak",
        "the same module version as here",
        "at most 7 days since the soak ended",
    ];

    /// <summary>The criteria where nothing was read.</summary>
    public static IEnumerable<BackfillGateCriterion> NotRead =>
        Names.Zip(Expectations, (name, expected) => new BackfillGateCriterion(name, expected, Unread, false));

    /// <summary>Whether a criterion is not met for the only reason that staging has not been looked at.</summary>
    public static bool IsUnread(BackfillGateCriterion criterion) => criterion.Actual == Unread;

    /// <summary>The criteria as a decision kept them.</summary>
    public static IEnumerable<BackfillGateCriterion> Kept(GateEntry entry) =>
        GateCriteriaJson.Read(entry.Criteria).Where(c => Names.Contains(c.Name, StringComparer.Ordinal));

    /// <summary>The criteria of a staging run.</summary>
    /// <param name="staging">All that its ledger holds of it.</param>
    /// <param name="production">The plan that it is to speak for.</param>
    /// <param name="moduleVersion">The version here.</param>
    public static IReadOnlyList<BackfillGateCriterion> Judge(GateFacts staging, BackfillPlan? production, string moduleVersion)
    {
        var (review, goNoGo) = (
            GateStanding.Of(staging, BackfillGateName.ApplyReview), GateStanding.Of(staging, BackfillGateName.SoakGoNoGo));
        var plan = GateStanding.PlanOf(staging);
        var soak = staging.Soak?.Soak.Settings;
        var same = production is not null && plan is not null && soak is not null
            && plan.EngineVersion == production.EngineVersion && plan.FcVersion == production.FcVersion
            && soak.EngineVersion == production.EngineVersion && soak.FcVersion == production.FcVersion;
        var age = staging.Now - staging.Soak?.EndedAt;
        return
        [
            Approved(0, review),
            Approved(1, goNoGo),
            new(
                Names[2],
                Expectations[2],
                same ? $"engine {production!.EngineVersion}, FC {production.FcVersion}"
                    : $"plan {production?.EngineVersion}, {production?.FcVersion}; staging run {plan?.EngineVersion}, {plan?.FcVersion}; soak {soak?.EngineVersion}, {soak?.FcVersion}",
                same),
            new(Names[3], Expectations[3], $"{staging.ModuleVersion} there, {moduleVersion} here", staging.ModuleVersion == moduleVersion),
            new(
                Names[4],
                Expectations[4],
                age is { } span ? string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0.##} days") : "no soak has ended",
                age >= TimeSpan.Zero && age <= MaxAge),
        ];
    }

    /// <summary>What is kept of it with the decision.</summary>
    public static string Json(GateFacts staging, string fingerprint) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["fingerprint"] = fingerprint,
        ["run_id"] = staging.RunId,
        ["plan_sha256"] = staging.PlanHash,
        ["module_version"] = staging.ModuleVersion,
        ["apply_evidence_sha256"] = GateChain.HashOf(GateEvidence.Of(staging, BackfillGateName.ApplyReview)),
        ["soak_evidence_sha256"] = GateChain.HashOf(GateEvidence.Of(staging, BackfillGateName.SoakGoNoGo)),
        ["chain_count"] = staging.Count,
        ["chain_head"] = staging.Head,
        ["read_at"] = staging.Now.ToUniversalTime(),
    });

    private static BackfillGateCriterion Approved(int index, BackfillGate gate)
    {
        var approved = gate.Status is BackfillGateStatus.Approved or BackfillGateStatus.Used && gate.ChainBreak is null;
        var actual = gate.ChainBreak is { } broken ? $"its decisions were tampered with: {broken}"
            : approved ? $"{gate.Status}, approved by {gate.DecidedBy}{(gate.Overridden ? $" with -Override: {gate.Reason}" : "")}"
            : gate.Status.ToString();
        return new(Names[index], Expectations[index], actual, approved);
    }
}
