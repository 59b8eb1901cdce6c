using System.Management.Automation;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;
using Backfill.PowerShell.Selections;
using Backfill.PowerShell.Views;

namespace Backfill.PowerShell.Bases;

/// <summary>A cmdlet that decides on one gate. It asks, with a default of No.</summary>
public abstract class GateCmdlet : ConnectedCmdlet
{
    private protected const string NameSet = "Name";
    private protected const string GateSet = "Gate";

    private BackfillGate? _gate;
    private (BackfillConnection Connection, Guid RunId)? _run;

    /// <summary>Which gate.</summary>
    [Parameter(ParameterSetName = NameSet, Mandatory = true, Position = 0)]
    [GateNameText]
    public BackfillGateName Name { get; set; }

    /// <summary>The run that it belongs to.</summary>
    [Parameter(ParameterSetName = NameSet, Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid RunId { get; set; }

    /// <summary>
    /// The gate as <c>Get-BackfillGate</c> showed it: exactly its evidence is decided on, and a decision that it shows is replaced.
    /// </summary>
    [Parameter(ParameterSetName = GateSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [NoCopy(typeof(BackfillGate), "Read the gate again with Get-BackfillGate, review it, and pipe that on.")]
    public BackfillGate? Gate { get; set; }

    /// <summary>Why; kept in the ledger.</summary>
    [Parameter(Mandatory = true)]
    [ValidateNotNullOrEmpty]
    [ReasonText]
    public string Reason { get; set; } = "";

    /// <summary>
    /// Who decides, by a name of your choice; the database role and the operating system's user and host are kept beside it.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Approver { get; set; }

    /// <summary>For <c>ProdApply</c>: the connection to staging, whose ledger is read again.</summary>
    [Parameter]
    [ValidateNotNull]
    [ConnectionText]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public BackfillConnection? EvidenceConnection { get; set; }

    /// <summary>For <c>ProdApply</c>: the staging run that was approved, soaked and approved again.</summary>
    [Parameter]
    [ValidateNotNull]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid? EvidenceRunId { get; set; }

    private protected abstract string Verb { get; }

    /// <inheritdoc/>
    protected sealed override void OnRecord()
    {
        if (ParameterSetName == NameSet)
        {
            var run = (OpenConnection(writes: true), RunId);
            if (_run is not null && _run != run)
                throw Several();
            _run = run;
            return;
        }

        if (_gate is not null && (_gate.RunId != Gate!.RunId || _gate.Name != Gate.Name))
            throw Several();
        if (Connection is not null && Gate!.Connection is { } own && own.Fingerprint != Connection.Fingerprint)
        {
            throw new BackfillException(
                "GateOfAnotherTarget",
                BackfillErrorKind.Refused,
                $"{Gate} was read from {own}, but -Connection leads to {Connection}. Leave -Connection out: a gate is decided on its own target.",
                Gate);
        }

        _gate = Gate;
        Connection ??= Gate!.Connection;
        _run = (OpenConnection(writes: true), Gate!.RunId);
    }

    /// <inheritdoc/>
    protected sealed override void OnEnd()
    {
        if (string.IsNullOrWhiteSpace(Reason))
            throw new BackfillException(
                "ReasonBlank", BackfillErrorKind.InvalidInput, "-Reason is blank. Say why: it is kept with the decision.", _gate);
        var (connection, runId) = _run ?? throw EmptySelection.OfGates();
        if (EvidenceConnection is { IsClosed: true } closed)
            throw ConnectionErrors.Closed(closed);
        var isWhatIf = this.IsWhatIf();
        Work(async (streams, stop) =>
        {
            var seen = _gate ?? await Engine.FindGateAsync(connection, runId, Name, mustBeRaised: false, stop).ConfigureAwait(false);
            var decision = Decision(seen) with
            {
                Reason = Reason,
                Approver = Approver,
                ReplacesDecision = _gate is not null,
                EvidenceConnection = EvidenceConnection,
                EvidenceRunId = EvidenceRunId,
            };
            // What would be refused is refused before anybody is asked.
            var preview = await Engine.PreviewDecisionAsync(connection, decision, stop).ConfigureAwait(false);
            var (shown, denial) = (preview.Gate, preview.Denial);
            var what = $"{Verb} gate {shown.Name} of run {runId} on {connection}";
            if (isWhatIf)
            {
                await streams.ShouldProcessAsync(connection.ToString(), denial is null ? what : $"{what}, which was {denial}")
                    .ConfigureAwait(false);
                return;
            }

            await streams.AskAsync(() => Question.Ask(this, $"{what}?", denial is null ? GateView.Criteria(shown) : $"It was {denial}.\n{GateView.Criteria(shown)}", shown)).ConfigureAwait(false);
            var decided = await Engine.DecideAsync(connection, decision, stop).ConfigureAwait(false);
            streams.Milestone($"{decided}, by {decided.DecidedBy}.", "GateDecided");
            if (decided.Overridden)
                streams.Warn(
                    $"Gate {decided.Name} of run {runId} was approved with -Override: {preview.Unmet}. Reports and later gates say so.");
            streams.Write(decided);
        });
    }

    private protected abstract GateDecision Decision(BackfillGate seen);

    private static BackfillException Several() => new(
        "SelectionManyGates",
        BackfillErrorKind.InvalidInput,
        "Several gates are selected. A decision is about one gate: pick it with Get-BackfillGate and its -RunId and -Name.");
}
