using Backfill.Engine.Connections;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Gates;

/// <summary>Where gates are looked at, decided and passed. Every call reads the ledger anew.</summary>
/// <param name="connection">The target whose runs they belong to.</param>
public sealed class GateService(BackfillConnection connection)
{
    /// <summary>How long an approval waits to be used.</summary>
    public static readonly TimeSpan DefaultExpiry = TimeSpan.FromHours(24);

    private readonly IGateStore _store = connection.Target.Gates;

    /// <summary>A run's gates, as far as they are raised or decided.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The gates.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>.</exception>
    public async Task<IReadOnlyList<BackfillGate>> ReadAsync(Guid runId, CancellationToken cancellationToken)
    {
        var facts = await _store.ReadAsync(runId, cancellationToken).ConfigureAwait(false);
        return [.. GateStanding.All(facts).Select(Here)];
    }

    /// <summary>One gate.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="gate">Which.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The gate, raised or not.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>.</exception>
    public async Task<BackfillGate> FindAsync(Guid runId, BackfillGateName gate, CancellationToken cancellationToken) =>
        Here(GateStanding.Of(await _store.ReadAsync(runId, cancellationToken).ConfigureAwait(false), gate));

    /// <summary>What a decision would meet: the gate with all criteria, those of other ledgers included. Writes nothing.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The gate as it would be decided.</returns>
    /// <exception cref="BackfillException">It would be refused; see <see cref="DecideAsync"/>.</exception>
    public async Task<BackfillGate> PreviewAsync(GateDecision decision, CancellationToken cancellationToken)
    {
        var staging = await ReadStagingAsync(decision, cancellationToken).ConfigureAwait(false);
        var facts = await _store.ReadAsync(decision.Seen.RunId, cancellationToken).ConfigureAwait(false);
        return Here(DecisionRules.Judge(Here(facts), decision, staging).Gate);
    }

    /// <summary>Takes a decision, on exactly the evidence that was seen.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="cancellationToken">Stops the call; then nothing is decided.</param>
    /// <returns>The gate after it.</returns>
    /// <exception cref="BackfillException">
    /// Those of <see cref="GateRules.Check"/>; <c>GateEvidenceChanged</c>, <c>GateDecidedMeanwhile</c>, <c>GateCriteriaFailed</c>,
    /// <c>GateFourEyes</c>, <c>GateExpiryInvalid</c>, <c>EvidenceNotStaging</c>, <c>EvidenceNotWanted</c>, <c>EvidenceIncomplete</c>.
    /// </exception>
    public async Task<BackfillGate> DecideAsync(GateDecision decision, CancellationToken cancellationToken)
    {
        var staging = await ReadStagingAsync(decision, cancellationToken).ConfigureAwait(false);
        var facts = await _store
            .WriteAsync(decision.Seen.RunId, f => DecisionRules.Judge(Here(f), decision, staging).Entry, cancellationToken)
                .ConfigureAwait(false);
        var gate = Here(GateStanding.Of(facts, decision.Seen.Name));
        using var signals = PhaseSignals.Open(connection, null, _ => { }, TimeProvider.System);
        signals.Instruments.Decisions.Add(1, signals.Tags(
            new(SignalTags.Gate, gate.Name),
            new(SignalTags.Action, decision.Approve ? GateAction.Approved : GateAction.Denied),
            new(SignalTags.Overridden, gate.Overridden)));
        RunSignals.Record([gate], signals);
        RunSignals.Decided(gate, signals);
        return gate;
    }

    /// <summary>Uses an approval to start a phase.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="gate">Which gate.</param>
    /// <param name="usedFor">What is started.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>
    /// The gate; it names what its approval was used for: what was asked for, or what it started before and was not come to.
    /// </returns>
    /// <exception cref="BackfillException">The gate is closed; see <see cref="GateRules.Check"/>.</exception>
    public async Task<BackfillGate> UseAsync(Guid runId, BackfillGateName gate, string usedFor, CancellationToken cancellationToken)
    {
        var facts = await _store.WriteAsync(runId, f => DecisionRules.Use(Here(f), gate, usedFor), cancellationToken).ConfigureAwait(false);
        return Here(GateStanding.Of(facts, gate));
    }

    /// <summary>Demands an approval, used or not, without using it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="gate">Which gate.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The gate.</returns>
    /// <exception cref="BackfillException">The gate is closed; see <see cref="GateRules.Check"/>.</exception>
    public async Task<BackfillGate> RequireAsync(Guid runId, BackfillGateName gate, CancellationToken cancellationToken)
    {
        var found = await FindAsync(runId, gate, cancellationToken).ConfigureAwait(false);
        if (found is not { Status: BackfillGateStatus.Used, ChainBreak: null })
            GateRules.Check(found, GateRequest.Start);
        return found;
    }

    private BackfillGate Here(BackfillGate gate) => gate with { Connection = connection };

    private GateFacts Here(GateFacts facts) => facts with { Connection = connection };

    private async Task<StagingReading?> ReadStagingAsync(GateDecision decision, CancellationToken cancellationToken)
    {
        if (decision.EvidenceConnection is null && decision.EvidenceRunId is null)
            return null;
        if (decision.Seen.Name != BackfillGateName.ProdApply)
        {
            throw new BackfillException(
                "EvidenceNotWanted",
                BackfillErrorKind.InvalidInput,
                $"-EvidenceConnection and -EvidenceRunId are only for ProdApply, not for {decision.Seen.Name}. Leave them out.",
                decision.Seen);
        }

        if (decision.EvidenceConnection is not { } there || decision.EvidenceRunId is not { } runId)
        {
            throw new BackfillException(
                "EvidenceIncomplete",
                BackfillErrorKind.InvalidInput,
                "-EvidenceConnection and -EvidenceRunId belong together. Give both: the staging target, and the run that was approved there.",
                decision.Seen);
        }

        if (there.Environment != BackfillEnvironment.Staging || there.Fingerprint == connection.Fingerprint)
        {
            throw new BackfillException(
                "EvidenceNotStaging",
                BackfillErrorKind.Refused,
                $"-EvidenceConnection leads to {there}, but the evidence for production is in the staging ledger. "
                + "Connect to staging, and give that connection.",
                there);
        }

        // A sandbox poses as staging, its clock may run fast, and what it soaks is no system's traffic.
        if (there.IsSandbox && !connection.IsSandbox)
        {
            throw new BackfillException(
                "EvidenceNotStaging",
                BackfillErrorKind.Refused,
                $"-EvidenceConnection leads to {there}, a sandbox, which proves nothing for {connection}. "
                + "Connect to the real staging, and give that connection.",
                there);
        }

        return new(await there.Target.Gates.ReadAsync(runId, cancellationToken).ConfigureAwait(false), there.Fingerprint);
    }
}

/// <summary>What was read from the staging ledger.</summary>
/// <param name="Facts">All that it holds of the run.</param>
/// <param name="Fingerprint">Which ledger it is.</param>
internal sealed record StagingReading(GateFacts Facts, string Fingerprint);
