using System.Globalization;

namespace Backfill.Engine.Gates;

/// <summary>What is said of gates: refusals name the gate, its criteria, and the command that decides it.</summary>
internal static class GateText
{
    public static string Unmet(BackfillGate gate)
    {
        var unmet = gate.Criteria.Where(c => GateRules.IsUnmet(gate.Name, c)).ToList();
        return unmet.Count == 0 ? Judged(gate) : string.Join("; ", unmet);
    }

    /// <summary>The criteria in a few words; what was not measured is no pass and no failure.</summary>
    public static string Judged(BackfillGate gate)
    {
        if (!gate.Passed && gate.Criteria.Any(c => c.Passed == false))
        {
            return gate.Criteria.Where(c => GateRules.IsUnmet(gate.Name, c)).All(StagingEvidence.IsUnread)
                ? "staging's evidence is read when it is decided, and nothing else is unmet"
                : $"criteria not met: {UnmetNames(gate)}";
        }

        var unmeasured = gate.Criteria.Where(c => c.Passed is null).Select(c => c.Name).ToList();
        return unmeasured.Count == 0 ? "every criterion is met" : $"no criterion fails; not measured: {string.Join(", ", unmeasured)}";
    }

    /// <summary>The names of the criteria that are not met.</summary>
    public static string UnmetNames(BackfillGate gate) =>
        string.Join(", ", gate.Criteria.Where(c => GateRules.IsUnmet(gate.Name, c)).Select(c => c.Name));

    /// <summary>That a gate waits, and which command decides it. A run that halted is fixed and resumed first.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="state">Where its run stands.</param>
    public static string Raised(BackfillGate gate, BackfillRunState state) =>
        state == BackfillRunState.Halted && gate.Name != BackfillGateName.BatchReview
        ? $"Gate {gate.Name} of run {gate.RunId} waits: {Judged(gate)}. Fix what halted the run and resume it first; the gate is for when it has ended."
        : $"Gate {gate.Name} of run {gate.RunId} waits for a decision, {Judged(gate)}.{(Denial(gate) is { } denial ? $" It was {denial}." : "")} Review with {LookCommand(gate)} and deny it with Deny-BackfillGate, or approve it{Caution(gate)}: {ApproveCommand(gate)}{Resume(gate)}";

    /// <summary>An approval alone calls nothing: the run is resumed after it.</summary>
    private static string Resume(BackfillGate gate) => gate.Name != BackfillGateName.BatchReview ? ""
        : $" and then resume the run: Invoke-BackfillApply -RunId {gate.RunId}{Target(gate)}";

    /// <summary>The command that approves a gate. It asks for the reason, which nobody else can give.</summary>
    public static string ApproveCommand(BackfillGate gate) =>
        $"Confirm-BackfillGate {gate.Name} -RunId {gate.RunId}{Target(gate)}{Evidence(gate)}";

    public static string LookCommand(BackfillGate gate) => $"({GetCommand(gate)}).Criteria";

    private static string GetCommand(BackfillGate gate) => $"Get-BackfillGate -RunId {gate.RunId} -Name {gate.Name}{Target(gate)}";

    /// <summary>Production is approved with staging connected, too, so it's always named.</summary>
    private static string Target(BackfillGate gate) => gate.Name != BackfillGateName.ProdApply ? gate.Connection?.GetArgument() ?? ""
        : $" -Connection {gate.Connection?.GetName() ?? "Production"}";

    /// <summary>Who has denied it and why, whether that stands or the evidence is another since; null where nobody has.</summary>
    public static string? Denial(BackfillGate gate) => gate switch
    {
        { Status: BackfillGateStatus.Denied } => $"denied by {gate.DecidedBy} at {Time(gate.DecidedAt)}: {gate.Reason?.TrimEnd('.')}",
        { Status: BackfillGateStatus.Pending, DecidedBy: not null } =>
            $"denied by {gate.DecidedBy} at {Time(gate.DecidedAt)}, on other evidence than there is now: {gate.Reason?.TrimEnd('.')}",
        _ => null,
    };

    /// <summary>What stands before the name of whoever decided.</summary>
    public static string DecidedBy(BackfillGate gate) =>
        gate.Status == BackfillGateStatus.Pending ? "Denied, on other evidence than there is now, by" : "Decided by";

    public static BackfillException ChainBroken(BackfillGate gate) => new(
        "GateChainBroken",
        BackfillErrorKind.Refused,
        $"The decisions of run {gate.RunId} were changed after they were written: {gate.ChainBreak}. Nothing is decided on them. Find out who changed the table backfill.gate, then start a new run.",
        gate);

    public static BackfillException NotRaised(BackfillGate gate, GateRequest request) => new(
        "GateNotRaised",
        BackfillErrorKind.InvalidState,
        gate.Name switch
        {
            BackfillGateName.ApplyReview => $"{gate.Name} of run {gate.RunId} is raised when the run ends, and it has not ended. Resume it: Invoke-BackfillApply -RunId {gate.RunId}{Target(gate)}",
            BackfillGateName.BatchReview => $"{gate.Name} of run {gate.RunId} is raised when a review is due, and none is. See the next one: (Get-BackfillRun {gate.RunId}{Target(gate)}).ReviewAfter",
            BackfillGateName.SoakGoNoGo => $"{gate.Name} of run {gate.RunId} is raised when its soak ends, and {(request == GateRequest.Start ? "no soak has" : "its newest soak has not")} ended. Soak with Start-StagingSoak -RunId {gate.RunId}{Target(gate)}",
            _ => $"{gate.Name} is a gate of production runs, and run {gate.RunId} is one of {gate.Environment}.",
        },
        gate);

    public static BackfillException Refusal(BackfillGate gate, GateRequest request) => new(
        GateRules.RefusalCode(gate.Status),
        request == GateRequest.Start ? BackfillErrorKind.Refused : BackfillErrorKind.InvalidState,
        request == GateRequest.Start
            ? Closed(gate)
            : $"Gate {gate.Name} of run {gate.RunId} was decided: {Standing(gate)}. {Again(gate, request)}",
        gate);

    /// <summary>Which gate is closed, why, and which command decides it.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="files">What to read before; null where there are no files.</param>
    public static string Closed(BackfillGate gate, string? files = null) =>
        $"Gate {gate.Name} of run {gate.RunId} is closed: {Standing(gate).TrimEnd('.')}. Criteria: {Unmet(gate)}.{(files is null ? "" : $" Files to review: {files}.")} Review with {LookCommand(gate)}, then decide{Caution(gate)}: {Decide(gate)}{Instead(gate)}";

    /// <summary>What is left to do with a run whose review was denied.</summary>
    private static string Instead(BackfillGate gate) => gate is { Name: BackfillGateName.BatchReview, Status: BackfillGateStatus.Denied }
        ? $" - or leave the rest out with Stop-BackfillRun {gate.RunId}{Target(gate)}, or undo what was done with Invoke-BackfillRollback -RunId {gate.RunId}{Target(gate)}"
        : "";

    /// <summary>Staging is read again for every approval of production.</summary>
    private static string Evidence(BackfillGate gate) => gate.Name == BackfillGateName.ProdApply
        ? $" -EvidenceConnection {BackfillEnvironment.Staging} -EvidenceRunId (Get-BackfillRun -Latest -Connection {BackfillEnvironment.Staging}).RunId"
        : "";

    /// <summary>Of a production gate, what is not met yet may be met by the staging evidence that the command names.</summary>
    private static string Caution(BackfillGate gate) =>
        gate.Name != BackfillGateName.ProdApply && !gate.Passed ? " (it takes -Override: a criterion is not met)" : "";

    private static string Decide(BackfillGate gate) => GateRules.Allows(gate.Status, GateRequest.Approve)
        ? ApproveCommand(gate)
        : $"{GetCommand(gate)} | Confirm-BackfillGate{Evidence(gate)}";

    private static string Again(BackfillGate gate, GateRequest request) => request switch
    {
        GateRequest.DenySeen when gate.Status == BackfillGateStatus.Used => "What it started continues; stop that instead.",
        GateRequest.DenySeen => "It needs no second one.",
        GateRequest.Deny when gate.Status == BackfillGateStatus.Used => "What it started continues; stop that instead.",
        _ => $"A decision stands; to replace it, pipe the gate that shows it: {GetCommand(gate)} | {(request is GateRequest.Deny ? "Deny-BackfillGate" : $"Confirm-BackfillGate{Evidence(gate)}")}",
    };

    private static string Standing(BackfillGate gate) => gate.Status switch
    {
        BackfillGateStatus.Pending =>
            Denial(gate) is { } denial ? $"it was {denial}; nobody has decided on it as it is now" : "nobody has decided on it yet",
        BackfillGateStatus.Approved =>
            $"it was approved by {gate.DecidedBy} at {Time(gate.DecidedAt)}{(gate.Overridden ? " with -Override" : "")}: {gate.Reason}",
        BackfillGateStatus.Used =>
            $"its approval by {gate.DecidedBy} at {Time(gate.DecidedAt)} has started {gate.UsedFor}, and starts no other",
        BackfillGateStatus.Denied => $"it was denied by {gate.DecidedBy} at {Time(gate.DecidedAt)}: {gate.Reason}",
        BackfillGateStatus.Expired => $"its approval by {gate.DecidedBy} expired at {Time(gate.ExpiresAt)}",
        _ => $"what {gate.DecidedBy} approved at {Time(gate.DecidedAt)} is not what the ledger shows now",
    };

    private static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "?";
}
