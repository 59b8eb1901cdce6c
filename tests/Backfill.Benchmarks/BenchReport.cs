using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Backfill.Benchmarks.Batches;
using Backfill.Benchmarks.Comparison;
using Backfill.Benchmarks.Health;
using Backfill.Benchmarks.Import;
using Backfill.Benchmarks.LedgerCost;
using Backfill.Benchmarks.Million;
using Backfill.Benchmarks.Report;
using Backfill.Benchmarks.Telemetry;
using Backfill.Benchmarks.Undo;

namespace Backfill.Benchmarks;

/// <summary>All figures, as a table for people and as JSON.</summary>
internal sealed class BenchReport
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public string Machine { get; } = string.Create(
        CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");

    /// <summary>The load averages when the benchmark began; other work on the machine makes the figures doubtful.</summary>
    public string LoadBefore { get; } = Load();

    public RoundFigures? Rounds { get; set; }

    /// <summary>The same with functions that take as long as real ones do.</summary>
    public RoundFigures? Slow { get; set; }

    /// <summary>A run that reads the target's signs of health, and one that doesn't.</summary>
    public RoundFigures? Guard { get; set; }

    public LedgerFigures? Ledger { get; set; }

    public LargeRunFigures? LargeRun { get; set; }

    public IReadOnlyList<BatchesFigures>? Batches { get; set; }

    public UndoFigures? Undo { get; set; }

    public HealthCheckFigures? Health { get; set; }

    public ImportFigures? Import { get; set; }

    public ReportFigures? Report { get; set; }

    public TelemetryFigures? Telemetry { get; set; }

    public string ToTable()
    {
        var table = new StringBuilder();
        if (Rounds is { } rounds)
            AddRounds(table, rounds, "");
        if (Slow is { } slow)
            AddRounds(table, slow, " of functions that take 100 ms");
        if (Guard is { } guard)
            AddRounds(table, guard, "");
        if (Ledger is { } ledger)
            AddLedger(table, ledger);
        if (LargeRun is { } large)
            AddLargeRun(table, large);
        if (Batches is { } batches)
            AddBatches(table, batches);
        if (Undo is { } undo)
            AddUndo(table, undo);
        if (Health is { } health)
            AddHealth(table, health);
        if (Import is { } import)
            AddImport(table, import);
        if (Report is { } report)
            AddReport(table, report);
        if (Telemetry is { } telemetry)
            AddTelemetry(table, telemetry);
        return table.ToString();
    }

    public async Task WriteAsync(string path)
    {
        var content = new
        {
            At = DateTimeOffset.UtcNow,
            Machine,
            LoadBefore,
            LoadAfter = Load(),
            Apply = Compared(Rounds),
            Slow = Compared(Slow),
            Guard = Compared(Guard),
            Ledger,
            LargeRun = LargeRun is null ? null : new { LargeRun.Sessions, Frozen = Turns(LargeRun.Frozen), Resumed = Turns(LargeRun.Resumed) },
            Batches = Batches?.Select(b => new { b.Sessions, b.Batches, FirstCallSeconds = b.FirstCallIn.TotalSeconds, EndSeconds = b.EndedIn.TotalSeconds }),
            Undo,
            Health = Health is null ? null : new
            {
                Health.Sessions,
                Health.Ratio,
                Rounds = Health.Turns.Select(t => new
                {
                    ByHandSeconds = t.ByHand.TotalSeconds,
                    MeasuredSeconds = t.Ours.Measured.TotalSeconds,
                    CheckedSeconds = t.Ours.Checked.TotalSeconds,
                    PeakMb = t.Ours.PeakBytes / 1e6,
                    t.Ours.Needing,
                }),
            },
            Import = Import is null ? null : new
            {
                Import.Shell,
                Pairs = Import.Ours.Count,
                MoreMs = Import.More(t => t.ImportMs),
                Ratio = Import.Ratio(t => t.ImportMs),
                FirstMs = RoundFigures.Median(Import.Ours.Select(t => t.FirstMs)),
                FirstRatio = Import.Ratio(t => t.FirstMs),
                Import.Ours,
                Import.Empty,
            },
            Report,
            Telemetry = Telemetry is null ? null : new
            {
                Telemetry.Rounds.Sessions,
                Contenders = Telemetry.Rounds.Contenders.Select((name, i) => new
                {
                    Name = name,
                    Seconds = Telemetry.Rounds.Seconds(name),
                    Longer = Telemetry.Rounds.Ratio(name),
                    Ratios = Telemetry.Rounds.Ratios(name),
                    EndSeconds = Telemetry.EndSeconds[i],
                }),
            },
        };
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(content, Json) + "\n");
    }

    private static object? Compared(RoundFigures? rounds) => rounds is null ? null : new
    {
        rounds.Sessions,
        BenchOptions.Concurrency,
        Contenders = rounds.Contenders.Select(name => new
        {
            Name = name,
            SessionsPerSecond = rounds.Rate(name),
            SessionsPerSecondCalling = rounds.CallingRate(name),
            Ratio = rounds.Ratio(name),
            Ratios = rounds.Ratios(name),
            CpuMsPerSession = rounds.Cpu(name),
            BytesPerSession = rounds.Written(name),
        }),
    };

    private static IEnumerable<object> Turns(IEnumerable<LargeRunTurn> turns) =>
        turns.Select(t => new { Seconds = t.FrozenIn.TotalSeconds, FirstCallSeconds = t.FirstCallIn.TotalSeconds, t.PeakMb });

    private static void AddRounds(StringBuilder table, RoundFigures rounds, string functions)
    {
        var ours = rounds.Contenders[0];
        table.Line($"Both calls{functions} for {rounds.Sessions} sessions, {BenchOptions.Concurrency} at once, medians of {rounds.Turns.Max(t => t.Round)} rounds");
        table.Line($"{"",-30}{"sessions/s",12}{"while calling",15}{"ratio",9}   CPU ms a session: client, function server, PostgreSQL for it, for the ledger; kB a session: WAL, ledger");
        foreach (var name in rounds.Contenders)
        {
            var ratio = name == ours ? "" : string.Create(CultureInfo.InvariantCulture, $"{rounds.Ratio(name):0.00}x");
            var (cpu, written) = (rounds.Cpu(name), rounds.Written(name));
            table.Line($"{name,-30}{rounds.Rate(name),12:0}{rounds.CallingRate(name),15:0}{ratio,9}   {cpu?.ClientMs:0.00}, {cpu?.FunctionsMs:0.00}, {cpu?.FunctionRowsMs:0.00}, {cpu?.LedgerMs:0.00}; {written.WalBytes / 1e3:0.0}, {written.LedgerBytes / 1e3:0.0}");
        }

        table.Line($"ratio: throughput of {ours} against that contender, median of the rounds' own ratios (goals: 1.00x against the Node peer, 0.98x with functions of 100 ms; 0.97x with the guard against without)");
        table.AppendLine();
    }

    private static void AddLedger(StringBuilder table, LedgerFigures ledger)
    {
        table.Line($"Ledger, a session ({ledger.Sessions} sessions): {ledger.Statements:0.00} statements, {ledger.RoundTrips:0.00} round trips");
        foreach (var (name, count) in ledger.ByStatement)
            table.Line($"{count,8:0.00}  {name}");
        table.AppendLine();
    }

    private static void AddLargeRun(StringBuilder table, LargeRunFigures large)
    {
        table.Line($"A run of {large.Sessions} sessions, each time in a fresh process, medians of {large.Frozen.Count}");
        table.Line($"{"frozen in",-60}{Median(large.Frozen, t => t.FrozenIn.TotalSeconds),8:0.00} s   (limit 60)");
        table.Line($"{"resumed: process start to its first call's arrival",-60}{Median(large.Resumed, t => t.FirstCallIn.TotalSeconds),8:0.00} s   (limit 2)");
        table.Line($"{"most resident ever, the process that freezes and calls",-60}{large.Frozen.Max(t => t.PeakMb),8:0} MB  (limit 300)");
        table.Line($"{"most resident ever, the process that resumes",-60}{large.Resumed.Max(t => t.PeakMb),8:0} MB  (limit 300)");
        table.AppendLine();
    }

    private static void AddBatches(StringBuilder table, IReadOnlyList<BatchesFigures> batches)
    {
        foreach (var one in batches)
        {
            table.Line($"A run of {one.Sessions} sessions in {one.Batches} batches, all but a hundred settled");
            table.Line($"{"resumed: the command to its first call's arrival",-60}{one.FirstCallIn.TotalSeconds,8:0.00} s   (limit 5)");
            table.Line($"{"stopped: the stop to the command's end, a file a batch",-60}{one.EndedIn.TotalSeconds,8:0.00} s   (limit 30)");
        }

        table.AppendLine();
    }

    private static void AddUndo(StringBuilder table, UndoFigures undo)
    {
        table.Line($"Undoing a run of {undo.Images} row images of about 1 kB, medians of {undo.Rounds.Count} rounds");
        table.Line($"{"script written",-60}{undo.Median(r => r.Script.Seconds),8:0.00} s   ({undo.ScriptMb:0} MB)");
        table.Line($"{"the same rows by binary COPY TO STDOUT into a file",-60}{undo.Median(r => r.Copy.Seconds),8:0.00} s   ({undo.CopyMb:0} MB)");
        table.Line($"{"speed of the script against COPY",-60}{undo.ScriptRatio,8:0.00} x   (goal 0.50 or more)");
        table.Line($"{"rolled back, verified and recorded",-60}{undo.Median(r => r.Undo.Seconds),8:0.00} s");
        table.Line($"{"one statement by hand, neither verified nor recorded",-60}{undo.Median(r => r.ByHandSeconds),8:0.00} s");
        table.Line($"{"time of the rollback against it",-60}{undo.UndoRatio,8:0.00} x   (limit 2.00)");
        table.Line($"{"most resident ever: writing, rolling back",-60}{undo.Rounds.Max(r => r.Script.PeakMb),8:0} MB, {undo.Rounds.Max(r => r.Undo.PeakMb):0} MB  (limit 300)");
        table.AppendLine();
    }

    private static void AddHealth(StringBuilder table, HealthCheckFigures health)
    {
        table.Line($"Health of {health.Sessions} sessions, {health.Turns[^1].Ours.Needing} of them to backfill, medians of {health.Turns.Count}");
        table.Line($"{"best query by hand, through psql",-60}{RoundFigures.Median(health.Turns.Select(t => t.ByHand.TotalSeconds)),8:0.00} s");
        table.Line($"{"measured",-60}{RoundFigures.Median(health.Turns.Select(t => t.Ours.Measured.TotalSeconds)),8:0.00} s   {health.Ratio:0.00}x (limit 1.20x)");
        table.Line($"{"with report and plan",-60}{RoundFigures.Median(health.Turns.Select(t => t.Ours.Checked.TotalSeconds)),8:0.00} s");
        table.Line($"{"most resident ever",-60}{health.Turns.Max(t => t.Ours.PeakBytes / 1e6),8:0} MB  (limit 200)");
        table.AppendLine();
    }

    private static void AddImport(StringBuilder table, ImportFigures import)
    {
        table.Line($"Import into a fresh process of {import.Shell}, medians of {import.Ours.Count} pairs");
        table.Line($"{"",-40}{"ours",10}{"empty",10}{"more",10}{"ratio",9}");
        AddImportLine("Import-Module", t => t.ImportMs, "limit 150 ms more");
        AddImportLine("first cmdlet, Get-BackfillPlan", t => t.FirstMs, "limit 300 ms");
        AddImportLine("whole process", t => t.ProcessMs, "");
        table.AppendLine();

        void AddImportLine(string what, Func<ImportTurn, double> value, string limit) => table.Line(
            $"{what,-40}{RoundFigures.Median(import.Ours.Select(value)),7:0} ms{RoundFigures.Median(import.Empty.Select(value)),7:0} ms{import.More(value),7:0} ms{import.Ratio(value),8:0.00}x   {limit}");
    }

    private static void AddReport(StringBuilder table, ReportFigures report)
    {
        table.Line($"HTML report of a run of {report.Sessions} sessions, each time in a fresh process, medians of {report.Turns.Count}");
        table.Line($"{"written",-60}{RoundFigures.Median(report.Turns.Select(t => t.Seconds)),8:0.00} s   (limit 30)");
        table.Line($"{"size",-60}{report.Turns.Max(t => t.Bytes / 1e6),8:0.00} MB  (limit 5)");
        table.Line($"{"most resident ever",-60}{report.Turns.Max(t => t.PeakMb),8:0} MB");
        table.AppendLine();
    }

    private static void AddTelemetry(StringBuilder table, TelemetryFigures telemetry)
    {
        var rounds = telemetry.Rounds;
        table.Line($"A run of {rounds.Sessions} sessions that exports to a collector which is no help, medians of {rounds.Turns.Max(t => t.Round)} rounds");
        table.Line($"{"",-30}{"run",10}{"longer",10}{"end of process",18}");
        for (var i = 0; i < rounds.Contenders.Count; i++)
        {
            var name = rounds.Contenders[i];
            table.Line($"{name,-30}{rounds.Seconds(name),8:0.00} s{100 * (rounds.Ratio(name) - 1),8:0.0} %{telemetry.EndSeconds[i],16:0.00} s   {(i == 0 ? "" : "limits 2 %, and 2.5 s")}");
        }

        table.AppendLine();
    }

    private static double Median(IEnumerable<LargeRunTurn> turns, Func<LargeRunTurn, double> value) =>
        RoundFigures.Median(turns.Select(value));

    private static string Load() => OperatingSystem.IsLinux() ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]) : "unknown";
}

/// <summary>Lines with figures in the invariant culture.</summary>
file static class Lines
{
    public static void Line(this StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
