using System.Text;
using Backfill.Engine.Ledger;
using Backfill.Engine.Rollback.Store;

namespace Backfill.Engine.Rollback.Script;

/// <summary>The statements of a rollback put together for a script: the same files that the cmdlet runs.</summary>
internal static class ScriptSql
{
    private const string Open = "do $backfill$\n";
    private const string Close = "$backfill$";

    /// <summary>The undo itself, in order.</summary>
    private static readonly IEnumerable<string> Undo = ["stop_at_conflicts", "restore", "check_references", "verify"];

    public static string Load(string name) => SqlText.Load($"Rollback/Script/{name}");

    /// <summary>Guards and settings, with the statements that they share with the cmdlets in them.</summary>
    public static string Load(string name, Guid runId)
    {
        var run = runId.ToString();
        return Load(name)
            .Replace("{{settings}}", Settings("Ledger/transaction_settings"), StringComparison.Ordinal)
            .Replace("{{rollback_settings}}", Settings("Rollback/Store/long_transaction"), StringComparison.Ordinal)
            .Replace("{{lock_run}}", Of("lock_run"), StringComparison.Ordinal)
            .Replace("{{lock_items}}", Of("lock_items"), StringComparison.Ordinal)
            .Replace("{{find_busy}}", Of("find_busy"), StringComparison.Ordinal)
            .Replace("{{record}}", Of("record"), StringComparison.Ordinal)
            .Replace("{{close_run}}", Of("close_run"), StringComparison.Ordinal)
            .Replace("$1", $"'{run}'::uuid", StringComparison.Ordinal)
            .Replace("{{run}}", run, StringComparison.Ordinal);
    }

    /// <summary>Everything from the images on as one statement: a client that goes on after an error can't do half of it.</summary>
    public static string Work(Guid runId)
    {
        var work = new StringBuilder(Open).Append("begin\n");
        foreach (var block in Blocks(runId))
            work.Append(block).Append('\n');
        return work.Append("end\n").Append(Close).ToString();
    }

    private static IEnumerable<string> Blocks(Guid runId) =>
    [
        Block(Load("check_whole")),
        Block(Of("prepare")),
        Block(Load("leave_undone", runId)),
        .. RollbackTransaction.Steps.Select(s => Block(Of(s))),
        .. Undo.Select(s => Block(Of(s))),
        Block(Load("record", runId)),
    ];

    /// <summary>The block of a DO statement, to stand within another one's: there, to return would be to leave out all the rest.</summary>
    private static string Block(string statement)
    {
        var start = statement.IndexOf(Open, StringComparison.Ordinal);
        if (start < 0)
            return $"{statement.TrimEnd()};\n";
        var end = statement.LastIndexOf(Close, StringComparison.Ordinal);
        var body = statement[(start + Open.Length)..end].TrimEnd();
        return $"{statement[..start]}<<backfill_step>>\n{body.Replace("return;", "exit backfill_step;", StringComparison.Ordinal)};\n";
    }

    private static string Of(string name) => SqlText.Load($"Rollback/Store/{name}").TrimEnd();

    /// <summary>In a block, so that psql has no row of settings to show.</summary>
    private static string Settings(string name) =>
        SqlText.Settings(name).TrimEnd().Replace("\nselect set_config", "\nperform set_config", StringComparison.Ordinal);
}
