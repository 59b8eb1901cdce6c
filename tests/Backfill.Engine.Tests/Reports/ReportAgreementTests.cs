using System.Text.Json.Nodes;
using Backfill.Engine.Connections;
using Backfill.Engine.Rollback;
using Backfill.Engine.Soak;
using Backfill.Engine.Tests.Soak;

namespace Backfill.Engine.Tests.Reports;

/// <summary>One run, four documents: the page, execution_results.json, events.jsonl and metrics.prom. None says other figures than the rest.</summary>
[Collection(ReportCollection.Name)]
public sealed class ReportAgreementTests(ReportWorld world)
{
    private static readonly (string Json, BackfillOutcome Outcome)[] Outcomes =
    [
        ("successful_sessions", BackfillOutcome.Succeeded), ("no_effect_sessions", BackfillOutcome.NoEffect), ("failed_sessions", BackfillOutcome.Failed),
        ("skipped_sessions", BackfillOutcome.Skipped), ("unknown_sessions", BackfillOutcome.Unknown),
    ];

    [Fact]
    public async Task A_run_of_all_outcomes_that_was_resumed_soaked_and_rolled_back_in_part_reads_the_same_everywhere()
    {
        var (run, folder, firstMetrics) = await world.TroubledRunAsync();
        var json = await ResultsAsync(folder);
        Assert.All(Outcomes, o => Assert.True((int)json[o.Json]! > 0, $"The run should have {o.Outcome}."));
        await AllAgreeAsync(run.RunId, folder);

        // What its two workers counted adds up to the whole.
        var (settled, metrics) = (Settled(await EventsAsync(folder)), await PromText.ReadAsync(folder));
        Assert.Equal((int)json["total_sessions"]!, settled.Count);
        foreach (var kind in settled.GroupBy(e => (Outcome: Text(e, "backfill.outcome"), Category: Text(e, "error.type"))))
        {
            (string, string)[] labels = kind.Key.Category is "–" ? [("backfill_outcome", kind.Key.Outcome)] : [("backfill_outcome", kind.Key.Outcome), ("error_type", kind.Key.Category)];
            Assert.Equal((kind.Key, (double)kind.Count()), (kind.Key, firstMetrics.Sum("backfill_sessions_total", labels) + metrics.Sum("backfill_sessions_total", labels)));
        }

        const string Calls = "backfill_operation_duration_seconds_count";
        var sent = await world.ScalarAsync<long>("select count(*) from backfill.operation where run_id = $1 and sent_at is not null", run.RunId);
        Assert.Equal(sent, firstMetrics.Sum(Calls) + metrics.Sum(Calls));
        Assert.Equal(sent, settled.Sum(e => (long)e["attributes"]!["backfill.session.attempts"]!));

        // What the pace lets through is counted alike: first calls, and repeated ones.
        var starts = (await world.Connection.Target.Reports.ReadTimelineAsync(run.RunId, new(run.StartedAt!.Value, TimeSpan.FromMinutes(1), 1), CancellationToken.None)).Sum(p => p.Starts);
        Assert.Equal(starts, firstMetrics.Sum("backfill_session_attempts_total") + metrics.Sum("backfill_session_attempts_total"));
        Assert.True(starts > await world.ScalarAsync<long>("select count(distinct (session_id, fence)) from backfill.operation where run_id = $1 and sent_at is not null", run.RunId));
        Assert.Equal(starts, run.PeakPerMinute);

        await world.ApproveAsync(run.RunId, BackfillGateName.ApplyReview);
        var soak = new SoakRequest
        {
            RunId = run.RunId, Duration = TimeSpan.FromSeconds(1), Interval = TimeSpan.FromMilliseconds(500), GracePeriod = TimeSpan.Zero, TokenSample = 3, OutputPath = folder,
        };
        await new SoakPhase(world.Connection, TimeProvider.System).RunAsync(soak, new SoakSink(), CancellationToken.None);
        await SoakAgreesAsync(run.RunId, folder);

        Guid[] some = [world.New[0], world.New[4]];
        var undone = await new RollbackPhase(world.Connection).UndoAsync(
            new(Guid.CreateVersion7(), new(run.RunId, some), BackfillConflictRule.Stop, "tester@here", "a test"), CancellationToken.None);
        Assert.Empty(undone.Conflicts);
        // Of a completed run the artifacts are written again.
        await world.ApplyAsync(new ApplyRequest { RunId = run.RunId, OutputPath = folder });
        var report = await AllAgreeAsync(run.RunId, folder);
        await SoakAgreesAsync(run.RunId, folder);
        Assert.Equal(
            some.Select(s => s.ToString()).Order(StringComparer.Ordinal),
            report.Rows("sessions").Where(r => r[9].Contains('↺', StringComparison.Ordinal)).Select(r => r[1]).Order(StringComparer.Ordinal));
        Assert.Contains("2 of 7 sessions were rolled back", report.Html, StringComparison.Ordinal);
        Assert.Equal(
            undone.Results.Select(r => $"{r.Table} {r.Deleted} {r.Restored} {r.Reinserted} {r.Conflicts}").Order(StringComparer.Ordinal),
            report.Rows("rollback-table").Select(r => $"{r[1]} {r[2]} {r[3]} {r[4]} {r[5]}").Order(StringComparer.Ordinal));
    }

    private async Task<ReportText> AllAgreeAsync(Guid runId, string folder)
    {
        var (json, events, metrics) = (await ResultsAsync(folder), await EventsAsync(folder), await PromText.ReadAsync(folder));
        var report = await world.ReportAsync(runId);
        report.MustShow(json);
        SessionsAgree(json, Settled(events), report);
        FiguresAgree(json, events.Last(e => Name(e) == "backfill.run.state_changed"), metrics);
        GatesAgree(json, events, metrics, report);
        return report;
    }

    private static void SessionsAgree(JsonNode json, IReadOnlyList<JsonNode> settled, ReportText report)
    {
        Assert.Equal(
            report.Rows("sessions").Select(r => $"{r[1]} {r[2]} {r[3].Split(' ')[^1]} {(r[3].EndsWith("Skipped", StringComparison.Ordinal) ? "–" : r[4])} {r[6]} {r[9].Replace(" ↺", "", StringComparison.Ordinal)}").Order(StringComparer.Ordinal),
            settled.Select(e => $"{Text(e, "backfill.session.id")} {Text(e, "backfill.batch.id")} {Text(e, "backfill.outcome")} {Text(e, "error.type")} {Text(e, "backfill.session.attempts")} {Rows(e)}").Order(StringComparer.Ordinal));
        Assert.Equal(
            json["errors"]!.AsArray().Select(e => $"{e!["session_id"]} {e["batch_id"]} {e["outcome"]} {e["category"]} {e["error"]}").Order(StringComparer.Ordinal),
            settled.Where(e => Text(e, "backfill.outcome") is not ("Succeeded" or "Skipped"))
                .Select(e => $"{Text(e, "backfill.session.id")} {Text(e, "backfill.batch.id")} {Text(e, "backfill.outcome")} {Text(e, "error.type")} {e["body"]}").Order(StringComparer.Ordinal));
        foreach (var batch in json["batch_results"]!.AsArray())
        {
            var ofBatch = settled.Where(e => Text(e, "backfill.batch.id") == (string)batch!["batch_id"]!).ToList();
            Assert.Equal((int)batch!["total_sessions"]!, ofBatch.Count);
            Assert.All(Outcomes, o => Assert.Equal((o.Outcome, (int)batch[o.Json]!), (o.Outcome, ofBatch.Count(e => Text(e, "backfill.outcome") == o.Outcome.ToString()))));
        }

        Assert.Equal(
            settled.Where(e => Text(e, "error.type") is not "–").GroupBy(e => $"{Text(e, "backfill.outcome")} {Text(e, "error.type")}").Select(g => $"{g.Key} {g.Count()}").Order(StringComparer.Ordinal),
            report.Rows("category-table").Select(r => $"{r[0].Split(' ')[^1]} {r[1]} {r[2]}").Order(StringComparer.Ordinal));
    }

    private static void FiguresAgree(JsonNode json, JsonNode ended, PromText metrics)
    {
        Assert.Equal((string)json["state"]!, Text(ended, "backfill.state"));
        Assert.Equal(1, metrics.Value("backfill_run_state", ("backfill_state", (string)json["state"]!)));
        foreach (var (name, outcome) in Outcomes)
        {
            var inEvent = $"backfill.run.{name[..^"_sessions".Length].Replace("successful", "succeeded", StringComparison.Ordinal)}";
            Assert.Equal((name, (int)json[name]!), (name, int.Parse(Text(ended, inEvent), System.Globalization.CultureInfo.InvariantCulture)));
            Assert.Equal((name, (double)(int)json[name]!), (name, metrics.Value("backfill_run_sessions", ("backfill_outcome", outcome.ToString()))));
        }

        Assert.Equal($"{json["total_sessions"]} {json["remaining_sessions"]} {json["peak_per_minute"]}", $"{Text(ended, "backfill.run.total")} {Text(ended, "backfill.run.remaining")} {Text(ended, "backfill.pace.peak")}");
        Assert.Equal((int)json["remaining_sessions"]!, metrics.Value("backfill_run_remaining"));
        Assert.Equal((int)json["peak_per_minute"]!, metrics.Value("backfill_pace_peak"));
        Assert.Equal((int)json["throttle_per_minute"]!, metrics.Value("backfill_pace_limit"));
    }

    private static void GatesAgree(JsonNode json, IReadOnlyList<JsonNode> events, PromText metrics, ReportText report)
    {
        foreach (var gate in json["gates"]!["items"]!.AsArray())
        {
            var name = (string)gate!["name"]!;
            Assert.Contains($"Gate {name}: {gate["status"]}", report.Html, StringComparison.Ordinal);
            Assert.Equal(
                gate["criteria"]!.AsArray().Select(c => $"{c!["name"]}|{c["expected"]}|{c["actual"]}|{Met((bool?)c["passed"])}"),
                report.Rows($"gate-{name}").Select(r => $"{r[0]}|{r[2]}|{r[3]}|{r[1][2..]}"));
            if ((string)gate["status"]! != "Pending")
            {
                Assert.Equal((name, 0), (name, metrics.Value("backfill_gate_pending_since_timestamp_seconds", ("backfill_gate_name", name))));
                continue;
            }

            var raised = events.Last(e => Name(e) == "backfill.gate.raised" && Text(e, "backfill.gate.name") == name);
            Assert.Equal(((string)gate["evidence_sha256"]!, (bool)gate["passed"]!), (Text(raised, "backfill.gate.evidence_sha256"), (bool)raised["attributes"]!["backfill.gate.passed"]!));
            Assert.True(metrics.Value("backfill_gate_pending_since_timestamp_seconds", ("backfill_gate_name", name)) > 0);
        }

        Assert.Equal((int)json["gates"]!["chain_count"]!, report.Html.Contains("Nobody has decided", StringComparison.Ordinal) ? 0 : report.Rows("decision-table").Count);
    }

    private async Task SoakAgreesAsync(Guid runId, string folder)
    {
        var (events, metrics, report) = (await EventsAsync(folder), await PromText.ReadAsync(folder), await world.ReportAsync(runId));
        var checks = report.Rows("check-table");
        Assert.Equal(8, checks.Count);
        Assert.All(checks, c =>
        {
            var counted = c[4] == "–" ? double.NaN : double.Parse(c[4], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal((c[0], counted), (c[0], metrics.Value("backfill_soak_check_actual", ("backfill_soak_check_name", c[0]))));
            Assert.Equal((c[0], 1), (c[0], metrics.Value("backfill_soak_check_status", ("backfill_soak_check_name", c[0]), ("backfill_state", c[1].Split(' ')[^1]))));
            Assert.Equal((c[0], 1), (c[0], metrics.Value("backfill_soak_check_status", ("backfill_soak_check_name", c[0]))));
        });
        Assert.Equal(
            events.Where(e => Name(e) == "backfill.soak.sampled").Select(e => $"{Text(e, "backfill.soak.sample.number")} {Text(e, "backfill.state")} {Text(e, "backfill.soak.completed_sessions")} {Text(e, "backfill.soak.version_overrides")} {Text(e, "backfill.soak.legacy_fc_scores")}"),
            report.Rows("sample-table").Select(r => $"{r[0]} {r[2]} {r[3]} {r[7]} {r[8]}"));
        var ended = events.Last(e => Name(e) == "backfill.soak.ended");
        Assert.Contains($"<strong>{Text(ended, "backfill.state")}</strong>", report.Html, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> ResultsAsync(string folder) =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "backfill_logs", "execution_results.json")))!;

    private static async Task<IReadOnlyList<JsonNode>> EventsAsync(string folder) =>
        [.. (await File.ReadAllLinesAsync(Path.Combine(folder, "backfill_logs", "events.jsonl"))).Select(line => JsonNode.Parse(line)!)];

    private static List<JsonNode> Settled(IEnumerable<JsonNode> events) => [.. events.Where(e => Name(e) == "backfill.session.settled")];

    private static string Name(JsonNode item) => (string)item["event_name"]!;

    /// <summary>An attribute; a dash, as in the page, where there is none.</summary>
    private static string Text(JsonNode item, string attribute) => item["attributes"]![attribute]?.ToString() ?? "–";

    private static string Rows(JsonNode settled) => string.Join(
        ' ',
        new[] { ("+", "inserted"), ("~", "updated"), ("-", "deleted") }
            .Select(c => (Sign: c.Item1, Count: Text(settled, $"backfill.rows.{c.Item2}"))).Where(c => c.Count != "0").Select(c => $"{c.Sign}{c.Count}"));

    private static string Met(bool? passed) => passed switch { true => "yes", false => "no", null => "not measured" };
}
