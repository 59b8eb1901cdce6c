using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Backfill.Engine.Apply;
using Backfill.Engine.Plans;

namespace Backfill.Benchmarks.Batches;

/// <summary>A run of many batches, nearly all of it settled, that is resumed and stopped.</summary>
/// <param name="Sessions">Its sessions.</param>
/// <param name="Batches">Its batches.</param>
/// <param name="FirstCallIn">From the command to the arrival of its first call.</param>
/// <param name="EndedIn">From the stop to the end of the command, with a file for each batch.</param>
internal sealed record BatchesFigures(int Sessions, int Batches, TimeSpan FirstCallIn, TimeSpan EndedIn);

/// <summary>How resuming and stopping grow with a plan's batches.</summary>
internal static class BatchesBench
{
    private const int SessionsABatch = 5;
    private const int SettledEach = 10;

    public static async Task<IReadOnlyList<BatchesFigures>> RunAsync(int sessions, Action<string> say)
    {
        var figures = new List<BatchesFigures>();
        foreach (var count in new[] { sessions / 10, sessions })
        {
            var one = await MeasureAsync(count);
            figures.Add(one);
            say(string.Create(
                CultureInfo.InvariantCulture,
                $"  {one.Sessions} sessions in {one.Batches} batches: resume to first call {one.FirstCallIn.TotalSeconds:0.00} s, stop to end {one.EndedIn.TotalSeconds:0.00} s"));
        }

        return figures;
    }

    private static async Task<BatchesFigures> MeasureAsync(int count)
    {
        await using var target = await BenchTarget.StartAsync(39);
        await target.ExecuteAsync(Resource.Read("Million/fill.sql").Replace("{{sessions}}", count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        await target.ExecuteAsync("vacuum (analyze)");
        var ids = JsonSerializer.Deserialize<Guid[]>((string)(await target.ScalarAsync(
            $"select jsonb_agg(s.id)::text from (select id from public.assessment_sessions order by completed_at desc, id limit {count}) s"))!)!;
        var plan = PlanOf(ids);
        var folder = Directory.CreateTempSubdirectory("backfill-bench-").FullName;
        var first = await ApplyAsync(target, new() { Plan = plan, OutputPath = folder, ThrottlePerMinute = 60_000 });
        // As a run looks that has done all but a few.
        await target.ExecuteAsync(Resource.Read("Batches/settle.sql").Replace("{{run}}", first.RunId.ToString(), StringComparison.Ordinal));
        await target.ExecuteAsync("vacuum (analyze)");
        await target.ClearCallsAsync();

        var resumed = await ApplyAsync(target, new() { RunId = first.RunId, OutputPath = folder });
        var arrived = (await target.CallsAsync()).Min(c => c.ArrivedAt);
        Directory.Delete(folder, recursive: true);
        return new(count, plan.Batches.Count, arrived - resumed.BegunAt, resumed.EndedIn);
    }

    private static async Task<(Guid RunId, DateTimeOffset BegunAt, TimeSpan EndedIn)> ApplyAsync(BenchTarget target, ApplyRequest request)
    {
        using var stop = new CancellationTokenSource();
        var sink = new StoppingSink(SettledEach, stop);
        var begunAt = DateTimeOffset.UtcNow;
        var end = await new ApplyPhase(target.Connection, TimeProvider.System).RunAsync(request, sink, stop.Token);
        return (end.Run.RunId, begunAt, Stopwatch.GetElapsedTime(sink.StoppedAt));
    }

    private static BackfillPlan PlanOf(Guid[] sessions)
    {
        const string Operations = """
            [{"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"}},
             {"function": "score_prism", "params": {"engine_version": "v1.2.1"}}]
            """;
        var batches = sessions.Chunk(SessionsABatch).Select((s, i) => FormattableString.Invariant(
            $$"""{"batch_id": "b{{i}}", "description": "", "sessions": {{JsonSerializer.Serialize(s)}}, "operations": {{Operations}}}"""));
        var json = $$"""
            {"backfill_plan": {"version": "many", "environment": "staging", "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": 20},
             "batches": [{{string.Join(',', batches)}}]}
            """;
        var reading = new PlanReader().Read(Encoding.UTF8.GetBytes(json), "batches.json");
        return reading.Plan ?? throw new InvalidOperationException(string.Join('\n', reading.Problems.Select(p => p.Message)));
    }

    private sealed class StoppingSink(int most, CancellationTokenSource stop) : IApplySink
    {
        private int _settled;

        public long StoppedAt { get; private set; }

        public void Settled(BackfillSessionResult result)
        {
            if (Interlocked.Increment(ref _settled) != most)
                return;
            StoppedAt = Stopwatch.GetTimestamp();
            stop.Cancel();
        }

        public void Warn(string message) => Console.Error.WriteLine(message);

        public void Explain(string message)
        {
        }

        public void Progressed(ApplyProgress progress)
        {
        }

        public void Milestone(string message, string tag)
        {
        }
    }
}
