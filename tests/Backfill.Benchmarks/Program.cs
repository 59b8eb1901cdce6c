using Backfill.Benchmarks;
using Backfill.Benchmarks.Health;
using Backfill.Benchmarks.Million;
using Backfill.Benchmarks.Report;
using Backfill.Benchmarks.Telemetry;
using Backfill.Benchmarks.Undo;
using Backfill.Engine.Plans.Json;

// Whole runs against live servers, each some seconds long. BenchmarkDotNet is made for functions of nanoseconds that can be
// called again on the same state; here the state must be put back between two runs, and what is compared must alternate on
// one machine whose load drifts. So: a warm-up, rounds in which every contender has its turn, medians, ratios within a round.

if (args is [MillionChild.Verb])
    return await MillionChild.RunAsync();
if (args is [UndoChild.Verb])
    return await UndoChild.RunAsync();
if (args is [HealthChild.Verb])
    return await HealthChild.RunAsync();
if (args is [ReportChild.Verb])
    return await ReportChild.RunAsync();
if (args is [TelemetryChild.Verb])
    return await TelemetryChild.RunAsync();

var options = BenchOptions.Parse(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(BenchOptions.Usage);
    return 2;
}

return await new Bench(options).RunAsync();
