using System.Diagnostics;
using System.Text.Json;
using Backfill.Benchmarks.Million;
using Backfill.Engine.Connections;
using Backfill.Engine.Rollback;
using Npgsql;

namespace Backfill.Benchmarks.Undo;

/// <summary>A fresh process that writes a script, copies the same rows, or rolls back.</summary>
internal static class UndoChild
{
    /// <summary>The first argument of such a process.</summary>
    public const string Verb = "undo-child";

    public static async Task<int> RunAsync()
    {
        var order = JsonSerializer.Deserialize<UndoOrder>((await Console.In.ReadLineAsync())!)!;
        var connection = await BenchTarget.ConnectAsync(order.Target, requireLedger: true);
        await using var target = connection.Target;
        var rollback = new RollbackOrder(Guid.CreateVersion7(), new(order.RunId), BackfillConflictRule.Stop, "bench", null);
        var since = Stopwatch.GetTimestamp();
        switch (order.Work)
        {
            case "script":
                await using (var file = File.Create(order.Path))
                    await target.Rollbacks.WriteScriptAsync(rollback, file, CancellationToken.None);
                break;
            case "copy":
                await CopyAsync(order);
                break;
            default:
                var done = await target.Rollbacks.UndoAsync(rollback, CancellationToken.None);
                if (done.Conflicts.Count > 0 || done.Results.Any(r => !r.Verified))
                    throw new InvalidOperationException("The rollback left rows, so its time says nothing.");
                break;
        }

        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        Console.WriteLine(JsonSerializer.Serialize(new UndoTurn(seconds, PeakMemory.Bytes() / 1e6)));
        return 0;
    }

    private static async Task CopyAsync(UndoOrder order)
    {
        await using var source = NpgsqlDataSource.Create(order.Target.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var rows = await connection.BeginRawBinaryCopyAsync(
            Resource.Read("Undo/copy.sql").Replace("{{run}}", order.RunId.ToString(), StringComparison.Ordinal));
        await using var file = File.Create(order.Path);
        await rows.CopyToAsync(file, 1 << 20);
    }
}
