using Backfill.Engine.Plans;

namespace Backfill.Engine.Gates;

/// <summary>From what the ledger holds to a gate as it stands. Pure.</summary>
internal static class GateStanding
{
    /// <summary>The gates that a run has raised, or that were decided.</summary>
    public static IReadOnlyList<BackfillGate> All(GateFacts facts)
    {
        var plan = PlanOf(facts);
        return [.. Enum.GetValues<BackfillGateName>()
            .Where(g => IsRaised(facts, g) || facts.Entries.Any(e => e.Gate == g))
            .Select(g => Of(facts, g, plan))];
    }

    public static BackfillGate Of(GateFacts facts, BackfillGateName gate) => Of(facts, gate, PlanOf(facts));

    /// <summary>The plan as the ledger has it; null where it can't be read any more.</summary>
    public static BackfillPlan? PlanOf(GateFacts facts) => new PlanReader().ReadDocument(facts.Document, "ledger").Plan;

    /// <summary>Whether the phase before a gate has ended, so that it can be decided.</summary>
    public static bool IsRaised(GateFacts facts, BackfillGateName gate) => gate switch
    {
        BackfillGateName.ApplyReview => HasEnded(facts.State),
        BackfillGateName.BatchReview => BatchReviews.Due(facts) is not null || BatchReviews.Current(facts) is { IsPassed: true },
        BackfillGateName.SoakGoNoGo => facts.Soak?.EndedAt is not null,
        _ => facts.Environment == BackfillEnvironment.Production,
    };

    /// <summary>Whether a run in this state is to be reviewed.</summary>
    public static bool HasEnded(BackfillRunState state) =>
        state is BackfillRunState.Completed or BackfillRunState.Halted or BackfillRunState.Aborted or BackfillRunState.RolledBack;

    private static BackfillGate Of(GateFacts facts, BackfillGateName gate, BackfillPlan? plan)
    {
        var evidence = GateChain.HashOf(GateEvidence.Of(facts, gate));
        var review = gate == BackfillGateName.BatchReview ? BatchReviews.Current(facts) : null;
        var own = facts.Entries.Where(e => review is null ? e.Gate == gate : BatchReviews.IsOf(e, review)).ToList();
        var decision = own.LastOrDefault(e => e.Action != GateAction.Used);
        var use = own.LastOrDefault(e => e.Action == GateAction.Used && e.Sequence > decision?.Sequence);
        var broken = GateChain.FindBreak(facts.Entries, facts.Count, facts.Head);
        var status = broken is null ? StatusOf(decision, use, evidence, facts.Now) : BackfillGateStatus.Invalidated;
        // A denial of what was there before decides nothing of what is there now; who denied it, and why, is still worth knowing.
        if (status == BackfillGateStatus.Pending)
            use = null;
        // What the sessions after a review have done since is no criterion of it: those it was opened on stand.
        var criteria = status == BackfillGateStatus.Used && review is not null && decision is not null
            ? GateCriteriaJson.Read(decision.Criteria)
            : GateCriteria.Of(facts, gate, plan);
        if (gate == BackfillGateName.ProdApply)
        {
            // What staging showed once speaks for an approval while it stands, and for no other decision. Of decisions that were
            // tampered with nothing is believed, nor even read.
            var stands = status is BackfillGateStatus.Approved or BackfillGateStatus.Used;
            criteria =
                [.. criteria, .. stands && decision?.OtherEvidence is not null ? StagingEvidence.Kept(decision) : StagingEvidence.NotRead];
        }

        return new()
        {
            Name = gate,
            RunId = facts.RunId,
            Connection = facts.Connection,
            Environment = facts.Environment,
            Status = status,
            Passed = !criteria.Any(c => GateRules.IsUnmet(gate, c)),
            PlanHash = facts.PlanHash,
            EvidenceHash = evidence,
            DecidedBy = decision?.Who,
            DecidedAt = decision?.At,
            Reason = decision?.Reason,
            ExpiresAt = decision?.ExpiresAt,
            Overridden = decision?.Overridden ?? false,
            UsedFor = use?.UsedFor,
            RaisedAt = RaisedAt(facts, gate),
            ChainBreak = broken,
            ChainCount = facts.Count,
            ChainHead = facts.Head,
            LastSequence = own.Count == 0 ? 0 : own[^1].Sequence,
            Criteria = new([.. criteria]),
        };
    }

    private static BackfillGateStatus StatusOf(GateEntry? decision, GateEntry? use, string evidence, DateTimeOffset now) => decision switch
    {
        null => BackfillGateStatus.Pending,
        { Action: GateAction.Denied } => decision.EvidenceHash == evidence ? BackfillGateStatus.Denied : BackfillGateStatus.Pending,
        _ when decision.EvidenceHash != evidence => BackfillGateStatus.Invalidated,
        _ when use is not null => BackfillGateStatus.Used,
        _ when decision.ExpiresAt <= now => BackfillGateStatus.Expired,
        _ => BackfillGateStatus.Approved,
    };

    private static DateTimeOffset? RaisedAt(GateFacts facts, BackfillGateName gate) => !IsRaised(facts, gate) ? null : gate switch
    {
        BackfillGateName.ApplyReview => facts.StateAt,
        BackfillGateName.BatchReview => BatchReviews.Current(facts)?.LastSettledAt ?? facts.CreatedAt,
        BackfillGateName.SoakGoNoGo => facts.Soak?.EndedAt,
        _ => facts.CreatedAt,
    };
}
