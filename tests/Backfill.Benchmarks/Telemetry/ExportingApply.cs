using System.Diagnostics;
using System.Text.Json;
using Backfill.Benchmarks.Comparison;

namespace Backfill.Benchmarks.Telemetry;

/// <summary>The apply phase in a process of its own that exports its signals, or does not.</summary>
internal sealed class ExportingApply : IContender, IDisposable
{
    private readonly BenchTarget _target;
    private readonly Process _process;

    /// <param name="name">Of the contender.</param>
    /// <param name="target">Where.</param>
    /// <param name="collector">Its address; null: nothing is exported.</param>
    public ExportingApply(string name, BenchTarget target, string? collector)
    {
        (Name, _target) = (name, target);
        var start = new ProcessStartInfo("dotnet", [typeof(ExportingApply).Assembly.Location, TelemetryChild.Verb])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var variable in start.Environment.Keys.Where(k => k.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(variable);
        if (collector is not null)
            start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector;
        _process = Process.Start(start)!;
        _process.StandardInput.WriteLine(JsonSerializer.Serialize(new TelemetryOrder(target.Info, target.Sessions)));
    }

    public string Name { get; }

    public int ProcessId => _process.Id;

    public async Task<Lap> RunAsync()
    {
        // Hundredths are to be seen: every turn on a ledger as empty as the first one's, of which the planner knows as little.
        await _target.ExecuteAsync("truncate backfill.run, backfill.plan cascade");
        await _target.ExecuteAsync("delete from pg_catalog.pg_statistic where starelid in (select oid from pg_class where relnamespace = 'backfill'::regnamespace)");
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"{Name}: the process ended without a word.");
        return JsonSerializer.Deserialize<Lap>(line)!;
    }

    /// <summary>Lets it end; says how long that takes.</summary>
    public async Task<TimeSpan> EndAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        return Stopwatch.GetElapsedTime(begun);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
