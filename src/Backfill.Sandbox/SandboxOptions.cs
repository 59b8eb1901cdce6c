using System.Globalization;
using Backfill.Sandbox.Eras;

namespace Backfill.Sandbox;

/// <summary>What <c>run</c> was asked for.</summary>
/// <param name="Environment">The label the target poses as: <c>staging</c> or <c>production</c>.</param>
/// <param name="Candidates">Sessions that need a backfill.</param>
/// <param name="Sessions">All sessions, candidates included.</param>
/// <param name="Seed">The same seed and counts give the same rows.</param>
/// <param name="PostgresPort">Null: a free one.</param>
/// <param name="ApiPort">0: a free one.</param>
/// <param name="ClockFactor">Simulated seconds a real second.</param>
/// <param name="Era">Which version of the real system it is.</param>
internal sealed record SandboxOptions(
    string Environment, int Candidates, int Sessions, int Seed, int? PostgresPort, int ApiPort, decimal ClockFactor, Era Era)
{
    public const string Usage =
        "usage: dotnet Backfill.Sandbox.dll run [--environment staging|production] [--candidates 39] [--sessions 200] [--seed 1] "
        + "[--clock-factor 1] [--era 2025-10-04|2025-09-23|2025-09-17|complete] [--functions fixed|deployed] "
        + "[--postgres-port N] [--api-port N]\n"
        + "Standard input is the leash: the sandbox ends when it closes.";

    /// <summary>Sessions beside the candidates, where <c>--sessions</c> is not given.</summary>
    private const int OtherSessions = 161;

    private const int MostSessions = 5_000_000;

    private const decimal FastestClock = 100_000;

    public static SandboxOptions Parse(ReadOnlySpan<string> args)
    {
        var environment = "staging";
        var candidates = 39;
        int? sessions = null;
        var seed = 1;
        int? postgresPort = null;
        var apiPort = 0;
        var clockFactor = 1m;
        var era = Era.Newest;
        var asDeployed = false;

        for (var i = 0; i < args.Length; i += 2)
        {
            var name = args[i];
            var value = i + 1 < args.Length ? args[i + 1] : throw Refused($"{name} has no value.");
            switch (name)
            {
                case "--environment" when value is "staging" or "production": environment = value; break;
                case "--environment": throw Refused("--environment is staging or production.");
                case "--candidates": candidates = Number(name, value, 0, MostSessions); break;
                case "--sessions": sessions = Number(name, value, 0, MostSessions); break;
                case "--seed": seed = Number(name, value, int.MinValue, int.MaxValue); break;
                case "--clock-factor": clockFactor = Factor(name, value); break;
                case "--era": era = value; break;
                case "--functions" when value is "fixed" or "deployed": asDeployed = value == "deployed"; break;
                case "--functions": throw Refused("--functions is fixed or deployed.");
                case "--postgres-port": postgresPort = Number(name, value, 1, 65535); break;
                case "--api-port": apiPort = Number(name, value, 0, 65535); break;
                default: throw Refused($"{name} is not an option.");
            }
        }

        var found = Era.Find(era, asDeployed) ?? throw Refused($"--era is one of {string.Join(", ", Era.Names)}.");
        var total = sessions ?? candidates + OtherSessions;
        return total >= candidates
            ? new SandboxOptions(environment, candidates, total, seed, postgresPort, apiPort, clockFactor, found)
            : throw Refused("--sessions counts the candidates too, so it cannot be smaller than --candidates.");
    }

    private static int Number(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least
            && number <= most
            ? number
            : throw Refused($"{name} is a number from {least} to {most}.");

    private static decimal Factor(string name, string value) =>
        decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            && factor is >= 1 and <= FastestClock
            ? factor
            : throw Refused($"{name} is a number from 1 to {FastestClock}.");

    private static SandboxException Refused(string message) => new(message, Usage);
}
