using Backfill.Engine.Connections;
using Backfill.Engine.Plans.Json;
using Backfill.Engine.Rollback;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Scripts of runs.</summary>
internal static class RollbackScripts
{
    public const string Stop = "set local backfill.on_conflict = 'Stop';";
    public const string Skip = "set local backfill.on_conflict = 'Skip';";

    public static Task<string> ScriptAsync(this ApplyWorld world, Guid run) => world.ScriptAsync(new RollbackSelection(run));

    /// <summary>Where the script lies.</summary>
    public static async Task<string> ScriptAsync(this ApplyWorld world, RollbackSelection selection)
    {
        var path = Path.Combine(ApplyWorld.NewFolder(), "rollback.sql");
        var order = new RollbackOrder(Guid.CreateVersion7(), selection, BackfillConflictRule.Stop, "Łucja@here", "it's a \"test\"\nof two lines \\ ✓");
        await using var file = File.Create(path);
        await world.Connection.Target.Rollbacks.WriteScriptAsync(order, file, CancellationToken.None);
        return path;
    }

    /// <summary>The run's sessions, in its order.</summary>
    public static async Task<IReadOnlyList<Guid>> IdsOfAsync(this RunWorld world, Guid run) =>
        [.. (await world.LinesAsync("select session_id::text from backfill.item where run_id = $1 order by ordinal", run)).Select(Guid.Parse)];

    /// <summary>Edits a script as a person would.</summary>
    public static async Task EditAsync(string path, string from, string to)
    {
        var text = await File.ReadAllTextAsync(path);
        Assert.Contains(from, text);
        await File.WriteAllTextAsync(path, text.Replace(from, to, StringComparison.Ordinal));
    }
}
