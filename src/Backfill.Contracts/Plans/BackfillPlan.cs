using System.Globalization;

namespace Backfill;

/// <summary>A plan that was read and found valid: which functions to call, for which sessions, how fast.</summary>
public sealed record BackfillPlan
{
    /// <summary>The plan's own version, for example <c>v1.0</c>.</summary>
    public required string Version { get; init; }

    /// <summary>The only environment it may run in.</summary>
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>The engine / results version in force.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>The forced-choice version in force.</summary>
    public required string FcVersion { get; init; }

    /// <summary>The most session attempts per minute, at least 1.</summary>
    public required int ThrottlePerMinute { get; init; }

    /// <summary>How many sessions belong together where a list is cut, at least 1; 5 if the plan does not say.</summary>
    public required int BatchSize { get; init; }

    /// <summary>How many sessions the plan speaks of; the sum over its batches if it does not say.</summary>
    public required int TotalCandidates { get; init; }

    /// <summary>The batches, in order; at least one.</summary>
    public required ItemList<PlanBatch> Batches { get; init; }

    /// <summary>What the target should look like afterwards.</summary>
    public required ExpectedChanges ExpectedChanges { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of the file's bytes: what <c>sha256sum</c> and <c>Get-FileHash</c> give.</summary>
    public required string Hash { get; init; }

    /// <summary>The file it came from, as a full path.</summary>
    public required string Path { get; init; }

    /// <summary>When the plan was made, in UTC; null if it does not say.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>How long the plan's author expects it to take, in minutes; null if it does not say.</summary>
    public double? ExpectedRuntimeMinutes { get; init; }

    /// <summary>The wait between two operations of one session; zero if the plan does not say.</summary>
    public TimeSpan OperationDelay { get; init; }

    /// <summary>When sessions may be begun, for example <c>Mo-Fr 22:00-06:00 Europe/Berlin</c>; null for any time.</summary>
    public string? Hours { get; init; }

    /// <summary>How a run's pace rises to <see cref="ThrottlePerMinute"/>; null where it has it from the beginning.</summary>
    public PlanRamp? Ramp { get; init; }

    /// <summary>Limits for the target's signs of health, as a JSON object; null for the defaults.</summary>
    public string? Guard { get; init; }

    /// <summary>Whether the one who started the run may not approve it.</summary>
    public bool FourEyes { get; init; }

    /// <summary>So many failed sessions may be approved without an override; 0 if the plan does not say.</summary>
    public int MaxFailed { get; init; }

    /// <summary>The same for sessions that were answered well with nothing written.</summary>
    public int MaxNoEffect { get; init; }

    /// <summary>The same for sessions whose calls may have been committed.</summary>
    public int MaxUnknown { get; init; }

    /// <summary>Footprints of functions beside the known ones.</summary>
    public required ItemList<PlanFunctionFootprint> Functions { get; init; }

    /// <summary>Footprints of tables beside the known ones.</summary>
    public required ItemList<PlanTableFootprint> Tables { get; init; }

    /// <summary>What is odd about the plan without making it invalid.</summary>
    public required ItemList<BackfillPlanProblem> Warnings { get; init; }

    private string Document { get; init; } = "";

    /// <summary>
    /// The file's text as it was read, a byte-order mark included, so that its UTF-8 bytes still have <see cref="Hash"/>.
    /// A whole file has no place in a table's cell: it is for the ledger, which keeps it.
    /// </summary>
    /// <returns>The text.</returns>
    public string GetDocument() => Document;

    /// <summary>The plan with the text that it was read from.</summary>
    /// <param name="document">The text.</param>
    /// <returns>The plan.</returns>
    public BackfillPlan WithDocument(string document) => this with { Document = document };

    /// <summary>The plan in a few words.</summary>
    /// <returns>For example <c>v1.0 (staging, 39 sessions)</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Version} ({(Environment == BackfillEnvironment.Production ? "production" : "staging")}, {TotalCandidates} sessions)");
}
