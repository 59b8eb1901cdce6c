namespace Backfill.PowerShell.Selections;

/// <summary>What one run is to be made of: a plan, a plan's file, or a run that exists.</summary>
/// <param name="Connection">Where.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Path">The plan's file.</param>
/// <param name="RunId">The run to go on with.</param>
internal sealed record ApplyTarget(BackfillConnection Connection, BackfillPlan? Plan, string? Path, Guid? RunId)
{
    public override string ToString() => Path ?? (RunId is { } run ? $"run {run}" : $"plan {Plan}");
}

/// <summary>Collects what is asked for, over all input objects, so that each run is asked for once.</summary>
internal sealed class ApplySelection
{
    private readonly OrderedDictionary<ApplyTarget, HashSet<Guid>?> _targets = [];

    /// <summary>Each run with its sessions; null for all of the plan's.</summary>
    public IEnumerable<KeyValuePair<ApplyTarget, HashSet<Guid>?>> Targets => _targets.Count > 0
        ? _targets
        : throw Empty("Nothing came through the pipeline, so nothing is selected.");

    public void Add(ApplyTarget target, IReadOnlyCollection<Guid>? sessions)
    {
        if (sessions is { Count: 0 })
            throw Empty("-SessionId names no session.");
        if (sessions?.Contains(Guid.Empty) == true)
            throw Empty(EmptySelection.BadSession(sessions));
        if (sessions is not null && target.RunId is { } runId)
        {
            throw new BackfillException(
                "SelectionInRun",
                BackfillErrorKind.InvalidInput,
                $"Run {runId} is resumed with all its unsettled sessions; -SessionId can't narrow it. "
                + "Name the plan instead (-Path) to make a new run of those sessions.",
                runId);
        }

        if (!_targets.TryGetValue(target, out var selected))
            _targets.Add(target, selected = sessions is null ? null : []);
        selected?.UnionWith(sessions ?? []);
    }

    public static BackfillException Empty(string what) => new(
        "SelectionEmpty",
        BackfillErrorKind.InvalidInput,
        $"{what} An empty selection never means all: leave pipeline and -SessionId out to apply the whole plan.");
}
