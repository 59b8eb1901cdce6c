using Backfill.Engine.Ledger;
using Backfill.Engine.Soak;

namespace Backfill.Engine.Gates;

/// <summary>All that the ledger holds of a run's gates, of one moment.</summary>
public sealed record GateFacts
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>The connection that they were read through, so that commands can name it; no part of any evidence.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>The SHA-256 of the profile that the target is read by; null for the known system as it is detected.</summary>
    public string? ProfileHash { get; init; }

    /// <summary>The ledger's environment.</summary>
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>Where the run stands.</summary>
    public required BackfillRunState State { get; init; }

    /// <summary>The plan's text as the ledger has it.</summary>
    public required string Document { get; init; }

    /// <summary>The hash that the run was begun with, hex.</summary>
    public required string PlanHash { get; init; }

    /// <summary>The version of the module that began it.</summary>
    public required string ModuleVersion { get; init; }

    /// <summary>When the run was frozen.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the run reached its state.</summary>
    public required DateTimeOffset StateAt { get; init; }

    /// <summary>Who began the run, or went on with it.</summary>
    public required IReadOnlyList<RunStarter> Starters { get; init; }

    /// <summary>Decisions and uses, by their sequence.</summary>
    public required IReadOnlyList<GateEntry> Entries { get; init; }

    /// <summary>How many there are, by the run.</summary>
    public required int Count { get; init; }

    /// <summary>The newest one's hash, by the run; null before the first.</summary>
    public string? Head { get; init; }

    /// <summary>The database's time.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Whom we are in the database.</summary>
    public required string DatabaseRole { get; init; }

    /// <summary>The run in figures.</summary>
    public required ApplyFigures Apply { get; init; }

    /// <summary>The run's rows as they are now; null as long as the run has not ended. Not part of the evidence.</summary>
    public ComparedRows? Rows { get; init; }

    /// <summary>The run's reviews, in order; empty where it has none.</summary>
    public IReadOnlyList<ReviewFigures> Reviews { get; init; } = [];

    /// <summary>The run's newest soak; null before the first.</summary>
    public SoakFigures? Soak { get; init; }

    /// <summary>The ids of all its soaks.</summary>
    public required IReadOnlyList<Guid> SoakIds { get; init; }

    /// <summary>What was measured of a production run's sessions before it was frozen; null where nothing was.</summary>
    public RunHealth? Health { get; init; }
}

/// <summary>Who began a run or went on with it.</summary>
/// <param name="Operator">Operating system's user and host.</param>
/// <param name="DatabaseRole">The database role.</param>
public sealed record RunStarter(string Operator, string DatabaseRole);

/// <summary>A run in figures, with digests of what they are counted from.</summary>
/// <param name="Total">Its sessions.</param>
/// <param name="Succeeded">Verified.</param>
/// <param name="NoEffect">Answered well with nothing written.</param>
/// <param name="Failed">Failed.</param>
/// <param name="Skipped">Not called.</param>
/// <param name="Unknown">Perhaps committed.</param>
/// <param name="Remaining">Not settled.</param>
/// <param name="BreakerOpened">How often the breaker has halted it.</param>
/// <param name="WithoutImages">Sessions whose images are not those of the rows they changed.</param>
/// <param name="RolledBack">Sessions that rollbacks have taken in.</param>
/// <param name="ListDigest">SHA-256 of the frozen list of sessions, hex.</param>
/// <param name="SessionsDigest">SHA-256 of the settled sessions with their outcomes, hex.</param>
/// <param name="ImagesDigest">SHA-256 of the images, hex.</param>
/// <param name="Changes">What happened to rows, over the plan's runs up to this one.</param>
public sealed record ApplyFigures(
    int Total,
    int Succeeded,
    int NoEffect,
    int Failed,
    int Skipped,
    int Unknown,
    int Remaining,
    int BreakerOpened,
    int WithoutImages,
    int RolledBack,
    string ListDigest,
    string SessionsDigest,
    string ImagesDigest,
    IReadOnlyList<ActualTableChange> Changes)
{
    /// <summary>Sessions that it passed over, and that an earlier run of the plan left without effect.</summary>
    public int EarlierNoEffect { get; init; }

    /// <summary>Sessions that it passed over, and that failed in an earlier run of the plan.</summary>
    public int EarlierFailed { get; init; }

    /// <summary>
    /// Sessions that it passed over, and that an earlier run of the plan left unknown, or that nothing is known of any more.
    /// </summary>
    public int EarlierUnknown { get; init; }

    /// <summary>Sessions that it ended without calling; they are counted in <see cref="Skipped"/>, too.</summary>
    public int NeverCalled { get; init; }

    /// <summary>Sessions of the whole plan; a run of some of them has fewer.</summary>
    public int PlanTotal { get; init; }

    /// <summary>Whether it took in a part of the plan only.</summary>
    internal bool IsPart => Total < PlanTotal;
}

/// <summary>A soak in figures.</summary>
/// <param name="Soak">The soak.</param>
/// <param name="EndedAt">When it ended, by the database's clock; null while it is open.</param>
/// <param name="Samples">How many samples were kept.</param>
/// <param name="SamplesDigest">SHA-256 of all of them, hex.</param>
/// <param name="Last">The last one; null before the first.</param>
public sealed record SoakFigures(SoakTicket Soak, DateTimeOffset? EndedAt, int Samples, string SamplesDigest, SoakSample? Last);

/// <summary>What a production run's sessions were found to lack, just before they were frozen.</summary>
/// <param name="MeasuredAt">When, by the database's clock.</param>
/// <param name="Sessions">The run's sessions.</param>
/// <param name="NeedingBackfill">Those that lack something and can be backfilled.</param>
/// <param name="NotBackfillable">Those that lack something and can't be backfilled.</param>
/// <param name="Missing">Those that are not there.</param>
/// <param name="Problem">Why it could not be measured; null where it was.</param>
/// <param name="ProfileHash">The target profile that it was measured by, SHA-256; null for the known system.</param>
public sealed record RunHealth(
    DateTimeOffset MeasuredAt,
    int Sessions,
    int NeedingBackfill,
    int NotBackfillable,
    int Missing,
    string? Problem = null,
    string? ProfileHash = null);
