namespace Backfill.Engine.Gates;

/// <summary>What somebody wants of a gate.</summary>
public enum GateRequest
{
    /// <summary>To approve what waits for a decision.</summary>
    Approve,

    /// <summary>To approve the very gate that was looked at, whatever stands.</summary>
    ApproveSeen,

    /// <summary>To deny what waits for a decision.</summary>
    Deny,

    /// <summary>To deny the very gate that was looked at, an approval included.</summary>
    DenySeen,

    /// <summary>To start the phase behind it.</summary>
    Start,
}

/// <summary>
/// Which request a gate obeys in which state: one table. A decision stands: to replace it takes the very gate that shows it.
/// </summary>
public static class GateRules
{
    private static readonly Dictionary<BackfillGateStatus, GateRequest[]> Allowed = new()
    {
        [BackfillGateStatus.Pending] = [GateRequest.Approve, GateRequest.ApproveSeen, GateRequest.Deny, GateRequest.DenySeen],
        [BackfillGateStatus.Approved] = [GateRequest.ApproveSeen, GateRequest.DenySeen, GateRequest.Start],
        [BackfillGateStatus.Used] = [GateRequest.ApproveSeen],
        [BackfillGateStatus.Denied] = [GateRequest.ApproveSeen],
        [BackfillGateStatus.Expired] = [GateRequest.Approve, GateRequest.ApproveSeen, GateRequest.Deny, GateRequest.DenySeen],
        [BackfillGateStatus.Invalidated] = [GateRequest.Approve, GateRequest.ApproveSeen, GateRequest.Deny, GateRequest.DenySeen],
    };

    /// <summary>
    /// Whether a criterion keeps a gate from passing. What a soak could not measure does, as what failed: it takes an override with a
    /// reason.
    /// </summary>
    /// <param name="gate">The gate.</param>
    /// <param name="criterion">One of its criteria.</param>
    /// <returns>True if it does.</returns>
    public static bool IsUnmet(BackfillGateName gate, BackfillGateCriterion criterion)
    {
        ArgumentNullException.ThrowIfNull(criterion);
        return criterion.Passed == false || (criterion.Passed is null && gate == BackfillGateName.SoakGoNoGo);
    }

    /// <summary>Whether it obeys.</summary>
    /// <param name="status">Where the gate stands.</param>
    /// <param name="request">What is wanted.</param>
    /// <returns>True if it does.</returns>
    public static bool Allows(BackfillGateStatus status, GateRequest request) => Allowed[status].Contains(request);

    /// <summary>The id of the error where it does not, for example <c>GateDenied</c>.</summary>
    /// <param name="status">Where the gate stands.</param>
    /// <returns>The id.</returns>
    public static string RefusalCode(BackfillGateStatus status) => $"Gate{status}";

    /// <summary>Throws where a gate does not obey.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="request">What is wanted.</param>
    /// <exception cref="BackfillException">
    /// <c>GateChainBroken</c>, <c>GateNotRaised</c>, <c>GatePending</c>, <c>GateApproved</c>, <c>GateUsed</c>, <c>GateDenied</c>,
    /// <c>GateExpired</c>, <c>GateInvalidated</c>.
    /// </exception>
    public static void Check(BackfillGate gate, GateRequest request)
    {
        if (gate.ChainBreak is not null)
            throw GateText.ChainBroken(gate);
        if (gate.RaisedAt is null)
            throw GateText.NotRaised(gate, request);
        if (!Allows(gate.Status, request))
            throw GateText.Refusal(gate, request);
    }
}

/// <summary>What a decision asks of its gate.</summary>
internal static class GateDecisionRequest
{
    extension(GateDecision decision)
    {
        public GateRequest Request => (decision.Approve, decision.ReplacesDecision) switch
        {
            (true, true) => GateRequest.ApproveSeen,
            (true, false) => GateRequest.Approve,
            (false, true) => GateRequest.DenySeen,
            _ => GateRequest.Deny,
        };
    }
}
