using System.Diagnostics.Metrics;
using System.Globalization;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Tests.Rules.Signals;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new("Backfill");

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Labels_are_sorted_and_escaped_and_none_is_empty()
    {
        var labels = PrometheusText.Labels(
        [
            new("faas.invoked_name", "a\\b \"c\"\nd"), new("backfill.outcome", BackfillOutcome.Failed), new("error.type", null),
            new("http.response.status_code", 504), new("share", 0.5),
        ]);
        Assert.Equal(
            "backfill_outcome=\"Failed\",faas_invoked_name=\"a\\\\b \\\"c\\\"\\nd\",http_response_status_code=\"504\",share=\"0.5\"",
            labels);
    }

    [Fact]
    public void Names_and_types_follow_the_rules_for_open_telemetry()
    {
        Assert.Equal("backfill_waiting_seconds_total", PrometheusText.Name(_meter.CreateCounter<double>("backfill.waiting", "s")));
        Assert.Equal("backfill_sessions_total", PrometheusText.Name(_meter.CreateCounter<long>("backfill.sessions", "{session}")));
        Assert.Equal("backfill_soak_conversion_ratio", PrometheusText.Name(_meter.CreateGauge<double>("backfill.soak.conversion", "1")));
        // A unit with a slash would get another name by OTLP than by file.
        var units = typeof(SignalInstruments).GetProperties().Select(p => ((Instrument)p.GetValue(new SignalInstruments(_meter))!).Unit);
        Assert.DoesNotContain(units, u => u?.Contains('/', StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_histogram_counts_up_to_every_bound_and_in_all()
    {
        var family = new MetricFamily("calls_seconds", new SignalInstruments(_meter).OperationDuration);
        foreach (var seconds in new[] { 0.05, 0.3, 200 })
            family.Add("function=\"f\"", seconds);
        var lines = family.ToString().Split('\n');

        Assert.Equal("# TYPE calls_seconds histogram", lines[1]);
        string[] expected =
        [
            "calls_seconds_bucket{function=\"f\",le=\"0.05\"} 1", "calls_seconds_bucket{function=\"f\",le=\"0.25\"} 1",
            "calls_seconds_bucket{function=\"f\",le=\"0.5\"} 2", "calls_seconds_bucket{function=\"f\",le=\"150\"} 2",
            "calls_seconds_bucket{function=\"f\",le=\"+Inf\"} 3", "calls_seconds_sum{function=\"f\"} 200.35", "calls_seconds_count{function=\"f\"} 3",
        ];
        Assert.Empty(expected.Except(lines));
        Assert.Equal(2 + 11 + 3 + 1, lines.Length);
    }

    [Fact]
    public void A_counter_adds_up_a_gauge_keeps_the_last_and_what_was_not_seen_is_no_number()
    {
        var instruments = new SignalInstruments(_meter);
        var (counter, gauge) = (new MetricFamily("c", instruments.Waiting), new MetricFamily("g", instruments.Conversion));
        foreach (var family in new[] { counter, gauge })
        {
            family.Add("", 1.5);
            family.Add("", 0.25);
        }

        gauge.Add("x=\"1\"", double.NaN);
        Assert.EndsWith("# TYPE c counter\nc 1.75\n", counter.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("# TYPE g gauge\ng 0.25\ng{x=\"1\"} NaN\n", gauge.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_are_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new("de-DE");
            var family = new MetricFamily("g", new SignalInstruments(_meter).Conversion);
            family.Add(PrometheusText.Labels([new("share", 0.5)]), 1234.5);
            Assert.EndsWith("\ng{share=\"0.5\"} 1234.5\n", family.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_text_is_taken_apart_and_put_together_again()
    {
        const string Text = "# HELP a One.\n# TYPE a gauge\na 1\n# HELP b Two \\n lines.\n# TYPE b counter\nb{x=\"# HELP c\"} 2\n";
        var families = PrometheusText.Families(Text);
        Assert.Equal(["a", "b"], families.Keys);
        Assert.Equal(Text, string.Concat(families.Values));
        Assert.Equal("Two \\\\ and \\n lines", PrometheusText.Help("Two \\ and \n lines"));
    }
}
