using System.Globalization;
using Backfill.Engine.Apply.Steer;

namespace Backfill.Engine.Gates;

/// <summary>Judges a decision or a use against what the ledger holds under its lock, and makes the entry to be written. Pure.</summary>
internal static class DecisionRules
{
    /// <summary>Evidence is not taken for production when it is older, so no approval need last longer.</summary>
    private static readonly TimeSpan LongestExpiry = StagingEvidence.MaxAge;

    public static (BackfillGate Gate, GateEntry Entry) Judge(GateFacts facts, GateDecision decision, StagingReading? staging)
    {
        var gate = GateStanding.Of(facts, decision.Seen.Name);
        GateRules.Check(gate, decision.Request);
        CheckSeen(gate, decision);
        var plan = GateStanding.PlanOf(facts);
        if (gate.Name == BackfillGateName.ProdApply)
            // A decision rests on what was read for it, never on what an earlier one has kept.
            gate = WithStaging(
                gate, staging is null ? StagingEvidence.NotRead : StagingEvidence.Judge(staging.Facts, plan, ModuleInfo.Version));
        var entry = Entry(facts, gate, decision.Approve ? GateAction.Approved : GateAction.Denied, decision.Operator) with
        {
            Reason = decision.Reason,
            Approver = decision.Approver,
            OtherEvidence = staging is null ? null : StagingEvidence.Json(staging.Facts, staging.Fingerprint),
        };
        if (!decision.Approve)
            return (gate, entry);
        CheckFourEyes(facts, plan, gate, entry);
        if (!gate.Passed && !decision.Override)
        {
            throw new BackfillException(
                "GateCriteriaFailed",
                BackfillErrorKind.Refused,
                $"{gate.Name} of run {gate.RunId} is not met: {GateText.Unmet(gate)}. Nothing was decided. "
                + "Fix the cause, deny the gate, or approve it with -Override and name the risk in -Reason.",
                gate);
        }

        return (gate, entry with { Overridden = !gate.Passed, ExpiresAt = facts.Now + Expiry(decision.ExpiresIn) });
    }

    /// <summary>The use of an approval; null where what was asked for has used it before.</summary>
    public static GateEntry? Use(GateFacts facts, BackfillGateName name, string usedFor)
    {
        var gate = GateStanding.Of(facts, name);
        if (gate is { Status: BackfillGateStatus.Used, ChainBreak: null }
            && (gate.UsedFor == usedFor || HasStartedNoSoak(facts, gate) || IsOpen(facts, gate)))
            return null;
        GateRules.Check(gate, GateRequest.Start);
        return Entry(facts, gate, GateAction.Used, null) with { UsedFor = usedFor, Overridden = gate.Overridden };
    }

    /// <summary>
    /// A process that died between the use and the beginning of its soak has used nothing up, as long as the approval lasts.
    /// </summary>
    private static bool HasStartedNoSoak(GateFacts facts, BackfillGate gate) =>
        gate.Name == BackfillGateName.ApplyReview && gate.ExpiresAt > facts.Now
        && Guid.TryParse(gate.UsedFor, out var soak) && !facts.SoakIds.Contains(soak);

    /// <summary>Two begin at once: the second finds the approval used for a soak that it did not see, and joins it.</summary>
    private static bool IsOpen(GateFacts facts, BackfillGate gate) =>
        gate.Name == BackfillGateName.ApplyReview && facts.Soak is { Soak.Ending: null } soak
            && gate.UsedFor == ApprovalUse.Name(soak.Soak.SoakId);

    private static void CheckSeen(BackfillGate gate, GateDecision decision)
    {
        if (gate.LastSequence != decision.Seen.LastSequence)
        {
            throw new BackfillException(
                "GateDecidedMeanwhile",
                BackfillErrorKind.Busy,
                $"{gate.DecidedBy} decided {gate.Name} of run {gate.RunId} before you: it is {gate.Status}. Your decision was not taken. "
                + $"Look again: Get-BackfillGate -RunId {gate.RunId} -Name {gate.Name}{gate.Connection?.GetArgument()}",
                gate);
        }

        if (gate.EvidenceHash != decision.Seen.EvidenceHash || gate.PlanHash != decision.Seen.PlanHash)
        {
            throw new BackfillException(
                "GateEvidenceChanged",
                BackfillErrorKind.Busy,
                $"The evidence of {gate.Name} of run {gate.RunId} has changed since you saw it. Nothing was decided. "
                + $"Look again: {GateText.LookCommand(gate)}",
                gate);
        }
    }

    private static void CheckFourEyes(GateFacts facts, BackfillPlan? plan, BackfillGate gate, GateEntry entry)
    {
        // A plan that can't be read may ask for it, and so may one that was changed since the run was begun.
        if (plan is { FourEyes: false } && plan.Hash == facts.PlanHash)
            return;
        var user = User(entry.Operator);
        if (!facts.Starters.Any(s => User(s.Operator) == user || s.DatabaseRole == entry.DatabaseRole))
            return;
        throw new BackfillException(
            "GateFourEyes",
            BackfillErrorKind.Refused,
            $"The plan of run {gate.RunId} asks for four eyes. You are {entry.Operator} as {entry.DatabaseRole}; it was started by "
            + $"{string.Join(", ", facts.Starters.Select(s => $"{s.Operator} as {s.DatabaseRole}").Distinct())}. "
            + "Ask another person to approve, with their own user and database role.",
            gate);
    }

    /// <summary>The operating system's user, whatever the host.</summary>
    private static string User(string name) => name.LastIndexOf('@') is >= 0 and var at ? name[..at] : name;

    private static TimeSpan Expiry(TimeSpan? asked)
    {
        var expiry = asked ?? GateService.DefaultExpiry;
        if (expiry <= TimeSpan.Zero || expiry > LongestExpiry)
        {
            throw new BackfillException(
                "GateExpiryInvalid",
                BackfillErrorKind.InvalidInput,
                string.Create(CultureInfo.InvariantCulture, $"-ExpiresIn must be over 0 and at most {LongestExpiry.TotalDays} days."),
                asked);
        }

        // PostgreSQL keeps microseconds.
        return new(expiry.Ticks - (expiry.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static BackfillGate WithStaging(BackfillGate gate, IEnumerable<BackfillGateCriterion> staging)
    {
        var criteria = gate.Criteria.Where(c => !StagingEvidence.Names.Contains(c.Name, StringComparer.Ordinal)).Concat(staging).ToList();
        return gate with { Criteria = new(criteria), Passed = criteria.TrueForAll(c => c.Passed != false) };
    }

    private static GateEntry Entry(GateFacts facts, BackfillGate gate, GateAction action, string? who)
    {
        var evidence = GateEvidence.Of(facts, gate.Name);
        return new()
        {
            RunId = facts.RunId,
            Sequence = 0,
            Gate = gate.Name,
            Action = action,
            At = facts.Now,
            PlanHash = facts.PlanHash,
            Evidence = evidence,
            EvidenceHash = GateChain.HashOf(evidence),
            Criteria = GateCriteriaJson.Write(gate.Criteria),
            Operator = who ?? RunSteering.ThisOperator,
            DatabaseRole = facts.DatabaseRole,
        };
    }
}
