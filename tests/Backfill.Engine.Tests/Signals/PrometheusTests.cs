using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Signals;

/// <summary>The rules and the dashboard in a real Prometheus, while a real run goes on.</summary>
[Collection(SignalCollection.Name)]
public sealed class PrometheusTests(SignalWorld world)
{
    [Fact]
    [Trait("Lane", "full")]
    public async Task Every_query_of_the_dashboard_and_every_series_of_the_rules_has_data()
    {
        Tool.Require("prometheus");
        // The soak, the health check and the gates are those of the world; its run is replaced by one that goes on now.
        var folder = ApplyWorld.NewFolder();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "backfill_logs")).FullName, "metrics.prom");
        File.Copy(world.MetricsPath, file);
        await using var prometheus = await PrometheusServer.StartAsync(file);
        var run = await world.FrozenAsync(ApplyWorld.PlanOf([.. world.WithBoth.Skip(5).Take(30)]), RunWorld.Quick with { ThrottlePerMinute = 120 });
        var applying = world.ApplyAsync(new ApplyRequest { RunId = run.Id, OutputPath = folder });

        // Meanwhile: what only a run under way can show.
        var settled = await Patiently.AskAsync(() => prometheus.AskAsync("""backfill_run_state{backfill_state="Running"} == 1 and ignoring (backfill_state) backfill_run_remaining < 30"""), r => r.Count > 0);
        Assert.Single(settled);
        var ended = await applying;
        Assert.Equal(BackfillRunState.Completed, ended.Run.State);
        Assert.Single(await Patiently.AskAsync(() => prometheus.AskAsync("""backfill_run_state{backfill_state="Completed"} == 1"""), r => r.Count > 0));

        foreach (var (panel, query) in MonitoringFiles.Queries)
        {
            var asked = query.Replace("$environment", ".*", StringComparison.Ordinal).Replace("$__rate_interval", "1m", StringComparison.Ordinal)
                .Replace("$__range", "5m", StringComparison.Ordinal);
            Assert.True((await prometheus.AskAsync(asked)).Count > 0, $"{panel}: {asked}");
        }

        foreach (var (alert, expression, _) in MonitoringFiles.Alerts)
        {
            foreach (var selector in MonitoringFiles.SelectorsOf(expression))
            {
                // This world is staging; the rule that is for production only finds its series there.
                var asked = selector.Replace("=\"production\"", "=\"staging\"", StringComparison.Ordinal);
                Assert.True((await prometheus.AskAsync(asked)).Count > 0, $"{alert}: {asked}");
            }
        }

        // And they say what was done.
        Assert.Equal(30, await prometheus.NumberAsync("sum(backfill_run_sessions)"));
        Assert.Equal(ended.Run.PeakPerMinute!.Value, await prometheus.NumberAsync("backfill_pace_peak"));
        Assert.InRange(await prometheus.NumberAsync("sum(increase(backfill_session_attempts_total[1m]))"), 5, 60);
        Assert.InRange(await prometheus.NumberAsync("""rate(backfill_waiting_seconds_total{backfill_wait_cause="Pace"}[1m])"""), 0.1, 1.1);
        var rules = await Patiently.AskAsync(prometheus.RulesAsync, r => r.All(x => x.Health == "ok"));
        Assert.Equal(
            MonitoringFiles.Alerts.Select(a => a.Alert).Order(StringComparer.Ordinal), rules.Select(r => r.Name).Order(StringComparer.Ordinal));
        Assert.All(rules, r => Assert.Equal(("ok", "inactive"), (r.Health, r.State)));
    }
}
