using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Apply;

/// <summary>The artifacts of a run without what differs from one run to the next: times, attempts and ids of run and plan.</summary>
internal static partial class ArtifactText
{
    private static readonly string[] Differing =
    [
        "run_id", "plan_version", "plan_sha256", "execution_start", "execution_end", "runtime_minutes", "peak_per_minute",
        "started_at", "completed_at", "duration_ms", "attempt", "status", "evidence_sha256",
    ];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>All of them, name and text, in the order of their names.</summary>
    public static string Read(string folder)
    {
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            // A killed worker can leave a half-written one under its temporary name.
            // Events and metrics tell how it came about, which differs.
            .Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal) && Path.GetFileName(f) is not ("events.jsonl" or "metrics.prom")).Order(StringComparer.Ordinal);
        return string.Join("\n", files.Select(f => $"{Path.GetFileName(f)}\n{Same(f)}"));
    }

    private static string Same(string file)
    {
        var text = File.ReadAllText(file);
        if (file.EndsWith(".sql", StringComparison.Ordinal))
            return Undone(text);
        if (!file.EndsWith(".json", StringComparison.Ordinal))
            return Changing().Replace(text, "*");
        var node = JsonNode.Parse(text)!;
        if (node["operations_log"] is JsonArray log)
            node["operations_log"] = LastAttempts(log);
        Strip(node);
        return node.ToJsonString(Indented);
    }

    /// <summary>What a rollback script says that it undoes; hashes of rows with their times in them are in the rest.</summary>
    private static string Undone(string script) => string.Join(
        '\n',
        script.Split('\n').SkipWhile(l => !l.StartsWith("-- What it undoes", StringComparison.Ordinal)).TakeWhile(l => l != "--"));

    private static JsonArray LastAttempts(JsonArray log) =>
        [.. log.GroupBy(e => $"{e!["session_id"]} {e["function"]}").Select(g => g.Last()!.DeepClone())];

    private static void Strip(JsonNode? node)
    {
        if (node is JsonObject members)
        {
            foreach (var name in Differing)
                members.Remove(name);
            foreach (var (_, value) in members)
                Strip(value);
        }
        else if (node is JsonArray items)
        {
            foreach (var item in items)
                Strip(item);
        }
    }

    /// <summary>Times, the run's id, the plan's version and hash, and the peak.</summary>
    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T ][\d:.]+Z?|(run_id:|-RunId) [0-9a-f-]{36}|\| Run \| .*|\| Plan \| .*|most in any minute: \d+|SHA-256 `[0-9a-f]{64}`|plan [0-9a-f-]{36}|of run [0-9a-f-]{36}")]
    private static partial Regex Changing();
}
