namespace Backfill;

/// <summary>Which runs to read.</summary>
/// <param name="RunId">That one only.</param>
/// <param name="State">Those in that state only.</param>
/// <param name="Latest">The newest only.</param>
public sealed record RunFilter(Guid? RunId = null, BackfillRunState? State = null, bool Latest = false);

/// <summary>A run, as a list shows it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Environment">The target's environment.</param>
/// <param name="PlanVersion">The plan's own version.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="StartedAt">When it was started first.</param>
public sealed record RunLabel(
    Guid RunId, BackfillRunState State, BackfillEnvironment Environment, string PlanVersion, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt);
