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

/// <summary>All parts, in order, each on a sandbox of its own.</summary>
internal sealed class Bench(BenchOptions options)
{
    /// <summary>Each rewrites a million rows four times.</summary>
    private const int MostUndoRounds = 3;

    /// <summary>A turn takes half a second: so many of them to a round.</summary>
    private const int TurnsInImportRound = 5;

    /// <summary>What an edge function of a real project takes.</summary>
    private static readonly TimeSpan RealCall = TimeSpan.FromMilliseconds(100);

    /// <summary>A difference of hundredths takes more turns to see.</summary>
    private const int TelemetryRounds = 3;

    public async Task<int> RunAsync()
    {
        var report = new BenchReport();
        Say($"{report.Machine}; load {report.LoadBefore}");
        if (options.Wants("apply"))
            report.Rounds = await CompareAsync(TimeSpan.Zero);
        if (options.Wants("slow"))
            report.Slow = await CompareAsync(RealCall);
        if (options.Wants("guard"))
            report.Guard = await CompareGuardAsync();
        if (options.Wants("ledger"))
            report.Ledger = await LedgerCount.RunAsync(options.Sessions);
        if (options.Wants("million"))
            report.LargeRun = await MillionRun.RunAsync(options.LargeRun, options.Rounds, Say);
        if (options.Wants("batches"))
            report.Batches = await BatchesBench.RunAsync(options.BatchedSessions, Say);
        if (options.Wants("undo"))
            report.Undo = await UndoBench.RunAsync(options.LargeRun, Math.Min(options.Rounds, MostUndoRounds), Say);
        if (options.Wants("health"))
            report.Health = await HealthRun.RunAsync(options.HealthSessions, options.Rounds, Say);
        if (options.Wants("import"))
            report.Import = await ImportBench.RunAsync(options.Pwsh, options.Small ? 1 : options.Rounds * TurnsInImportRound, Say);
        if (options.Wants("report"))
            report.Report = await ReportRun.RunAsync(options.LargeRun, Math.Min(options.Rounds, MostUndoRounds), Say);
        if (options.Wants("telemetry"))
            report.Telemetry = await TelemetryBench.RunAsync(options.Sessions, options.Small ? 1 : options.Rounds * TelemetryRounds, Say);
        await report.WriteAsync(options.Output);
        Say(report.ToTable());
        return 0;
    }

    /// <param name="delay">How much longer each call takes than the function's own work.</param>
    private async Task<RoundFigures> CompareAsync(TimeSpan delay)
    {
        await using var target = await BenchTarget.StartAsync(options.Sessions);
        if (delay > TimeSpan.Zero)
            await target.SlowDownAsync(delay);
        // It comes from a registry, which the everyday tests do without.
        await using var peer = options.Small ? null : await NodePeer.StartAsync(target);
        using var bare = new BareLoop(target);
        var ours = new GuardedApply(target.Sessions, target.Connection);
        await using var pooled = await PooledWay.StartAsync(target.Info);
        IContender[] contenders =
        [
            ours,
            .. pooled is null ? [] : (IContender[])[new GuardedApply(target.Sessions, pooled.Connection, "guarded, transaction pooler")],
            .. peer is null ? [] : (IContender[])[peer],
            bare,
        ];
        return await new Rounds(target, contenders).RunAsync(options.Rounds, Say);
    }

    private async Task<RoundFigures> CompareGuardAsync()
    {
        await using var target = await BenchTarget.StartAsync(options.Sessions);
        IContender[] contenders =
        [
            new GuardedApply(target.Sessions, target.Connection, "guard on"),
            new GuardedApply(target.Sessions, target.Connection, "guard off", watches: false),
        ];
        return await new Rounds(target, contenders).RunAsync(options.Rounds, Say);
    }

    private static void Say(string text) => Console.Out.WriteLine(text);
}
