namespace Backfill.Engine.Soak;

/// <summary>What a soak measures against; fixed when its window begins.</summary>
/// <param name="Duration">How long the window is.</param>
/// <param name="Interval">From sample to sample.</param>
/// <param name="Baseline">The conversion to reach, from 0 to 1.</param>
/// <param name="MinimumSample">So many completed sessions are needed to pass.</param>
/// <param name="TokenSample">Sessions whose tokens are tried each time.</param>
/// <param name="GracePeriod">How long a completed session may take to be scored.</param>
/// <param name="EngineVersion">The engine version in force.</param>
/// <param name="FcVersion">The forced-choice version in force.</param>
public sealed record SoakSettings(
    TimeSpan Duration,
    TimeSpan Interval,
    double Baseline,
    int MinimumSample,
    int TokenSample,
    TimeSpan GracePeriod,
    string EngineVersion,
    string FcVersion);
