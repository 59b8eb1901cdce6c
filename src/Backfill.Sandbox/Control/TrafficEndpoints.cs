using System.Text.Json;
using Backfill.Sandbox.Clock;
using Backfill.Sandbox.Traffic;
using Npgsql;

namespace Backfill.Sandbox.Control;

/// <summary>Starts, shows and stops the traffic.</summary>
internal sealed class TrafficEndpoints(TrafficControl traffic, SandboxClock clock)
{
    public void Map(ControlRoutes routes)
    {
        routes.Map("GET", "traffic", _ => traffic.Describe());
        routes.Map("PUT", "traffic", async http =>
        {
            var order = await TrafficOrder.ReadAsync(http.Request.Body, clock, http.RequestAborted).ConfigureAwait(false);
            return await AskAsync(() => traffic.StartAsync(order)).ConfigureAwait(false);
        });
        routes.Map("DELETE", "traffic", async _ => await AskAsync(traffic.StopAsync).ConfigureAwait(false));
    }

    /// <summary>A rehearsal may have taken the token function away, or locked it.</summary>
    private static async Task<object> AskAsync(Func<Task<object>> change)
    {
        try
        {
            return await change().ConfigureAwait(false);
        }
        catch (NpgsqlException e)
        {
            throw new JsonException($"The token function could not be changed: {e.Message}", e);
        }
    }
}
