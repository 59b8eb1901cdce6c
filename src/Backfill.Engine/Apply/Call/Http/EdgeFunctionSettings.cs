namespace Backfill.Engine.Apply.Call.Http;

/// <summary>Limits of a call.</summary>
/// <param name="CallTimeout">
/// How long a whole call may last: beyond the platform's idle timeout of 150 s, so that its own 504 arrives.
/// </param>
/// <param name="ConnectTimeout">How long one connection may take to open.</param>
/// <param name="MaxConnections">The most connections at once.</param>
/// <param name="BodyLimit">The most bytes of an answer that are read.</param>
internal sealed record EdgeFunctionSettings(TimeSpan CallTimeout, TimeSpan ConnectTimeout, int MaxConnections, int BodyLimit)
{
    public static EdgeFunctionSettings Default { get; } =
        new(ApplyDefaults.CallTimeout, TimeSpan.FromSeconds(15), 64, 1024 * 1024);
}
