using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Backfill.Benchmarks.Million;

/// <summary>One fresh process on the large run.</summary>
/// <param name="FrozenIn">From the open connection to the registered worker; of a resumed run, how long opening it took.</param>
/// <param name="FirstCallIn">From the start of the process to the arrival of its first call.</param>
/// <param name="PeakMb">The most that the process ever had resident, in 10^6 bytes.</param>
internal sealed record LargeRunTurn(TimeSpan FrozenIn, TimeSpan FirstCallIn, double PeakMb);

/// <summary>What the large run came to.</summary>
/// <param name="Sessions">Its sessions.</param>
/// <param name="Frozen">The processes that froze it.</param>
/// <param name="Resumed">Those that went on with it.</param>
internal sealed record LargeRunFigures(int Sessions, IReadOnlyList<LargeRunTurn> Frozen, IReadOnlyList<LargeRunTurn> Resumed);

/// <summary>Freezes and resumes a run of so many sessions that lists of them no longer fit anywhere by chance.</summary>
internal static class MillionRun
{
    private const int MostSettledEach = 500;

    public static async Task<LargeRunFigures> RunAsync(int sessions, int rounds, Action<string> say)
    {
        await using var target = await BenchTarget.StartAsync(39);
        var filled = Stopwatch.GetTimestamp();
        await target.ExecuteAsync(Resource.Read("Million/fill.sql").Replace("{{sessions}}", sessions.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await target.ExecuteAsync("vacuum (analyze)");
        say(string.Create(CultureInfo.InvariantCulture, $"  {sessions} sessions inserted in {Stopwatch.GetElapsedTime(filled).TotalSeconds:0} s"));
        // Neither process comes to the end of the run.
        var settled = Math.Min(MostSettledEach, sessions / 10);
        var (frozen, resumed) = (new List<LargeRunTurn>(), new List<LargeRunTurn>());
        for (var round = 0; round < rounds; round++)
        {
            await target.ExecuteAsync(Resource.Read("Million/forget.sql"));
            var (freeze, runId) = await TurnAsync(target, sessions, null, settled);
            frozen.Add(freeze);
            Say("frozen", freeze);
            var (resume, _) = await TurnAsync(target, null, runId, settled);
            resumed.Add(resume);
            Say("resumed", resume);
        }

        return new(sessions, frozen, resumed);

        void Say(string what, LargeRunTurn turn) => say(string.Create(
            CultureInfo.InvariantCulture,
            $"  {what,-8} in {turn.FrozenIn.TotalSeconds:0.00} s, first call {turn.FirstCallIn.TotalSeconds:0.00} s after process start, peak {turn.PeakMb:0} MB"));
    }

    private static async Task<(LargeRunTurn Turn, Guid RunId)> TurnAsync(BenchTarget target, int? sessions, Guid? runId, int settled)
    {
        await target.ClearCallsAsync();
        var start = new ProcessStartInfo("dotnet", [typeof(MillionRun).Assembly.Location, MillionChild.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var begun = DateTimeOffset.UtcNow;
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new MillionOrder(target.Info, sessions, runId, settled)));
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The child process ended without a word.");
        await process.WaitForExitAsync();
        var reply = JsonSerializer.Deserialize<MillionReply>(line)!;
        var calls = await target.CallsAsync();
        return (
            new(reply.StartedAt - reply.ConnectedAt, calls.Min(c => c.ArrivedAt) - begun, reply.PeakBytes / 1e6),
            reply.RunId);
    }
}
