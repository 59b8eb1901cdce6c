using System.Globalization;

namespace Backfill.Benchmarks;

/// <summary>What is measured.</summary>
/// <param name="Sessions">Sessions a run.</param>
/// <param name="Rounds">Rounds that count; one more goes before them, to warm up.</param>
/// <param name="LargeRun">Sessions of the large run, and row images of the one that is undone.</param>
/// <param name="HealthSessions">Sessions of the health check.</param>
/// <param name="BatchedSessions">Sessions of the run of many batches, five a batch; a tenth of it is measured, too.</param>
/// <param name="Only">One part (<c>apply</c>, <c>slow</c>, <c>guard</c>, <c>ledger</c>, <c>million</c>, <c>batches</c>, <c>undo</c>, <c>health</c>, <c>import</c>, <c>report</c>, <c>telemetry</c>); null for all.</param>
/// <param name="Small">Every part once and on few rows, to see that it works: its figures say nothing.</param>
/// <param name="Pwsh">PowerShell 7.6, which imports: a program, or the <c>pwsh.dll</c> of the .NET tool.</param>
/// <param name="Output">The JSON file.</param>
internal sealed record BenchOptions(
    int Sessions, int Rounds, int LargeRun, int HealthSessions, int BatchedSessions, string? Only, bool Small, string Pwsh, string Output)
{
    public const string Usage =
        "usage: dotnet Backfill.Benchmarks.dll [--small] [--sessions 2000] [--rounds 5] [--large-run 1000000] [--health 2000000] [--batched 50000] [--only apply|slow|guard|ledger|million|batches|undo|health|import|report|telemetry] [--pwsh pwsh] [--output bench.json]";

    /// <summary>Sessions in hand at once, by every contender.</summary>
    public const int Concurrency = 32;

    public bool Wants(string part) => Only is null || Only == part;

    /// <returns>Null: they make no sense.</returns>
    public static BenchOptions? Parse(ReadOnlySpan<string> args)
    {
        var options = new BenchOptions(2_000, 5, 1_000_000, 2_000_000, 50_000, null, false, "pwsh", "bench.json");
        if (args is ["--small", ..])
        {
            options = options with { Sessions = 40, Rounds = 1, LargeRun = 300, HealthSessions = 500, BatchedSessions = 1_000, Small = true };
            args = args[1..];
        }

        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : "";
            var number = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : 0;
            switch (args[i])
            {
                case "--sessions" when number > 0: options = options with { Sessions = number }; break;
                case "--rounds" when number > 0: options = options with { Rounds = number }; break;
                case "--large-run" when number > 0: options = options with { LargeRun = number }; break;
                case "--health" when number > 0: options = options with { HealthSessions = number }; break;
                case "--batched" when number >= 1_000: options = options with { BatchedSessions = number }; break;
                case "--only" when value is "apply" or "slow" or "guard" or "ledger" or "million" or "batches" or "undo" or "health" or "import" or "report" or "telemetry": options = options with { Only = value }; break;
                case "--pwsh" when value.Length > 0: options = options with { Pwsh = value }; break;
                case "--output" when value.Length > 0: options = options with { Output = value }; break;
                default: return null;
            }
        }

        return options;
    }
}
