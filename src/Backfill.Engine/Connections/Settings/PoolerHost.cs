namespace Backfill.Engine.Connections.Settings;

/// <summary>What Supabase's own host names and ports say about the way to the database.</summary>
internal static class PoolerHost
{
    /// <summary>The port of Supabase's transaction poolers, shared and dedicated.</summary>
    public const int TransactionPort = 6543;

    public static bool IsShared(string host) => host.EndsWith(".pooler.supabase.com", StringComparison.OrdinalIgnoreCase);

    public static bool IsSupabase(string host) =>
        IsShared(host)
        || (host.StartsWith("db.", StringComparison.OrdinalIgnoreCase)
            && (host.EndsWith(".supabase.co", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".supabase.in", StringComparison.OrdinalIgnoreCase)));
}
