namespace Backfill.PowerShell.Tests.Module;

/// <summary>A folder for one test's files.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("backfill-test-");

    public string FullName => _folder.FullName;

    public string Write(string name, string text)
    {
        var file = Path.Combine(FullName, name);
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>A plan for the named sessions with both functions; each is a plan of its own, for a ledger remembers what it has done.</summary>
    public string WritePlan(string name, params Guid[] sessions) => Write(name, $$"""
        {
          "backfill_plan": {
            "version": "v1.0", "timestamp": "{{DateTime.UtcNow:O}}", "environment": "staging",
            "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": 20,
            "batch_size": 5, "total_candidates": {{sessions.Length}}, "expected_runtime_minutes": 1
          },
          "batches": [{
            "batch_id": "named", "description": "Named sessions",
            "sessions": [{{string.Join(", ", sessions.Select(s => $"\"{s}\""))}}],
            "operations": [
              { "function": "score_fc_session", "params": { "version": "v1.2", "basis": "functions" } },
              { "function": "score_prism", "params": { "engine_version": "v1.2.1" } }
            ]
          }]
        }
        """);

    public void Dispose() => _folder.Delete(recursive: true);
}
