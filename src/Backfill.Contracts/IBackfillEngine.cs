namespace Backfill;

/// <summary>
/// Everything that can be asked of the engine, a use case a method. The cmdlets know nothing else of it. What goes wrong is a
/// <see cref="BackfillException"/>, or an <see cref="OperationCanceledException"/> where the caller has stopped the call.
/// </summary>
public partial interface IBackfillEngine
{
    /// <summary>The edge functions whose footprint is known, with the tables that they write.</summary>
    IReadOnlyList<KnownFunctionTables> KnownFunctions { get; }

    /// <summary>Opens a target.</summary>
    /// <param name="options">Where it is and what opens it.</param>
    /// <param name="expected">The environment asked for; null takes what the ledger says. To measure only, it is needed.</param>
    /// <param name="use">What the connection is for.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The open connection.</returns>
    Task<BackfillConnection> ConnectAsync(
        ConnectionOptions options, BackfillEnvironment? expected, ConnectionUse use, CancellationToken cancellationToken);

    /// <summary>Closes a connection; one that is closed stays so.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>When it is closed.</returns>
    Task DisconnectAsync(BackfillConnection connection);

    /// <summary>Looks at everything that a run needs, without changing anything; goes on as far as possible after failures.</summary>
    /// <param name="options">Where the target is and what opens it.</param>
    /// <param name="expected">The environment asked for; null takes what the ledger says.</param>
    /// <param name="cancellationToken">Stops the checks.</param>
    /// <returns>The checks, each as it ends.</returns>
    IAsyncEnumerable<BackfillCheck> CheckAsync(
        ConnectionOptions options, BackfillEnvironment? expected, CancellationToken cancellationToken);

    /// <summary>The same checks for an open connection, with the options that opened it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Stops the checks.</param>
    /// <returns>The checks, each as it ends.</returns>
    IAsyncEnumerable<BackfillCheck> CheckAsync(BackfillConnection connection, CancellationToken cancellationToken);

    /// <summary>What <see cref="InstallLedgerAsync"/> would do now. Writes nothing.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="environment">The label that is asked for.</param>
    /// <param name="adopt">Whether a copied ledger is to be taken over.</param>
    /// <param name="sandbox">Whether the target is to be marked as a sandbox.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>What would be done, and what is there.</returns>
    Task<LedgerOutlook> PreviewLedgerAsync(
        BackfillConnection connection, BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken);

    /// <summary>Installs, upgrades or adopts the ledger; the connection shows it afterwards.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="environment">The label it gets; an installed ledger with another label is refused.</param>
    /// <param name="adopt">Whether a copied ledger takes the place it lies in; one in its own place is refused then.</param>
    /// <param name="sandbox">Whether to mark the target as a sandbox.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When it is installed.</returns>
    Task InstallLedgerAsync(
        BackfillConnection connection, BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken);

    /// <summary>Reads a plan file.</summary>
    /// <param name="path">The file, as a full path.</param>
    /// <returns>The plan, or what is wrong with it.</returns>
    PlanReading ReadPlan(string path);

    /// <summary>Makes a plan of chosen sessions, writes it, and reads it back.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call; then nothing is written.</param>
    /// <returns>The plan.</returns>
    Task<SessionPlan> WritePlanAsync(SessionPlanRequest request, CancellationToken cancellationToken);

    /// <summary>What an apply would do. Reads only.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The calls.</returns>
    Task<ApplyPreview> PreviewApplyAsync(BackfillConnection connection, ApplyRequest request, CancellationToken cancellationToken);

    /// <summary>Applies a plan, or goes on with a run, until every session is settled or it is stopped or halted.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="sink">Where it reports.</param>
    /// <param name="stop">Stops it: no new claims, ten seconds for calls in flight, then the artifacts.</param>
    /// <returns>How it ended.</returns>
    Task<ApplyEnd> ApplyAsync(BackfillConnection connection, ApplyRequest request, IApplySink sink, CancellationToken stop);

    /// <summary>Runs, newest first, as they come.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The runs.</returns>
    IAsyncEnumerable<BackfillRun> ListRunsAsync(BackfillConnection connection, RunFilter filter, CancellationToken cancellationToken);

    /// <summary>Settled sessions in the run's order, as they come.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run.</param>
    /// <param name="outcome">Only those; null for all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The sessions.</returns>
    IAsyncEnumerable<BackfillSessionResult> ReadResultsAsync(
        BackfillConnection connection, Guid runId, BackfillOutcome? outcome, CancellationToken cancellationToken);

    /// <summary>What tells runs apart, newest first; quick, however much they did.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="action">Only runs that obey this order; null for all.</param>
    /// <param name="states">Only runs in one of those states; null for all.</param>
    /// <param name="most">So many at most.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The labels.</returns>
    Task<IReadOnlyList<RunLabel>> ReadRunLabelsAsync(
        BackfillConnection connection, RunAction? action, IReadOnlyCollection<BackfillRunState>? states, int most, CancellationToken cancellationToken);

    /// <summary>The batches of a run, in the plan's order.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run; null for the newest one.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Their ids.</returns>
    Task<IReadOnlyList<string>> ReadBatchIdsAsync(BackfillConnection connection, Guid? runId, CancellationToken cancellationToken);

    /// <summary>Orders, changes of state and decisions, oldest first, as they come.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run; null for all.</param>
    /// <param name="last">Only so many of the newest; null for all.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The events.</returns>
    IAsyncEnumerable<BackfillEvent> ReadEventsAsync(
        BackfillConnection connection, Guid? runId, int? last, CancellationToken cancellationToken);

    /// <summary>The rows of sessions before a run, after it, and now, column by column.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The columns, session by session, in the tables' order; as they come.</returns>
    IAsyncEnumerable<BackfillImage> ReadImagesAsync(
        BackfillConnection connection, Guid runId, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken);

    /// <summary>Gives a run an order; workers see it within about a second.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The run after it.</returns>
    Task<BackfillRun> SteerAsync(BackfillConnection connection, RunOrder order, CancellationToken cancellationToken);

    /// <summary>What a rollback would do now. Locks nothing and leaves nothing behind.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="selection">What is to be undone.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>Counts and conflicts.</returns>
    Task<RollbackLook> PreviewRollbackAsync(
        BackfillConnection connection, RollbackSelection selection, CancellationToken cancellationToken);

    /// <summary>Undoes, verifies and records it, in one transaction.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="selection">What is undone.</param>
    /// <param name="rule">What happens where a row is not as the run left it.</param>
    /// <param name="reason">Why; kept in the ledger.</param>
    /// <param name="cancellationToken">Stops the call; before the commit, nothing has changed then.</param>
    /// <returns>What was done; with <see cref="BackfillConflictRule.Stop"/> and conflicts, nothing.</returns>
    Task<RollbackDone> RollBackAsync(
        BackfillConnection connection, RollbackSelection selection, BackfillConflictRule rule, string? reason, CancellationToken cancellationToken);

    /// <summary>Writes the undo of a run as an SQL script.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="selection">What is undone.</param>
    /// <param name="outputPath">The folder whose <c>backfill_logs</c> gets it.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The script, and what it would do now.</returns>
    Task<WrittenRollback> WriteRollbackAsync(
        BackfillConnection connection, RollbackSelection selection, string outputPath, CancellationToken cancellationToken);

    /// <summary>Writes a script for work that left no images: by version, kind and time. It removes rows and brings nothing back.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="request">Which rows.</param>
    /// <param name="outputPath">The folder whose <c>backfill_logs</c> gets it.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The script.</returns>
    Task<BackfillRollback> WriteTimestampRollbackAsync(
        BackfillConnection connection, TimestampRollbackRequest request, string outputPath, CancellationToken cancellationToken);

    /// <summary>A run's gates, as far as they are raised or decided.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The gates.</returns>
    Task<IReadOnlyList<BackfillGate>> ReadGatesAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken);

    /// <summary>One gate.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run.</param>
    /// <param name="name">Which.</param>
    /// <param name="mustBeRaised">Whether one that is neither raised nor decided is an error.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The gate.</returns>
    Task<BackfillGate> FindGateAsync(
        BackfillConnection connection, Guid runId, BackfillGateName name, bool mustBeRaised, CancellationToken cancellationToken);

    /// <summary>What is wrong with the decisions behind a gate.</summary>
    /// <param name="gate">The gate.</param>
    /// <returns>The error to show; null where they are as they were written.</returns>
    BackfillException? FindChainBreak(BackfillGate gate);

    /// <summary>What a decision would meet. Writes nothing.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The gate as it would be decided.</returns>
    Task<GatePreview> PreviewDecisionAsync(BackfillConnection connection, GateDecision decision, CancellationToken cancellationToken);

    /// <summary>Takes a decision, on exactly the evidence that was seen.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="cancellationToken">Stops the call; then nothing is decided.</param>
    /// <returns>The gate after it.</returns>
    Task<BackfillGate> DecideAsync(BackfillConnection connection, GateDecision decision, CancellationToken cancellationToken);

    /// <summary>Watches a target over a window, reading only; with a run, samples and verdict are kept in the ledger.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="sink">Where it reports.</param>
    /// <param name="stop">Stops it; the same request goes on in the same window.</param>
    /// <returns>How it ended.</returns>
    Task<SoakResult> SoakAsync(BackfillConnection connection, SoakRequest request, ISoakSink sink, CancellationToken stop);

    /// <summary>A run's newest soak, open or ended.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The soak; null where the run has none.</returns>
    Task<SoakReading?> ReadSoakAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken);

    /// <summary>Completed sessions that lack a profile or scores of the version in force, oldest first, as they come.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="query">What is looked for.</param>
    /// <param name="cancellationToken">Stops the query.</param>
    /// <returns>The sessions.</returns>
    IAsyncEnumerable<BackfillCandidate> FindCandidatesAsync(
        BackfillConnection connection, HealthQuery query, CancellationToken cancellationToken);

    /// <summary>Measures what completed sessions lack. Writes a report, and a plan where one is needed.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="warn">Takes warnings.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The report.</returns>
    Task<ProdHealthReport> CheckHealthAsync(
        BackfillConnection connection, HealthRequest request, Action<string> warn, CancellationToken cancellationToken);

    /// <summary>Runs apply, soak and production health up to the next closed gate.</summary>
    /// <param name="connection">Staging.</param>
    /// <param name="production">Production, for the last phase; null halts there.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="sink">Where it reports.</param>
    /// <param name="stop">Stops it.</param>
    /// <returns>When it halts or is done.</returns>
    Task RunPipelineAsync(
        BackfillConnection connection, BackfillConnection? production, PipelineRequest request, IPipelineSink sink, CancellationToken stop);

    /// <summary>Writes a run as one HTML file, whole or not at all. Reads the target only.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runId">The run.</param>
    /// <param name="path">The file, as a full path. One of another run is renamed first, never overwritten.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The file.</returns>
    Task<string> ExportReportAsync(BackfillConnection connection, Guid runId, string path, CancellationToken cancellationToken);

    /// <summary>What would go if runs were removed from the ledger.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="selection">Which.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>A line a run, oldest first.</returns>
    Task<IReadOnlyList<RunToRemove>> PreviewRemovalAsync(
        BackfillConnection connection, PurgeSelection selection, CancellationToken cancellationToken);

    /// <summary>Removes runs from the ledger, in one transaction.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="runs">The runs, as they were shown.</param>
    /// <param name="cancellationToken">Stops the call; before the commit, nothing has changed then.</param>
    /// <returns>The runs that were removed.</returns>
    Task<IReadOnlyList<RunToRemove>> RemoveRunsAsync(
        BackfillConnection connection, IReadOnlyList<RunToRemove> runs, CancellationToken cancellationToken);
}

/// <summary>What a connection is for.</summary>
public enum ConnectionUse
{
    /// <summary>To run and to undo: the target must have its own ledger.</summary>
    Work,

    /// <summary>To install the ledger, so that it need not be there.</summary>
    Install,

    /// <summary>To measure only: a role with SELECT is enough, and the ledger is out of reach.</summary>
    Measure,
}

/// <summary>An edge function, and what it writes.</summary>
/// <param name="Name">The function.</param>
/// <param name="Tables">The tables, schema-qualified.</param>
public sealed record KnownFunctionTables(string Name, ItemList<string> Tables);
