using System.Text.Json.Nodes;
using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>What a collector receives of a real run, decoded from the requests themselves.</summary>
[Collection(SandboxTests.Name)]
public sealed class OtlpTests(OtlpRun run) : IClassFixture<OtlpRun>
{
    private const string RunId = "backfill.run.id";

    [Fact]
    public void A_run_is_one_trace_from_run_to_session_to_operation()
    {
        var spans = run.Collector.Spans;
        var root = Assert.Single(spans, s => s.Name == "backfill.run" && s.Text(RunId) == run.Good);
        Assert.Equal(("", ExportedSpan.Internal, "Backfill"), (root.ParentId, root.Kind, root.Scope));
        Assert.Equal(("staging", "Completed"), (root.Text("deployment.environment.name"), root.Text("backfill.state")));

        var trace = spans.Where(s => s.TraceId == root.TraceId).ToList();
        Assert.Equal(
            ["backfill.claim", "backfill.operation", "backfill.run", "backfill.session", "backfill.settle"],
            trace.Select(s => s.Name).Distinct().Order(StringComparer.Ordinal));
        var sessions = trace.Where(s => s.Name == "backfill.session").ToList();
        Assert.Equal(2, sessions.Count);
        Assert.All(sessions, s => Assert.Equal((root.SpanId, "Succeeded", "named"), (s.ParentId, s.Text("backfill.outcome"), s.Text("backfill.batch.id"))));
        Assert.All(trace.Where(s => s.Name == "backfill.claim"), s => Assert.Equal(root.SpanId, s.ParentId));
        foreach (var session in sessions)
        {
            var inside = trace.Where(s => s.ParentId == session.SpanId).OrderBy(s => s.Start).ToList();
            Assert.Equal(["backfill.operation", "backfill.operation", "backfill.settle"], inside.Select(s => s.Name));
            Assert.Equal(["score_fc_session", "score_prism"], inside.Take(2).Select(s => s.Text("faas.invoked_name")));
            Assert.All(inside.Take(2), s => Assert.Equal(session.Text("backfill.session.id"), s.Text("backfill.session.id")));
            Assert.All(inside, s => Assert.True(session.Start <= s.Start && s.End <= session.End && s.Start <= s.End));
        }

        // Nothing hangs in the air: every parent was exported too, in the same trace.
        Assert.All(spans.Where(s => s.ParentId.Length > 0), s => Assert.Contains(spans, p => p.SpanId == s.ParentId && p.TraceId == s.TraceId));
        Assert.Equal(spans.Count, spans.Select(s => s.SpanId).Distinct().Count());
    }

    [Fact]
    public void Each_phase_is_a_trace_of_its_own_and_a_refused_one_is_an_error()
    {
        var roots = run.Collector.Spans.Where(s => s.ParentId.Length == 0).OrderBy(s => s.Start).ToList();
        Assert.Equal(
            [("backfill.run", run.Good), ("backfill.soak", run.Good), ("backfill.rollback", run.Good), ("backfill.run", run.Bad), ("backfill.run", null), ("backfill.health", null)],
            roots.Select(s => (s.Name, s.Text(RunId))));
        Assert.Equal("RunNotResumable", run.Refusal);
        Assert.Equal((ExportedSpan.Error, run.Refusal), (roots[4].Status, roots[4].Text("error.type")));
        Assert.All(roots.Where((_, i) => i != 4), s => Assert.Equal(0UL, s.Status));
        Assert.Equal(roots.Count, roots.Select(s => s.TraceId).Distinct().Count());

        var soak = roots[1];
        var samples = run.Collector.Spans.Where(s => s.Name == "backfill.soak.sample" && s.ParentId == soak.SpanId).OrderBy(s => s.Start).ToList();
        Assert.Equal(2, samples.Select(s => s.Attributes["backfill.soak.sample.number"]).Distinct().Count());
        Assert.All(samples, s => Assert.Equal((ExportedSpan.Client, "postgresql"), (s.Kind, s.Text("db.system.name"))));
        Assert.Equal("staging", roots[2].Text("deployment.environment.name"));
    }

    [Fact]
    public void Spans_carry_the_attributes_of_the_conventions_and_a_failure_is_an_error()
    {
        var spans = run.Collector.Spans;
        var traces = spans.Where(s => s.Name == "backfill.run" && s.Status == 0).ToDictionary(s => s.Text(RunId)!, s => s.TraceId);
        var good = spans.Where(s => s.TraceId == traces[run.Good] && s.Name == "backfill.operation").ToList();
        Assert.Equal(4, good.Count);
        Assert.All(good, s =>
        {
            Assert.Equal((ExportedSpan.Client, 0UL, "POST", 200L), (s.Kind, s.Status, s.Text("http.request.method"), s.Attributes["http.response.status_code"]));
            Assert.Equal(("supabase", 1L), (s.Text("faas.invoked_provider"), s.Attributes["backfill.attempt"]));
            Assert.DoesNotContain("error.type", s.Attributes.Keys);
        });
        Assert.All(
            spans.Where(s => s.Name is "backfill.claim" or "backfill.settle"),
            s => Assert.Equal((ExportedSpan.Client, "postgresql", "backfill"), (s.Kind, s.Text("db.system.name"), s.Text("db.namespace"))));

        var bad = spans.Where(s => s.TraceId == traces[run.Bad] && s.Name == "backfill.operation").OrderBy(s => s.Start).ToList();
        Assert.Equal([(0UL, 200L, null), (ExportedSpan.Error, 400L, "400")], bad.Select(s => (s.Status, (long)s.Attributes["http.response.status_code"]!, s.Text("error.type"))));
        var failed = Assert.Single(spans, s => s.TraceId == traces[run.Bad] && s.Name == "backfill.session");
        Assert.Equal(("Failed", "Validation", ExportedSpan.Error), (failed.Text("backfill.outcome"), failed.Text("error.type"), failed.Status));
    }

    [Fact]
    public void Metrics_count_what_was_done()
    {
        var points = run.Collector.Points;
        // Phases come and go in the process; a request has each metric once, with each set of labels once.
        Assert.All(run.Collector.PointsByRequest, request => Assert.Distinct(request.Select(p => $"{p.Metric} {Labels(p)}")));
        Assert.All(points, p => Assert.DoesNotContain(null, p.Attributes.Values));
        Assert.Equal(2, Last(points, "backfill.sessions", ("backfill.outcome", "Succeeded")).Value);
        Assert.Equal(1, Last(points, "backfill.sessions", ("backfill.outcome", "Failed"), ("error.type", "Validation")).Value);
        Assert.Equal(1, Last(points, "backfill.gate.decisions", ("backfill.gate.name", "ApplyReview"), ("backfill.action", "Approved")).Value);
        var call = Last(points, "backfill.operation.duration", ("faas.invoked_name", "score_prism"), ("http.response.status_code", "200"));
        Assert.Equal(("histogram", "s", 2UL), (call.Kind, call.Unit, call.Count));
        Assert.Equal(1UL, Last(points, "backfill.operation.duration", ("faas.invoked_name", "score_prism"), ("error.type", "Validation")).Count);
        // Calls take from tens of milliseconds up to the platform's limit of 150 s.
        Assert.Equal((0.05, 150), (call.Bounds[0], call.Bounds[^1]));

        var expected = new[]
        {
            ("backfill.breaker.open", "gauge"), ("backfill.gate.decisions", "sum"), ("backfill.gate.pending_since.timestamp", "gauge"),
            ("backfill.health.candidates", "gauge"), ("backfill.operation.duration", "histogram"), ("backfill.pace.limit", "gauge"), ("backfill.pace.peak", "gauge"),
            ("backfill.run.last_activity.timestamp", "gauge"), ("backfill.run.remaining", "gauge"), ("backfill.run.sessions", "gauge"),
            ("backfill.run.state", "gauge"), ("backfill.sessions", "sum"), ("backfill.soak.check.actual", "gauge"),
            ("backfill.soak.check.expected", "gauge"), ("backfill.soak.check.status", "gauge"), ("backfill.soak.conversion.baseline", "gauge"),
        };
        Assert.Empty(expected.Except(points.Select(p => (p.Metric, p.Kind))));
        // No label that grows with the work: no session, no run.
        Assert.All(points, p => Assert.DoesNotContain(p.Attributes.Keys, k => k is "backfill.session.id" or RunId or "backfill.batch.id"));
        Assert.All(points, p => Assert.Equal("staging", p.Text("deployment.environment.name")));
    }

    [Fact]
    public void Logs_are_the_events_of_the_file_and_carry_the_trace_of_the_run()
    {
        var logs = run.Collector.Logs;
        var traces = run.Collector.Spans.Where(s => s.Name == "backfill.run" && s.Status == 0).ToDictionary(s => s.Text(RunId)!, s => s.TraceId);
        foreach (var id in new[] { run.Good, run.Bad })
        {
            var settled = logs.Where(l => l.Event == "backfill.session.settled" && l.Text(RunId) == id).ToList();
            Assert.Equal(id == run.Good ? 2 : 1, settled.Count);
            Assert.All(settled, l => Assert.Equal(traces[id], l.TraceId));
            Assert.All(settled, l => Assert.Contains(run.Collector.Spans, s => s.SpanId == l.SpanId && s.Name == "backfill.session"));
            Assert.All(settled, l => Assert.Equal(id == run.Good ? 9UL : 17UL, l.Severity));
            Assert.Single(logs, l => l.Event == "backfill.run.state_changed" && l.TraceId == traces[id] && l.Text("backfill.state") == "Completed");
        }

        Assert.All(logs, l => Assert.DoesNotContain(null, l.Attributes.Values));
        Assert.Single(logs, l => l.Event == "backfill.gate.decided");
        Assert.Single(logs, l => l.Event == "backfill.run.rolled_back");
        var file = run.Events.Select(line => JsonNode.Parse(line)!)
            .Select(e => $"{e["event_name"]} {e["trace_id"]} {e["span_id"]} {e["severity_number"]} {e["body"]}").Order(StringComparer.Ordinal);
        // Decisions and rollbacks have no folder; a phase that has one tells both the same.
        Assert.Equal(
            file,
            logs.Where(l => l.Event is not ("backfill.gate.decided" or "backfill.run.rolled_back"))
                .Select(l => $"{l.Event} {l.TraceId} {l.SpanId} {l.Severity} {l.Body}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Nothing_that_is_exported_holds_a_secret()
    {
        var text = run.Collector.Text;
        // It could find something.
        Assert.Contains(run.Good, text, StringComparison.Ordinal);
        Assert.Contains("score_prism", text, StringComparison.Ordinal);
        Assert.All(run.Secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        foreach (var word in new[] { "Bearer", "apikey", OtlpRun.CollectorToken, "Password=", "postgresql://" })
            Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_standard_variables_say_who_exports_and_with_which_headers()
    {
        var requests = run.Collector.Requests;
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], requests.Select(r => r.Path).Distinct().Order(StringComparer.Ordinal));
        Assert.All(requests, r => Assert.Equal(("application/x-protobuf", $"Bearer {OtlpRun.CollectorToken}"), (r.ContentType, r.Authorization)));
        Assert.All(run.Collector.Resources, r =>
        {
            Assert.Equal(("backfill-of-the-test", "data", "dotnet"), (r["service.name"], r["team.name"], r["telemetry.sdk.language"]));
            Assert.Matches(@"^\d+\.\d+\.\d+", (string?)r["service.version"]);
        });
        Assert.Single(run.Collector.Resources.Select(r => r["service.instance.id"]).Distinct());
    }

    [Fact]
    public void The_assemblies_stay_out_of_the_default_context()
    {
        Assert.Equal("default 0", run.Loaded[1]);
        Assert.NotEqual("all 0", run.Loaded[0]);
    }

    private static string Labels(ExportedPoint point) => string.Join(',', point.Attributes.Select(a => $"{a.Key}={a.Value}").Order(StringComparer.Ordinal));

    private static ExportedPoint Last(IEnumerable<ExportedPoint> points, string metric, params (string Key, string Value)[] labels)
    {
        var found = points.LastOrDefault(p => p.Metric == metric && labels.All(l => p.Text(l.Key) == l.Value));
        Assert.True(found is not null, $"There is no {metric} with {string.Join(", ", labels)}.");
        return found;
    }
}
