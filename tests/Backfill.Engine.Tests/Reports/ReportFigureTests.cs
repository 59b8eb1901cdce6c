using System.Globalization;
using System.Text.Json.Nodes;
using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Reports;

/// <summary>The report says what the ledger says, and what <c>execution_results.json</c> says.</summary>
[Collection(ReportCollection.Name)]
public sealed class ReportFigureTests(ReportWorld world)
{
    [Fact]
    public async Task Every_figure_is_that_of_execution_results()
    {
        var applied = await world.MixedRunAsync();
        var json = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(applied.OutputPath, "backfill_logs", "execution_results.json")))!;
        var report = await world.ReportAsync(applied.Run.RunId);

        report.MustShow(json);

        var errors = json["errors"]!.AsArray();
        Assert.Equal(3, errors.Count);
        var shown = report.Rows("sessions").Where(r => !r[3].EndsWith("Succeeded", StringComparison.Ordinal)).ToList();
        Assert.Equal(
            errors.Select(e => $"{e!["session_id"]} {e["batch_id"]} {e["outcome"]} {e["category"]} {e["error"]}"),
            shown.Select(r => $"{r[1]} {r[2]} {r[3].Split(' ')[^1]} {r[4]} {r[5]}"));
        Assert.Equal(
            errors.GroupBy(e => $"{e!["outcome"]} {e["category"]} 1").Select(g => g.Key).Order(StringComparer.Ordinal),
            report.Rows("category-table").Select(r => $"{r[0].Split(' ')[^1]} {r[1]} {r[2]}").Order(StringComparer.Ordinal));

        var gate = json["gates"]!["items"]!.AsArray().Single()!;
        Assert.Contains($"Gate {gate["name"]}: {gate["status"]}", report.Html, StringComparison.Ordinal);
        Assert.Contains((string)gate["evidence_sha256"]!, report.Html, StringComparison.Ordinal);
        Assert.Equal(
            gate["criteria"]!.AsArray().Select(c => $"{c!["name"]}|{c["expected"]}|{c["actual"]}|{Met((bool?)c["passed"])}"),
            report.Rows("gate-ApplyReview").Select(r => $"{r[0]}|{r[2]}|{r[3]}|{r[1][2..]}"));
    }

    [Fact]
    public async Task The_timeline_adds_up_to_the_run()
    {
        var run = (await world.MixedRunAsync()).Run;
        var rows = (await world.ReportAsync(run.RunId)).Rows("timeline-table");
        Assert.Equal(
            [run.Total, run.Succeeded, run.NoEffect, run.Failed, run.Skipped, run.Unknown],
            new[] { 2, 3, 4, 5, 6, 7 }.Select(column => rows.Sum(r => int.Parse(r[column], NumberStyles.AllowThousands, CultureInfo.InvariantCulture))));
        Assert.Equal(
            await world.ScalarAsync<long>("select count(distinct (session_id, fence)) from backfill.operation where run_id = $1 and sent_at is not null", run.RunId),
            rows.Sum(r => long.Parse(r[1], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task A_frequent_failure_never_hides_a_rare_one()
    {
        await world.FreshAsync();
        var sessions = world.WithProfile.Take(8).ToArray();
        var runId = (await world.ApplyAsync(ApplyWorld.PlanOf(sessions))).Run.RunId;
        await world.ExecuteAsync("update backfill.item set outcome = 'Failed', category = 'Timeout' where run_id = $1 and ordinal > 1", runId);
        await world.ExecuteAsync("update backfill.item set category = 'Database' where run_id = $1 and ordinal = 7", runId);
        await world.ExecuteAsync("update backfill.item set outcome = 'Unknown' where run_id = $1 and ordinal = 8", runId);
        foreach (var (most, expected) in new[] { (3, "2 7 8"), (4, "2 3 7 8"), (20, "1 2 3 4 5 6 7 8") })
        {
            var some = await world.Connection.Target.Reports.ReadSomeSessionsAsync(runId, most, CancellationToken.None).ToListAsync();
            Assert.Equal(expected, string.Join(' ', some.Select(s => s.Ordinal)));
        }
    }

    private static string Met(bool? passed) => passed switch { true => "yes", false => "no", null => "not measured" };
}
