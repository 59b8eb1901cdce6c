using System.Diagnostics;

namespace Backfill.Sandbox.Lifetime;

/// <summary>What a child process gets to see of the operator's environment.</summary>
internal static class ChildEnvironment
{
    /// <summary>Takes out settings of other PostgreSQL servers (PG...), and the keys of the operator's real project.</summary>
    public static void Clean(ProcessStartInfo start)
    {
        foreach (var name in start.Environment.Keys.ToArray())
        {
            if (name.StartsWith("PG", StringComparison.Ordinal) || name.StartsWith("SUPABASE_", StringComparison.OrdinalIgnoreCase))
                start.Environment.Remove(name);
        }
    }
}
