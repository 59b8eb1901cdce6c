using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Signals;

/// <summary>The rules and the dashboard, against what a real run leaves.</summary>
[Collection(SignalCollection.Name)]
public sealed partial class MonitoringTests(SignalWorld world)
{
    [Fact]
    public async Task The_metrics_of_a_real_run_are_sound_for_promtool()
    {
        Tool.Require("promtool");
        foreach (var text in new[] { world.MetricsOfHalt, world.MetricsOfRun, await File.ReadAllTextAsync(world.MetricsPath) })
        {
            var (exit, output) = await Tool.PromtoolAsync(text, "check", "metrics");
            Assert.True(exit == 0 && output.Length == 0, output);
        }
    }

    [Fact]
    public async Task The_rules_are_sound()
    {
        Tool.Require("promtool");
        var (exit, output) = await Tool.PromtoolAsync("", "check", "rules", MonitoringFiles.Rules);
        Assert.True(exit == 0, output);
        Assert.Contains($"{MonitoringFiles.Alerts.Count} rules found", output, StringComparison.Ordinal);
    }

    /// <summary>promtool needs a second for each of its 66 cases.</summary>
    [Fact]
    [Trait("Lane", "full")]
    public async Task The_rules_fire_when_they_should_and_only_then()
    {
        Tool.Require("promtool");
        var (exit, output) = await Tool.PromtoolAsync("", "test", "rules", MonitoringFiles.RuleTests);
        Assert.True(exit == 0, output);
    }

    [Fact]
    public void Every_rule_is_tested_firing_and_quiet()
    {
        var tests = File.ReadAllText(MonitoringFiles.RuleTests);
        foreach (var (alert, _, _) in MonitoringFiles.Alerts)
        {
            Assert.Contains($"'{alert} fires: ", tests, StringComparison.Ordinal);
            Assert.Contains($"'{alert} is quiet: ", tests, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_rule_says_what_is_wrong_and_leads_to_a_runbook_and_to_cmdlets_that_exist()
    {
        Assert.True(MonitoringFiles.Alerts.Count >= 15);
        foreach (var (alert, _, text) in MonitoringFiles.Alerts)
        {
            Assert.Matches(Severity(), text);
            Assert.Contains("          summary: ", text, StringComparison.Ordinal);
            Assert.Contains("          description: ", text, StringComparison.Ordinal);
            var runbook = Runbook().Match(text).Groups[1].Value;
            Assert.True(File.Exists(Path.Combine(TestRepository.Root, runbook)), $"{alert}: {runbook}");
            var cmdlets = Cmdlet().Matches(text).Select(m => m.Value).Where(c => c != "Format-List").ToList();
            Assert.NotEmpty(cmdlets);
            Assert.All(cmdlets, c => Assert.True(File.Exists(Path.Combine(TestRepository.Root, "docs", "cmdlets", $"{c}.md")), $"{alert}: {c}"));
        }
    }

    [Fact]
    public void Every_metric_that_is_asked_for_exists_in_what_a_real_run_leaves()
    {
        var metrics = new MetricText(File.ReadAllText(world.MetricsPath));
        var asked = MonitoringFiles.Queries.Select(q => (Who: q.Panel, q.Query))
            .Concat(MonitoringFiles.Alerts.Select(a => (Who: a.Alert, Query: a.Expression)))
            .SelectMany(a => MonitoringFiles.SelectorsOf(a.Query).Select(s => (a.Who, Name: MonitoringFiles.NameOf(s)))).ToList();
        Assert.True(asked.Count > 50, "Too little was found to look for.");
        Assert.All(asked, a => Assert.True(metrics.Types.ContainsKey(metrics.FamilyOf(a.Name)), $"{a.Who} asks for {a.Name}."));
        Assert.All(MonitoringFiles.Alerts, a => Assert.NotEmpty(MonitoringFiles.SelectorsOf(a.Expression)));
        // What nobody looks at is not worth its place.
        Assert.Empty(metrics.Types.Keys.Except(asked.Select(a => metrics.FamilyOf(a.Name))));
    }

    [Fact]
    public void The_dashboard_can_be_imported()
    {
        var dashboard = MonitoringFiles.Dashboard;
        Assert.True((int)dashboard["schemaVersion"]! >= 39);
        Assert.Null((int?)dashboard["id"]);
        var panels = dashboard["panels"]!.AsArray().Select(p => p!).ToList();
        Assert.Equal(panels.Count, panels.Select(p => (int)p["id"]!).Distinct().Count());
        var shown = panels.Where(p => (string)p["type"]! != "row").ToList();
        Assert.All(shown, p => Assert.NotEmpty((string?)p["description"] ?? ""));
        Assert.All(shown, p => Assert.NotEmpty(p["targets"]!.AsArray()));
        // Wherever it is imported, the data source is chosen there.
        Assert.All(Sources(dashboard), uid => Assert.Equal("${datasource}", uid));
        Assert.All(MonitoringFiles.Queries, q => Assert.Contains("""deployment_environment_name=~"$environment""", q.Query, StringComparison.Ordinal));
        var places = shown.Select(p => p["gridPos"]!).Select(g => (X: (int)g["x"]!, Y: (int)g["y"]!, W: (int)g["w"]!, H: (int)g["h"]!)).ToList();
        Assert.All(places, p => Assert.InRange(p.X + p.W, 1, 24));
        Assert.DoesNotContain(
            places.SelectMany((a, i) => places.Skip(i + 1).Select(b => (a, b))),
            p => p.a.X < p.b.X + p.b.W && p.b.X < p.a.X + p.a.W && p.a.Y < p.b.Y + p.b.H && p.b.Y < p.a.Y + p.a.H);
    }

    private static IEnumerable<string?> Sources(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m =>
            m.Key == "datasource" && m.Value is JsonObject source ? [(string?)source["uid"]] : Sources(m.Value)),
        JsonArray items => items.SelectMany(Sources),
        _ => [],
    };

    [GeneratedRegex(@"labels: \{severity: (critical|warning|info)\}")]
    private static partial Regex Severity();

    [GeneratedRegex(@"          runbook: (\S+)")]
    private static partial Regex Runbook();

    [GeneratedRegex(@"(?<=cmdlet: .*)\b[A-Z][a-z]+-[A-Z]\w+")]
    private static partial Regex Cmdlet();
}
