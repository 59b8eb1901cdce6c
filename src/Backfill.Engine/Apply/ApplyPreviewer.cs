using System.Globalization;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Apply;

/// <summary>Works out the calls of a plan without making them.</summary>
internal sealed class ApplyPreviewer(IRunLedger ledger, BackfillPlan plan, Footprint footprint)
{
    public async Task<ApplyPreview> PreviewAsync(
        IReadOnlyList<PlannedSession> sessions,
        IReadOnlySet<Guid> settled,
        IReadOnlyList<string> warnings,
        CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        var calls = new List<BackfillPlannedCall>();
        foreach (var batch in plan.Batches)
        {
            var all = sessions.Where(s => s.BatchId == batch.BatchId).ToList();
            var members = all.Where(s => !settled.Contains(s.SessionId)).ToList();
            var before = calls.Count;
            var spared = await SparedAsync(batch, members, cancellationToken).ConfigureAwait(false);
            calls.AddRange(members.SelectMany(s => batch.Operations
                .Where(o => !spared.Contains((s.SessionId, o.Position)))
                .Select(o => Call(s, o))));
            lines.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{batch.BatchId}: {CountText.Of(members.Count, "session")}, {CountText.Of(calls.Count - before, "call")} ({string.Join(", ", batch.Operations.Select(o => o.Function))}), {spared.Count} spared as already current{Passed(all.Count - members.Count)}"));
        }

        if (plan.Hours is { } hours)
            lines.Add($"hours: {hours}");
        if (plan.Ramp is { } ramp)
            lines.Add($"pace: {ramp}, up to {plan.ThrottlePerMinute} a minute");
        if (plan.Guard is { } guard)
            lines.Add($"guard: {guard}");
        return new(lines, calls, warnings);
    }

    private static string Passed(int count) =>
        count == 0 ? "" : $", {CountText.Of(count, "more session")} settled already";

    private async Task<HashSet<(Guid SessionId, int Position)>> SparedAsync(
        PlanBatch batch, List<PlannedSession> members, CancellationToken cancellationToken)
    {
        var spared = new HashSet<(Guid, int)>();
        foreach (var operation in batch.Operations.Where(o => o.IfMissing))
        {
            var current = await ledger
                .FindCurrentAsync(operation, footprint, [.. members.Select(m => m.SessionId)], cancellationToken)
                .ConfigureAwait(false);
            spared.UnionWith(current.Select(s => (s, operation.Position)));
        }

        return spared;
    }

    private static BackfillPlannedCall Call(PlannedSession session, PlanOperation operation) => new()
    {
        BatchId = session.BatchId,
        Ordinal = session.Ordinal,
        SessionId = session.SessionId,
        Function = operation.Function,
        Params = operation.Params,
        Reason = operation.IfMissing ? "the row is missing" : "planned",
    };
}
