using System.Text;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>A valid plan that uses everything a plan can have, one thing a line, and the plans of the repository.</summary>
internal static class PlanTexts
{
    public const string Full = """
        {
          "backfill_plan": {
            "version": "v1.0",
            "timestamp": "2025-09-17T08:00:00Z",
            "environment": "staging",
            "engine_version": "v1.2.1",
            "fc_version": "v1.2",
            "throttle_per_minute": 20,
            "batch_size": 5,
            "total_candidates": 4,
            "expected_runtime_minutes": 2.5,
            "operation_delay_ms": 250
          },
          "batches": [
            {
              "batch_id": "named",
              "description": "By name",
              "sessions": [
                "618c5ea6-aeda-4084-9156-0aac9643afd3",
                "070d9bf2-516f-44ee-87fc-017c7db9d29c"
              ],
              "operations": [
                {"function": "score_fc_session", "params": {"version": "v1.2", "basis": "functions"}},
                {"function": "score_prism", "params": {"engine_version": "v1.2.1"}}
              ]
            },
            {
              "batch_id": "found",
              "session_count": 2,
              "since": "2025-08-15",
              "operations": [
                {"function": "score_prism", "params": {"if_missing": true, "engine_version": "v1.2.1"}},
                {"function": "score_audit", "params": {"audit_version": "v3"}}
              ]
            }
          ],
          "expected_changes": {
            "profiles": {"new_rows": 2, "updated_rows": 0, "results_version": "v1.2.1"}
          },
          "rollback_strategy": {"profiles": "DELETE FROM profiles; DROP TABLE users; --"},
          "approvals": {"four_eyes": true, "max_failed": 1, "max_no_effect": 2, "max_unknown": 3},
          "tables": {
            "public.audit_scores": {"session_column": "session_id", "version_column": "audit_version"}
          },
          "functions": {
            "score_audit": {
              "writes": ["public.audit_scores"],
              "expected": {"table": "public.audit_scores", "match": {"audit_version": {"param": "audit_version"}, "kind": "full"}},
              "requires": ["profiles"]
            }
          }
        }
        """;

    /// <summary>The folder <c>plans</c> of the checkout that the tests were built in.</summary>
    public static string Folder { get; } = FindFolder();

    public static string Staging => Path.Combine(Folder, "backfill_apply.plan.json");

    public static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Folder, "*.plan.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static PlanReading Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    public static PlanReading Read(byte[] bytes) => new PlanReader().Read(bytes, "test.plan.json");

    /// <summary><see cref="Full"/> with a change in one line, which must hold the old text.</summary>
    public static string Edit(int line, string old, string @new)
    {
        var lines = Full.Split('\n');
        Assert.Contains(old, lines[line - 1], StringComparison.Ordinal);
        lines[line - 1] = lines[line - 1].Replace(old, @new, StringComparison.Ordinal);
        return string.Join('\n', lines);
    }

    /// <summary><see cref="Full"/> with lines replaced by others.</summary>
    public static string Cut(int first, int last, string instead = "")
    {
        var lines = Full.Split('\n');
        return string.Join('\n', [.. lines[..(first - 1)], instead, .. lines[last..]]);
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Backfill.PowerShell.sln")))
                return Path.Combine(folder.FullName, "plans");
        }

        throw new InvalidOperationException("The tests lie outside the checkout.");
    }
}
