using System.Diagnostics.Metrics;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Tests.Rules.Signals;

public sealed class MetricsFileTests : IDisposable
{
    private readonly SignalFolder _folder = new();
    private readonly Meter _meter = new("Backfill");

    public void Dispose()
    {
        _meter.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void It_is_written_at_the_end_with_all_that_was_recorded()
    {
        var instruments = new SignalInstruments(_meter);
        using (Open(() => instruments.MetricsWritten.Record(7)))
        {
            instruments.Sessions.Add(2, new KeyValuePair<string, object?>(SignalTags.Outcome, BackfillOutcome.Succeeded));
            instruments.Sessions.Add(1, new KeyValuePair<string, object?>(SignalTags.Outcome, BackfillOutcome.Succeeded));
            instruments.RunRemaining.Record(5);
            instruments.RunRemaining.Record(4);
        }

        Assert.Equal(
            """
            # HELP backfill_metrics_written_timestamp_seconds When a phase last wrote its metrics, in Unix time.
            # TYPE backfill_metrics_written_timestamp_seconds gauge
            backfill_metrics_written_timestamp_seconds 7
            # HELP backfill_run_remaining Sessions of the run that are not settled.
            # TYPE backfill_run_remaining gauge
            backfill_run_remaining 4
            # HELP backfill_sessions_total Sessions settled by this process.
            # TYPE backfill_sessions_total counter
            backfill_sessions_total{backfill_outcome="Succeeded"} 3

            """,
            File.ReadAllText(_folder.Metrics));
    }

    [Fact]
    public void Without_a_measurement_there_is_no_file()
    {
        var instruments = new SignalInstruments(_meter);
        Open(() => instruments.MetricsWritten.Record(7)).Dispose();
        Assert.False(Directory.Exists(Path.GetDirectoryName(_folder.Metrics)));
    }

    [Fact]
    public void What_another_phase_has_left_stays_until_this_one_has_it_too()
    {
        using var other = new Meter("Backfill");
        var (soak, run) = (new SignalInstruments(other), new SignalInstruments(_meter));
        using (new MetricsFile(_folder.Metrics, other, _folder.Warn, () => { }))
        {
            soak.Conversion.Record(0.9);
            soak.GatePendingSince.Record(1, new KeyValuePair<string, object?>(SignalTags.Gate, BackfillGateName.SoakGoNoGo));
        }

        using (Open(() => { }))
            run.GatePendingSince.Record(2, new KeyValuePair<string, object?>(SignalTags.Gate, BackfillGateName.ProdApply));

        var text = File.ReadAllText(_folder.Metrics);
        Assert.Contains("backfill_soak_conversion_ratio 0.9\n", text, StringComparison.Ordinal);
        Assert.Contains("{backfill_gate_name=\"ProdApply\"} 2\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SoakGoNoGo", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_reads_it_never_sees_half_of_it()
    {
        Write("first");
        using var over = new CancellationTokenSource();
        var (reads, bad) = (0, new List<string>());
        var reading = Task.Run(
            () =>
            {
                for (; !over.IsCancellationRequested; reads++)
                {
                    var text = File.ReadAllText(_folder.Metrics);
                    if (!text.EndsWith("backfill_soak_conversion_ratio 1\n", StringComparison.Ordinal) || text.Split('\n').Length != 509)
                        bad.Add(text);
                }
            },
            TestContext.Current.CancellationToken);
        // Two phases of one process, in one folder.
        await Task.WhenAll(Enumerable.Range(0, 2).Select(w => Task.Run(() =>
        {
            for (var i = 0; i < 150; i++)
                Write($"{w} {i}");
        })));
        await over.CancelAsync();
        await reading;

        Assert.True(reads > 20, $"It was read {reads} times only.");
        Assert.Empty(bad);
        Assert.Empty(_folder.Warnings);
        Assert.Equal([".gitignore", "metrics.prom"], Directory.GetFiles(Path.GetDirectoryName(_folder.Metrics)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_folder_that_takes_no_file_is_told_and_stops_nothing()
    {
        File.WriteAllText(Path.Combine(_folder.Root, "backfill_logs"), "in the way");
        Write("all");
        Assert.Contains("can't be written", Assert.Single(_folder.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_monitors_may_read_it_or_a_warning_says_once_that_the_folder_keeps_them_out()
    {
        // There is no umask.
        if (OperatingSystem.IsWindows())
            return;
        var folder = Path.GetDirectoryName(_folder.Metrics)!;
        const UnixFileMode closed = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, closed);
        for (var i = 0; i < 2; i++)
        {
            var told = _folder.Warnings.Count;
            using (Open(() => { }))
                _meter.CreateGauge<long>("backfill.test").Record(1);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(_folder.Metrics));
            Assert.Equal(i == 0 ? 1 : 0, _folder.Warnings.Count - told);
            File.SetUnixFileMode(folder, closed | UnixFileMode.OtherExecute);
        }

        Assert.Contains("chmod o+x", _folder.Warnings[0], StringComparison.Ordinal);
    }

    private MetricsFile Open(Action beforeWriting) => new(_folder.Metrics, _meter, _folder.Warn, beforeWriting);

    /// <summary>A file of 500 series and one.</summary>
    private void Write(string word)
    {
        using var meter = new Meter("Backfill");
        var instruments = new SignalInstruments(meter);
        using var file = new MetricsFile(_folder.Metrics, meter, _folder.Warn, () => { });
        for (var i = 0; i < 500; i++)
            instruments.RunRemaining.Record(i, new KeyValuePair<string, object?>("word", $"{word} {i}"));
        instruments.Conversion.Record(1);
        instruments.RunState.Record(0);
    }
}
