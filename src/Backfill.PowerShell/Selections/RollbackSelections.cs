namespace Backfill.PowerShell.Selections;

/// <summary>Collects what is to be undone over all input objects: one run, one question, one transaction.</summary>
internal sealed class RollbackSelections
{
    private BackfillConnection? _connection;
    private Guid? _run;
    private HashSet<Guid>? _sessions;
    private bool _isWhole;

    /// <summary>Where.</summary>
    public BackfillConnection Connection => _connection ?? throw Nothing("Nothing came through the pipeline, so nothing is selected.");

    public void Add(BackfillConnection connection, Guid run, IReadOnlyCollection<Guid>? sessions)
    {
        if (sessions is { Count: 0 })
            throw Nothing("The selection names no session.");
        if (sessions?.Contains(Guid.Empty) == true)
            throw Nothing(EmptySelection.BadSession(sessions));
        if ((_run is { } first && first != run) || (_connection is not null && _connection != connection))
        {
            throw new BackfillException(
                "SelectionManyRuns",
                BackfillErrorKind.InvalidInput,
                $"Runs {_run} and {run} are both selected. A rollback is of one run. Start with the newer one.",
                run);
        }

        (_connection, _run) = (connection, run);
        if (sessions is null)
            _isWhole = true;
        else
            (_sessions ??= []).UnionWith(sessions);
        if (_isWhole && _sessions is not null)
        {
            throw new BackfillException(
                "SelectionMixed",
                BackfillErrorKind.InvalidInput,
                $"Some input names sessions of run {run}, and some the whole run. Pipe in one or the other.",
                run);
        }
    }

    public RollbackSelection ToSelection(DateTimeOffset? after, DateTimeOffset? before) =>
        _run is { } run ? new(run, _sessions, after, before) : throw Nothing("Nothing came through the pipeline, so nothing is selected.");

    public static BackfillException Nothing(string what) => new(
        "SelectionEmpty",
        BackfillErrorKind.InvalidInput,
        $"{what} An empty selection never means the whole run: leave pipeline and -SessionId out, and name -RunId, to undo all of it.");
}
