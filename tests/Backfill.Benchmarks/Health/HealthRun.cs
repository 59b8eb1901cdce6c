using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Backfill.Benchmarks.Comparison;

namespace Backfill.Benchmarks.Health;

/// <summary>One round: a query by hand of each kind, and a health check in a fresh process.</summary>
/// <param name="ByHand">The quickest query through psql, from process start to its end.</param>
/// <param name="Ours">The child's own figures.</param>
internal sealed record HealthTurn(TimeSpan ByHand, HealthReply Ours);

/// <summary>What the health part came to.</summary>
/// <param name="Sessions">Sessions in the window.</param>
/// <param name="Turns">The rounds.</param>
internal sealed record HealthCheckFigures(int Sessions, IReadOnlyList<HealthTurn> Turns)
{
    /// <summary>Median of the rounds' own ratios: our measurement against the best query by hand.</summary>
    public double Ratio => RoundFigures.Median(Turns.Select(t => t.Ours.Measured / t.ByHand));
}

/// <summary>Finds one in a hundred of so many sessions, ours against psql.</summary>
internal static class HealthRun
{
    private static readonly string[] ByHand = ["Health/by_hand_joined.sql", "Health/by_hand_excluded.sql"];

    public static async Task<HealthCheckFigures> RunAsync(int sessions, int rounds, Action<string> say)
    {
        await using var target = await BenchTarget.StartAsync(39);
        var filled = Stopwatch.GetTimestamp();
        await target.ExecuteAsync(Resource.Read("Health/fill.sql").Replace("{{sessions}}", sessions.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await target.ExecuteAsync("vacuum (analyze)");
        say(string.Create(CultureInfo.InvariantCulture, $"  {sessions} sessions inserted in {Stopwatch.GetElapsedTime(filled).TotalSeconds:0} s"));
        var turns = new List<HealthTurn>();
        // The first round warms the server's memory up, and does not count.
        for (var round = 0; round <= rounds; round++)
        {
            var hand = new List<TimeSpan>();
            foreach (var query in ByHand)
                hand.Add(await PsqlAsync(target, Resource.Read(query)));
            var ours = await ChildAsync(target);
            say(string.Create(
                CultureInfo.InvariantCulture,
                $"  by hand {string.Join(", ", hand.Select(h => $"{h.TotalSeconds:0.00} s"))}; ours {ours.Measured.TotalSeconds:0.00} s, with report and plan {ours.Checked.TotalSeconds:0.00} s, peak {ours.PeakBytes / 1e6:0} MB, {ours.Needing} found"));
            if (round > 0)
                turns.Add(new(hand.Min(), ours));
        }

        return new(sessions, turns);
    }

    private static async Task<TimeSpan> PsqlAsync(BenchTarget target, string sql)
    {
        var uri = new Uri(target.Info.DatabaseUrl);
        var user = uri.UserInfo.Split(':');
        var start = new ProcessStartInfo("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment =
            {
                ["PGHOST"] = uri.Host,
                ["PGPORT"] = uri.Port.ToString(CultureInfo.InvariantCulture),
                ["PGUSER"] = Uri.UnescapeDataString(user[0]),
                ["PGPASSWORD"] = Uri.UnescapeDataString(user[1]),
                ["PGDATABASE"] = uri.AbsolutePath.TrimStart('/'),
            },
        };
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var rows = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        await process.StandardInput.WriteAsync(sql);
        process.StandardInput.Close();
        await rows;
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? Stopwatch.GetElapsedTime(begun)
            : throw new InvalidOperationException($"psql ended with {process.ExitCode}.");
    }

    private static async Task<HealthReply> ChildAsync(BenchTarget target)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(HealthRun).Assembly.Location, HealthChild.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(target.Info));
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The child process ended without a word.");
        await process.WaitForExitAsync();
        return JsonSerializer.Deserialize<HealthReply>(line)!;
    }
}
