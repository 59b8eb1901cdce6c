using Backfill.Engine.Gates;
using Backfill.Engine.Ledger;
using Backfill.Engine.Reports.Apply;
using Backfill.Engine.Soak;

namespace Backfill.Engine.Reports.Html;

/// <summary>All that a report shows of a run but its sessions, which are streamed.</summary>
internal sealed record ReportContent
{
    /// <summary>The target, in words: project, and whether it is a sandbox.</summary>
    public required string Target { get; init; }

    public required BackfillRun Run { get; init; }

    /// <summary>The plan as the ledger has it; null where this version can't read it.</summary>
    public required BackfillPlan? Plan { get; init; }

    public required GateFacts Facts { get; init; }

    public required IReadOnlyList<BackfillGate> Gates { get; init; }

    public required IReadOnlyList<BatchFigures> Batches { get; init; }

    public required ChangeVerification Verification { get; init; }

    public required IReadOnlyList<OutcomeCount> Outcomes { get; init; }

    /// <summary>How the timeline is divided; null before the first start.</summary>
    public required TimelineScale? Scale { get; init; }

    public required IReadOnlyList<TimelinePart> Timeline { get; init; }

    public required IReadOnlyList<RunEvent> Events { get; init; }

    public required IReadOnlyList<RunWorker> Workers { get; init; }

    public required IReadOnlyList<RollbackLine> Rollbacks { get; init; }

    /// <summary>The run's newest soak; null where it has none.</summary>
    public required SoakTicket? Soak { get; init; }

    public required IReadOnlyList<SoakSample> Samples { get; init; }

    /// <summary>Its chart, as markup that is harmless; null without a soak.</summary>
    public required string? SoakChart { get; init; }

    /// <summary>The same for a narrow screen.</summary>
    public required string? NarrowSoakChart { get; init; }

    /// <summary>How much faster than real time the clock of the soak ran; null where it was no sandbox's own.</summary>
    public double? SoakClockFactor { get; init; }

    public Guid RunId => Run.RunId;

    /// <summary>Sessions that did not do what they were called for.</summary>
    public int Errors => Run.NoEffect + Run.Failed + Run.Unknown;
}
