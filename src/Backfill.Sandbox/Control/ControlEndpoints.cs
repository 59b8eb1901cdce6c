using System.Diagnostics;
using System.Globalization;
using Backfill.Sandbox.Functions;

namespace Backfill.Sandbox.Control;

/// <summary>What tests and operators may ask of the sandbox itself: what was called, what it is, and a new start of its database.</summary>
internal sealed class ControlEndpoints(CallLog log, Func<SandboxInfo> info, Func<Task> restartDatabase)
{
    public void Map(ControlRoutes routes)
    {
        routes.Map("GET", "calls", http =>
        {
            _ = long.TryParse(http.Request.Query["after"], CultureInfo.InvariantCulture, out var after);
            return new { Calls = log.After(after) };
        });
        routes.Map("DELETE", "calls", _ => new { Removed = log.Clear() });
        routes.Map("GET", "info", _ => info());
        routes.Map("POST", "database/restart", async _ =>
        {
            var since = Stopwatch.GetTimestamp();
            await restartDatabase().ConfigureAwait(false);
            return new { DurationMs = Stopwatch.GetElapsedTime(since).TotalMilliseconds };
        });
    }
}
