namespace Backfill.Sandbox.Scoring;

/// <summary>A code with its measure: a type with its fit, a function with its strength, a state with its level.</summary>
internal readonly record struct Measure(string Code, decimal Value);

/// <summary>What <c>score_prism</c> finds for a session.</summary>
internal sealed record ScoredProfile
{
    public required Guid Id { get; init; }

    public required string TypeCode { get; init; }

    public required decimal Confidence { get; init; }

    public required string FitBand { get; init; }

    public required string ValidityStatus { get; init; }

    public required string Overlay { get; init; }

    public required decimal TopGap { get; init; }

    public required decimal ConfRaw { get; init; }

    public required decimal ConfCalibrated { get; init; }

    public required decimal ScoreFitCalibrated { get; init; }

    /// <summary>The three best, best first.</summary>
    public required Measure[] Types { get; init; }

    public required Measure[] Functions { get; init; }

    public required Measure[] States { get; init; }

    public required string TopTypesJson { get; init; }

    /// <summary>A JSON object, without what it takes from <c>fc_scores</c>.</summary>
    public required string PayloadJson { get; init; }

    /// <summary>One in three sessions gets a profile dated back to its completion.</summary>
    public required bool IsBackdated { get; init; }

    /// <summary>The payload as it is stored.</summary>
    /// <param name="fcScores">The session's scores as JSON; null: it has none.</param>
    public string PayloadWith(string? fcScores) =>
        $$"""{{{PayloadJson.AsSpan(1, PayloadJson.Length - 2)}},"fc_scores":{{fcScores ?? "null"}}}""";
}
