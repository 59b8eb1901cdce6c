using Backfill.Engine.Connections;
using Backfill.Engine.Reports.Files;
using Backfill.Engine.Rollback;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Reports;

/// <summary>What a report tells of a run's life, and the file that it is.</summary>
[Collection(ReportCollection.Name)]
public sealed class ReportFileTests(ReportWorld world)
{
    [Fact]
    public async Task Text_from_elsewhere_stays_text_wherever_it_stands()
    {
        var report = await world.ReportAsync(await world.HostileRunAsync());
        Assert.Equal(
            ReportWorld.HostileTexts.Select(t => t.Length <= 160 ? t : t[..160]),
            report.Rows("sessions").Where(r => r[3] == "✗ Failed").Select(r => r[5].Split('…')[0]));
        Assert.Contains(System.Net.WebUtility.HtmlEncode(ReportWorld.HostileTexts[^1]), report.Html, StringComparison.Ordinal);
        Assert.Equal((1, 1, 0, 0), (report.Count("script"), report.Count("style"), report.Count("img"), report.Count("iframe")));
        Assert.Contains(report.Rows("decision-table"), r => r[5] == ReportWorld.HostileTexts[1]);
        Assert.Contains(report.Rows("event-table"), r => r[4] == ReportWorld.HostileTexts[1]);
    }

    [Fact]
    public async Task The_same_run_gives_the_same_page_and_another_runs_page_is_kept()
    {
        var (one, other) = ((await world.MixedRunAsync()).Run.RunId, (await world.ApplyAsync(ApplyWorld.PlanOf(world.WithProfile[5]))).Run.RunId);
        var path = Path.Combine(ApplyWorld.NewFolder(), "report.html");
        var first = await world.ReportAsync(one, path);
        Assert.Equal(first.WithoutWriteTime, (await world.ReportAsync(one, path)).WithoutWriteTime);
        await world.ReportAsync(other, path);
        Assert.Equal(["report.html", $"report.{one}.html"], Directory.GetFiles(Path.GetDirectoryName(path)!).Select(Path.GetFileName).Order(StringComparer.Ordinal).Reverse());
        Assert.Equal(other, ArtifactFile.OwnerOf(path));
    }

    [Fact]
    public async Task Decisions_that_are_not_as_they_were_written_are_told_first()
    {
        await world.FreshAsync();
        var runId = (await world.ApplyAsync(ApplyWorld.PlanOf(world.WithProfile[0]))).Run.RunId;
        await world.ApproveAsync(runId, BackfillGateName.ApplyReview);
        var whole = await world.ReportAsync(runId);
        Assert.Contains("The chain of decisions is whole", whole.Html, StringComparison.Ordinal);
        Assert.Contains("No criterion of ApplyReview fails, and 1 of 11 could not be measured.", whole.Html, StringComparison.Ordinal);
        await world.ExecuteAsync("update backfill.gate set reason = 'another one' where run_id = $1", runId);
        var broken = await world.ReportAsync(runId);
        Assert.Equal("decision 1 is not as it was written", broken.Figures["gates/chain_break"]);
        Assert.Matches("id=\"verdict-title\">[^<]*</h2>\\s*<p class=\"verdict bad\">.*not as they were written", broken.Html);
    }

    [Fact]
    public async Task A_rollback_is_told_table_by_table()
    {
        await world.FreshAsync();
        var runId = (await world.ApplyAsync(ApplyWorld.PlanOf(world.New[0], world.New[1]))).Run.RunId;
        var undo = new RollbackOrder(Guid.CreateVersion7(), new(runId), BackfillConflictRule.Stop, "tester@here", "a <test>");
        var done = await world.Connection.Target.Rollbacks.UndoAsync(undo, CancellationToken.None);
        var report = await world.ReportAsync(runId);
        Assert.Contains("The run was rolled back.", report.Html, StringComparison.Ordinal);
        Assert.Equal(
            done.Results.OrderBy(r => r.Table, StringComparer.Ordinal).Select(r => $"{r.Table} {r.Deleted} {r.Restored} {r.Reinserted} {r.Conflicts} a <test>"),
            report.Rows("rollback-table").Select(r => $"{r[1]} {r[2]} {r[3]} {r[4]} {r[5]} {r[9]}"));
    }

    [Fact]
    public async Task A_run_that_has_not_begun_has_a_report_too()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        var report = await world.ReportAsync(run.Id);
        Assert.Equal(("3", "3", "–"), (report.Figures["total_sessions"], report.Figures["remaining_sessions"], report.Figures["execution_start"]));
        Assert.Contains("The run has not started.", report.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_not_there_and_a_place_that_takes_no_file_are_refused()
    {
        var report = new Backfill.Engine.Reports.Html.HtmlReport(world.Connection);
        var missing = await Assert.ThrowsAsync<BackfillException>(() => report.WriteAsync(Guid.NewGuid(), Path.Combine(ApplyWorld.NewFolder(), "x.html"), CancellationToken.None));
        Assert.Equal("RunNotFound", missing.Code);
        var file = Path.Combine(ApplyWorld.NewFolder(), "file");
        await File.WriteAllTextAsync(file, "");
        var blocked = await Assert.ThrowsAnyAsync<BackfillException>(() => report.WriteAsync(Guid.NewGuid(), Path.Combine(file, "x.html"), CancellationToken.None));
        Assert.Equal("FileNotWritten", blocked.Code);
    }
}
