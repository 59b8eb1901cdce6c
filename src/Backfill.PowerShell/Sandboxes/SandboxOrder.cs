using System.Globalization;

namespace Backfill.PowerShell.Sandboxes;

/// <summary>What sandbox is wanted.</summary>
/// <param name="Environment">What it poses as.</param>
/// <param name="CandidateCount">Sessions that need a backfill.</param>
/// <param name="Seed">The same seed gives the same rows.</param>
/// <param name="ClockFactor">Simulated seconds a real second.</param>
/// <param name="Era">Which version of the real system.</param>
/// <param name="AsDeployed">Whether its functions have the faults that they had then.</param>
internal sealed record SandboxOrder(
    BackfillEnvironment Environment, int CandidateCount, int Seed, double ClockFactor, string Era, bool AsDeployed)
{
    /// <summary>The program's command line; there is no secret in it.</summary>
    public IEnumerable<string> Arguments =>
    [
        "run",
        "--environment", Environment == BackfillEnvironment.Production ? "production" : "staging",
        "--candidates", CandidateCount.ToString(CultureInfo.InvariantCulture),
        "--seed", Seed.ToString(CultureInfo.InvariantCulture),
        "--clock-factor", ClockFactor.ToString(CultureInfo.InvariantCulture),
        "--era", Era,
        "--functions", AsDeployed ? "deployed" : "fixed",
    ];
}
