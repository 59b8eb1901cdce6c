namespace Backfill.Engine.Health;

/// <summary>Counts candidates as they come, and keeps those that the plan and the report show.</summary>
/// <param name="mostPlanned">The most sessions to keep for a plan.</param>
/// <param name="mostListed">The most sessions to keep of those that can't be backfilled.</param>
internal sealed class HealthFigures(int mostPlanned, int mostListed)
{
    private readonly List<BackfillCandidate> _planned = [];
    private readonly List<BackfillCandidate> _listed = [];
    private readonly SortedDictionary<string, int> _reasons = new(StringComparer.Ordinal);

    public int MissingProfiles { get; private set; }

    public int MissingFcScores { get; private set; }

    public int OutdatedVersions { get; private set; }

    public int NeedingBackfill { get; private set; }

    public int NotBackfillable { get; private set; }

    /// <summary>
    /// Healthy only where nothing needs a backfill, and every completed session was looked at: one without a time is in no window.
    /// </summary>
    public ProdHealthStatus StatusOf(HealthReading reading) => NeedingBackfill > 0 || reading.Undated > 0 ? ProdHealthStatus.NeedsBackfill
        : reading.SessionsAnalyzed == 0 ? ProdHealthStatus.NothingAnalyzed
        : ProdHealthStatus.Healthy;

    /// <summary>Those that can be backfilled, in order.</summary>
    public IReadOnlyList<BackfillCandidate> Planned => _planned;

    /// <summary>Why sessions can't be backfilled, and how many for each reason; all that were refused in runs are one.</summary>
    public IReadOnlyDictionary<string, int> Reasons => _reasons;

    /// <summary>Those that can't, the first of them.</summary>
    public IReadOnlyList<BackfillCandidate> Listed => _listed;

    public void Add(BackfillCandidate candidate)
    {
        MissingProfiles += candidate.MissingProfile ? 1 : 0;
        MissingFcScores += candidate.MissingFcScores ? 1 : 0;
        OutdatedVersions += candidate is { MissingProfile: true, HasProfile: true } ? 1 : 0;
        if (candidate.Backfillable)
        {
            NeedingBackfill++;
            if (_planned.Count < mostPlanned)
                _planned.Add(candidate);
            return;
        }

        NotBackfillable++;
        var reason = candidate.Reason is CandidateRules.NoResponses or CandidateRules.NoFcResponses
            ? candidate.Reason
            : CandidateRules.Refused;
        _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        if (_listed.Count < mostListed)
            _listed.Add(candidate);
    }
}
