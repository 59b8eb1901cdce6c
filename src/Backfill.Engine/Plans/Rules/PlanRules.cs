using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>Makes a plan of a document, and says everything that is wrong with it.</summary>
internal static class PlanRules
{
    /// <summary>Applies every rule.</summary>
    /// <returns>A plan without hash, path and document, to be used only if there was no error.</returns>
    public static BackfillPlan? Apply(PlanNode root, KnownFunctions known, PlanProblems problems)
    {
        var fields = new PlanFields(problems);
        if (!fields.IsObject(root))
            return null;
        fields.WarnOfOthers(
            root, "$schema", "backfill_plan", "batches", "expected_changes", "rollback_strategy", "approvals", "tables", "functions", "guard");
        fields.FreeText(root["$schema"]);
        var header = PlanHeader.Read(root, fields);
        var footprints = FootprintRules.Read(root, fields, known);
        var batches = new BatchRules(fields, new OperationRules(fields, known, footprints, header)).Read(root);
        var changes = ExpectedRules.Read(root, fields, WrittenBy(batches, known, footprints));
        var approvals = root["approvals"] is { } node && fields.IsObject(node) ? node : null;
        if (approvals is not null)
            fields.WarnOfOthers(approvals, "four_eyes", "max_failed", "max_no_effect", "max_unknown");
        return new()
        {
            Version = header.Version,
            Environment = header.Environment,
            EngineVersion = header.EngineVersion,
            FcVersion = header.FcVersion,
            ThrottlePerMinute = header.ThrottlePerMinute,
            BatchSize = header.BatchSize,
            TotalCandidates = Total(header, batches, problems),
            Batches = batches,
            ExpectedChanges = changes,
            Timestamp = header.Timestamp,
            ExpectedRuntimeMinutes = header.ExpectedRuntimeMinutes,
            OperationDelay = header.OperationDelay,
            Hours = header.Hours,
            Ramp = header.Ramp,
            Guard = Guard(root["guard"], fields),
            FourEyes = fields.Flag(approvals?["four_eyes"]),
            MaxFailed = Allowed(approvals, "max_failed", fields),
            MaxNoEffect = Allowed(approvals, "max_no_effect", fields),
            MaxUnknown = Allowed(approvals, "max_unknown", fields),
            Functions = footprints.Functions,
            Tables = footprints.Tables,
            Warnings = ItemList.Of<BackfillPlanProblem>(),
            Hash = "",
            Path = "",
        };
    }

    private static int Total(PlanHeader header, ItemList<PlanBatch> batches, PlanProblems problems)
    {
        var sum = batches.Sum(b => (long)(b.SessionCount ?? b.Sessions.Count));
        if (header.Total is not { } total)
            return (int)Math.Min(sum, int.MaxValue);
        if (total.Value != sum && !problems.HasErrors)
        {
            problems.Warn(
                PlanCodes.TotalDiffers,
                total.Node,
                $"'total_candidates' is {total.Value}, but the batches have {sum} sessions. Correct one of them.");
        }

        return total.Value;
    }

    private static string? Guard(PlanNode? node, PlanFields fields)
    {
        if (node is null || !fields.IsObject(node))
            return null;
        var json = PlanNodeText.ToJson(node.Members);
        if (GuardSettings.TryParse(json, takesQuery: true, out _, out var problem))
            return json;
        fields.Problems.Error(PlanCodes.GuardInvalid, node, $"{PlanFields.Named(node)} can't be used: {problem}");
        return null;
    }

    private static int Allowed(PlanNode? approvals, string name, PlanFields fields) =>
        fields.Whole(approvals?[name], 0, int.MaxValue, PlanCodes.AllowedInvalid) ?? 0;

    private static HashSet<string> WrittenBy(ItemList<PlanBatch> batches, KnownFunctions known, PlanFootprints footprints) =>
        batches.SelectMany(b => b.Operations).Select(o => o.Function).Distinct()
            .SelectMany(f => known.Find(f)?.Writes ?? footprints.Find(f)?.Writes ?? ItemList.Of<string>())
            .ToHashSet(StringComparer.Ordinal);
}
