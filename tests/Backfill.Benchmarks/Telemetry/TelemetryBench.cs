using System.Globalization;
using Backfill.Benchmarks.Comparison;

namespace Backfill.Benchmarks.Telemetry;

/// <summary>What exporting to nobody costs.</summary>
/// <param name="Rounds">All turns; the first contender exports nothing.</param>
/// <param name="EndSeconds">How long each process took to end, in the contenders' order.</param>
internal sealed record TelemetryFigures(RoundFigures Rounds, IReadOnlyList<double> EndSeconds);

/// <summary>The same run without a collector, with one that never answers, and with one that can't be reached.</summary>
internal static class TelemetryBench
{
    public static async Task<TelemetryFigures> RunAsync(int sessions, int rounds, Action<string> say)
    {
        await using var target = await BenchTarget.StartAsync(sessions);
        using var silent = new BlackHole(drops: false);
        using var dropping = new BlackHole(drops: true);
        using var bare = new ExportingApply("no collector", target, null);
        using var unanswered = new ExportingApply("one that never answers", target, silent.Address);
        using var unreached = new ExportingApply("one that drops packets", target, dropping.Address);
        ExportingApply[] contenders = [bare, unanswered, unreached];
        var figures = await new Rounds(target, contenders).RunAsync(rounds, say);
        var ends = new List<double>();
        foreach (var contender in contenders)
        {
            ends.Add((await contender.EndAsync()).TotalSeconds);
            say(string.Create(CultureInfo.InvariantCulture, $"  {contender.Name,-28} its process ended in {ends[^1]:0.00} s"));
        }

        return new(figures, ends);
    }
}
