using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Backfill.Engine.Ledger;
using Backfill.Engine.Signals;
using Backfill.Engine.Soak;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Soak;
using Microsoft.Extensions.Time.Testing;

namespace Backfill.Engine.Tests.Signals;

/// <summary>What a real run, its gates, its soak and a health check leave for whoever monitors, against what is said of it.</summary>
[Collection(SignalCollection.Name)]
public sealed partial class SignalTests(SignalWorld world)
{
    private IReadOnlyList<JsonElement> Lines { get; } = [.. File.ReadLines(world.EventsPath).Select(l => JsonDocument.Parse(l).RootElement)];

    private MetricText Metrics { get; } = new(File.ReadAllText(world.MetricsPath));

    [Fact]
    public void Every_event_is_documented_with_its_attributes_and_every_documented_one_is_emitted()
    {
        var documented = MonitoringFiles.Table("Events").ToDictionary(
            row => MonitoringFiles.Words(row[0]).Single(), row => MonitoringFiles.Words(row[^1]).Order(StringComparer.Ordinal).ToList());
        var emitted = world.Published.GroupBy(e => e.Name).ToDictionary(
            g => g.Key,
            g => g.SelectMany(e => e.Attributes).Select(a => a.Key).Where(k => k != SignalTags.Environment).Distinct().Order(StringComparer.Ordinal).ToList());
        var named = typeof(EventNames).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);

        Assert.Equal(documented.Keys.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        Assert.Equal(documented.Keys.Order(StringComparer.Ordinal), emitted.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            documented.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}: {string.Join(' ', e.Value)}"),
            emitted.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}: {string.Join(' ', e.Value)}"));
        Assert.All(world.Published, e => Assert.Contains(e.Attributes, a => a.Key == SignalTags.Environment));
    }

    [Fact]
    public void The_file_has_every_event_but_those_of_commands_without_a_folder_and_loses_none()
    {
        var documented = MonitoringFiles.Table("Events").Where(row => row[1] == "yes").Select(row => MonitoringFiles.Words(row[0]).Single());
        var names = Lines.Select(l => l.GetProperty("event_name").GetString()!).ToList();
        Assert.Equal(documented.Order(StringComparer.Ordinal), names.Distinct().Order(StringComparer.Ordinal));

        Assert.Equal(world.Settled, names.Count(n => n == EventNames.SessionSettled));
        // One for each worker that left: halted, stopped, at its end. The one that failed says so itself.
        Assert.Equal((3, 1), (names.Count(n => n == EventNames.RunState), names.Count(n => n == EventNames.WorkerFailed)));
        var claimed = names.Count(n => n == EventNames.SessionClaimed);
        var released = names.Count(n => n == EventNames.SessionReleased);
        // What the failed worker had in hand was neither settled nor given back.
        Assert.Equal(claimed, world.Settled + released + 1);
    }

    [Fact]
    public void An_event_names_the_trace_it_happened_in()
    {
        var run = Lines.Where(l => l.GetProperty("event_name").GetString() == EventNames.SessionSettled).ToList();
        Assert.All(run, l => Assert.Matches("^[0-9a-f]{32}$", l.GetProperty("trace_id").GetString()!));
        Assert.All(run, l => Assert.Matches("^[0-9a-f]{16}$", l.GetProperty("span_id").GetString()!));
        // The four that have worked on runs; the failed one has settled nothing.
        Assert.Equal(3, run.Select(l => l.GetProperty("trace_id").GetString()).Distinct().Count());
    }

    [Fact]
    public void Every_metric_is_documented_with_type_unit_and_labels_and_every_documented_one_exists()
    {
        var documented = MonitoringFiles.Table("Metrics").ToDictionary(row => MonitoringFiles.Words(row[0]).Single());
        var absent = MonitoringFiles.Table("Metrics by OTLP only").Select(row => MonitoringFiles.Words(row[0]).Single()).ToList();
        using var meter = new System.Diagnostics.Metrics.Meter("names");
        var instruments = new SignalInstruments(meter);
        var named = typeof(SignalInstruments).GetProperties().Select(p => PrometheusText.Name((System.Diagnostics.Metrics.Instrument)p.GetValue(instruments)!));

        Assert.Equal(documented.Keys.Concat(absent).Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        Assert.Equal(documented.Keys.Order(StringComparer.Ordinal), Metrics.Types.Keys.Order(StringComparer.Ordinal));
        var all = new MetricText(world.MetricsOfHalt + world.MetricsOfRun + File.ReadAllText(world.MetricsPath));
        Assert.Equal(
            documented.Values.Select(row => $"{MonitoringFiles.Words(row[0]).Single()} {row[1]} {string.Join(' ', MonitoringFiles.Words(row[3]).Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal),
            Metrics.Types.Select(t => $"{t.Key} {t.Value} {string.Join(' ', all.LabelsOf(t.Key))}").Order(StringComparer.Ordinal));
        Assert.True(Metrics.AllHave(MetricText.Environment));
    }

    [Fact]
    public void What_the_metrics_say_at_the_end_is_what_the_ledger_says()
    {
        var metrics = new MetricText(world.MetricsOfRun);
        var run = world.Run;
        Assert.Equal(
            (run.Succeeded, run.NoEffect, run.Failed, run.Skipped, run.Unknown, run.Remaining),
            (Count("Succeeded"), Count("NoEffect"), Count("Failed"), Count("Skipped"), Count("Unknown"), (int)metrics.Of("backfill_run_remaining")));
        Assert.Equal((1.0, 1.0), (metrics.Of("backfill_run_state", ("backfill_state", "Completed")), metrics.Sum("backfill_run_state")));
        Assert.Equal(0, metrics.Of("backfill_breaker_open"));
        Assert.Equal((1200, run.PeakPerMinute!.Value, run.AchievedPerMinute!.Value), (metrics.Of("backfill_pace_limit"), metrics.Of("backfill_pace_peak"), metrics.Of("backfill_pace_achieved")));
        Assert.Equal((1200, 1200.0), (run.HighestThrottlePerMinute, metrics.Of("backfill_pace_limit_highest")));
        // Of the last worker: the session that an earlier one has settled is not its.
        var settled = metrics.Sum("backfill_sessions_total");
        Assert.InRange(settled, 1, 19);
        Assert.Equal(settled, metrics.Sum("backfill_sessions_total", ("backfill_outcome", "Succeeded")));
        // Two functions a session, and a slot for each session only.
        Assert.InRange(metrics.Sum("backfill_session_attempts_total"), settled, settled + 2);
        Assert.InRange(metrics.Sum("backfill_operation_duration_seconds_count"), settled, (2 * settled) + 2);
        Assert.True(metrics.Of("backfill_waiting_seconds_total", ("backfill_wait_cause", "Pace")) > 0.3);
        Assert.Equal(0, metrics.Of("backfill_lease_takeovers_total"));
        Assert.True(metrics.Of("backfill_gate_pending_since_timestamp_seconds", ("backfill_gate_name", "ApplyReview")) > 1e9);

        int Count(string outcome) => (int)metrics.Of("backfill_run_sessions", ("backfill_outcome", outcome));
    }

    [Fact]
    public void A_run_that_failures_have_halted_says_so_and_of_what_kind_they_were()
    {
        var metrics = new MetricText(world.MetricsOfHalt);
        Assert.Equal((1.0, 1.0), (metrics.Of("backfill_breaker_open"), metrics.Of("backfill_run_state", ("backfill_state", "Halted"))));
        Assert.Equal((1.0, 1.0), (metrics.Of("backfill_run_sessions", ("backfill_outcome", "Failed")), metrics.Of("backfill_run_remaining")));
        Assert.Equal(1, metrics.Of("backfill_sessions_total", ("backfill_outcome", "Failed"), ("error_type", "Validation")));
        Assert.Equal(1, metrics.Of("backfill_operation_duration_seconds_count", ("http_response_status_code", "400"), ("error_type", "Validation")));
    }

    [Fact]
    public void A_run_whose_worker_has_failed_is_paused_and_not_running_for_ever()
    {
        var metrics = new MetricText(world.MetricsOfFailure);
        Assert.Equal((1.0, 1.0), (metrics.Of("backfill_run_state", ("backfill_state", "Paused")), metrics.Sum("backfill_run_state")));
    }

    [Fact]
    public void What_the_metrics_say_of_the_soak_is_what_it_found()
    {
        var sample = world.LastSample;
        Assert.Equal(
            (sample.ConversionRate, sample.ConversionUpperBound, sample.Baseline),
            (Metrics.Of("backfill_soak_conversion_ratio"), Metrics.Of("backfill_soak_conversion_upper_ratio"), Metrics.Of("backfill_soak_conversion_baseline_ratio")));
        foreach (var check in sample.Checks)
        {
            Assert.Equal(1, Metrics.Of("backfill_soak_check_status", ("backfill_soak_check_name", check.Name), ("backfill_state", $"{check.Status}")));
            Assert.Equal(check.Count, Metrics.Of("backfill_soak_check_actual", ("backfill_soak_check_name", check.Name)));
        }

        Assert.Equal(0.15 * sample.CompletedSessions!.Value, Metrics.Of("backfill_soak_check_expected", ("backfill_soak_check_name", "Conversion")), 6);
        Assert.Equal(0, Metrics.Of("backfill_soak_next_sample_timestamp_seconds"));
        // The use of the review's approval has closed that gate; the next one waits.
        Assert.True(Metrics.Of("backfill_gate_pending_since_timestamp_seconds", ("backfill_gate_name", "SoakGoNoGo")) > 1e9);
    }

    [Fact]
    public async Task No_label_holds_an_id_and_neither_file_a_secret()
    {
        var (metrics, events) = (await File.ReadAllTextAsync(world.MetricsPath), await File.ReadAllTextAsync(world.EventsPath));
        Assert.DoesNotMatch(AnyId(), metrics + world.MetricsOfRun + world.MetricsOfHalt);
        Assert.Matches(AnyId(), events);
        var info = world.Sandbox.Info;
        string[] secrets =
        [
            info.ServiceRoleKey, info.AnonKey, info.ControlKey, info.DatabaseUrl, info.ConnectionString, info.SuperuserConnectionString,
            .. PasswordOf().Matches(info.ConnectionString + ";" + info.SuperuserConnectionString).Select(m => m.Groups[1].Value),
            .. await world.LinesAsync("select share_token from public.assessment_sessions where share_token is not null"),
        ];
        Assert.True(secrets.Length > 100, "There are too few secrets to look for.");
        Assert.DoesNotContain(secrets, s => metrics.Contains(s, StringComparison.Ordinal) || events.Contains(s, StringComparison.Ordinal));
    }

    [Fact]
    public void A_run_that_does_not_move_is_not_seen_to_move()
    {
        var (folder, time) = (ApplyWorld.NewFolder(), new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_000_000)));
        using (var signals = PhaseSignals.Open(world.Connection, folder, _ => { }, time))
        {
            var sink = new SignalledApplySink(new RecordingSink(), signals, time);
            var control = new RunControl(BackfillRunState.Running, BackfillRunIntent.Run, 20, 4);
            foreach (var remaining in new[] { 5, 4, 4, 4 })
            {
                time.Advance(TimeSpan.FromMinutes(1));
                sink.Progressed(new(9, 9 - remaining, 0, 0, 0, 0, remaining), control, new("Pace", TimeSpan.Zero));
            }
        }

        var metrics = new MetricText(File.ReadAllText(Path.Combine(folder, "backfill_logs", "metrics.prom")));
        Assert.Equal(1_000_120, metrics.Of("backfill_run_last_activity_timestamp_seconds"));
        Assert.Equal(1_000_240, metrics.Of("backfill_metrics_written_timestamp_seconds"));
        Assert.Equal(1, metrics.Of("backfill_run_state", ("backfill_state", "Running")));
        Assert.Equal((5, 4), (metrics.Of("backfill_run_sessions", ("backfill_outcome", "Succeeded")), metrics.Of("backfill_run_remaining")));
    }

    [Fact]
    public void What_was_not_seen_is_no_number_and_a_failed_check_stays_one()
    {
        SoakCheck[] checks =
        [
            .. world.LastSample.Checks.Where(c => c.Name is "TokenAccess" or "Conversion" or "Scoring"),
            world.LastSample.Checks.First(c => c.Name == "EngineOverrideEvents") with { Status = SoakCheckStatus.NotMeasured },
            world.LastSample.Checks.First(c => c.Name == "FcUsage") with { Status = SoakCheckStatus.Fail, Count = 2 },
        ];
        var first = world.LastSample with { Checks = new(checks), TokensTested = 0, CompletedSessions = 0, ConversionRate = null, ConversionUpperBound = null };
        // The last one could not be taken: it only remembers what has failed.
        var metrics = OfSoak(sink =>
        {
            sink.Taken(first);
            sink.Taken(first with { Checks = new([checks[^1]]) });
        });

        Assert.All(["TokenAccess", "Conversion", "EngineOverrideEvents", "Scoring"], name => Assert.Equal(double.NaN, Actual(name)));
        Assert.All(["TokenAccess", "Conversion", "EngineOverrideEvents", "Scoring"], name => Assert.Equal(0, metrics.Sum("backfill_soak_check_status", ("backfill_soak_check_name", name))));
        Assert.Equal((2.0, 1.0), (Actual("FcUsage"), metrics.Of("backfill_soak_check_status", ("backfill_soak_check_name", "FcUsage"), ("backfill_state", "Fail"))));
        Assert.Equal((double.NaN, double.NaN), (metrics.Of("backfill_soak_conversion_ratio"), metrics.Of("backfill_soak_conversion_upper_ratio")));
        Assert.Equal(0, OfSoak(sink => sink.Taken(first)).Of("backfill_soak_check_actual", ("backfill_soak_check_name", "Scoring")));

        double Actual(string name) => metrics.Of("backfill_soak_check_actual", ("backfill_soak_check_name", name));
    }

    [Fact]
    public void A_soak_that_was_stopped_and_can_go_on_is_due_still()
    {
        var due = DateTimeOffset.FromUnixTimeSeconds(2_000_000);
        Assert.Equal(2_000_000, Due(canGoOn: true));
        Assert.Equal(0, Due(canGoOn: false));

        double Due(bool canGoOn) => OfSoak(sink =>
        {
            sink.Progressed(new(1, 3, null, due) { NextAt = due });
            var window = new SoakWindow(due, due, TimeSpan.FromMinutes(1));
            var soak = new SoakTicket(Guid.NewGuid(), null, window, SoakRules.Settings(new() { OutputPath = "" }, null, null, TimeSpan.FromHours(1)));
            sink.Ended(new(soak, SoakVerdict.Inconclusive, "stopped", canGoOn, [], [], null));
        }).Of("backfill_soak_next_sample_timestamp_seconds");
    }

    private MetricText OfSoak(Action<SignalledSoakSink> tell)
    {
        var folder = ApplyWorld.NewFolder();
        using (var signals = PhaseSignals.Open(world.Connection, folder, _ => { }, TimeProvider.System))
            tell(new(new SoakSink(), signals));
        return new(File.ReadAllText(Path.Combine(folder, "backfill_logs", "metrics.prom")));
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", RegexOptions.IgnoreCase)]
    private static partial Regex AnyId();

    [GeneratedRegex("Password=([^;]+)", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordOf();
}
