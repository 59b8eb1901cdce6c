namespace Backfill;

/// <summary>One look at a target that is being soaked. Its figures are those of the window so far, not of one interval.</summary>
/// <remarks>A figure is null where it could not be measured: what was not seen is never 0.</remarks>
public sealed record SoakSample
{
    /// <summary>The run that the soak is for; null where it is for none.</summary>
    public Guid? RunId { get; init; }

    /// <summary>Which sample, from 1: sample n is due n intervals after the window's start.</summary>
    public required int Number { get; init; }

    /// <summary>When it was taken, by the target's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Why it was taken late; null where it was in time, and in samples of older modules.</summary>
    public SoakLateness? Lateness { get; init; }

    /// <summary>The window's start.</summary>
    public required DateTimeOffset WindowStart { get; init; }

    /// <summary>The window's end; the last sample is due then.</summary>
    public required DateTimeOffset WindowEnd { get; init; }

    /// <summary>Whether it looks back over a past window; raises no gate.</summary>
    public bool Retrospective { get; init; }

    /// <summary>Profiles of another engine version, and logged override events; expected 0.</summary>
    public long? VersionOverrides { get; init; }

    /// <summary>Rows of <c>fc_scores</c> of another kind or version; expected 0.</summary>
    public long? LegacyFcScores { get; init; }

    /// <summary>Sessions whose share token was tried as <c>anon</c>.</summary>
    public int? TokensTested { get; init; }

    /// <summary>Those for which the right token gave their own profile.</summary>
    public int? TokensAccepted { get; init; }

    /// <summary>Those for which neither a wrong token nor another session's gave anything.</summary>
    public int? WrongTokensRefused { get; init; }

    /// <summary>The cohort: sessions completed in the window, less the grace period.</summary>
    public long? CompletedSessions { get; init; }

    /// <summary>Sessions of the cohort that have a profile.</summary>
    public long? ConvertedSessions { get; init; }

    /// <summary>Converted by completed, from 0 to 1; null without any completed session.</summary>
    public double? ConversionRate { get; init; }

    /// <summary>The lower end of the rate's 95 % interval (Wilson).</summary>
    public double? ConversionLowerBound { get; init; }

    /// <summary>The upper end of the rate's 95 % interval (Wilson).</summary>
    public double? ConversionUpperBound { get; init; }

    /// <summary>The rate that the target is to reach, from 0 to 1.</summary>
    public required double Baseline { get; init; }

    /// <summary>Sessions completed and not scored beyond the grace period; expected 0.</summary>
    public long? UnscoredSessions { get; init; }

    /// <summary>What taking it cost the target, in milliseconds from the first statement to the last answer.</summary>
    public long? CostMs { get; init; }

    /// <summary>How many statements it took.</summary>
    public int? Statements { get; init; }

    /// <summary>The verdict so far; the last sample's is the verdict.</summary>
    public required SoakVerdict Verdict { get; init; }

    /// <summary>The connection it was taken or read through, so that it can be piped on.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>The checks behind the verdict.</summary>
    public required ItemList<SoakCheck> Checks { get; init; }

    /// <summary>Number and verdict.</summary>
    /// <returns>For example <c>Sample 12: Pass</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"Sample {Number}: {Verdict}");
}
