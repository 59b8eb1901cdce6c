using System.Globalization;
using System.Text.Json;
using Backfill.Sandbox.Faults;
using Backfill.Sandbox.Signals;

namespace Backfill.Sandbox.Control;

/// <summary>Sets, lists and clears faults.</summary>
/// <param name="board">Those that are set.</param>
/// <param name="outage">Follows the board.</param>
/// <param name="signals">Follow it, too.</param>
/// <param name="functions">The names that a fault may be for.</param>
internal sealed class FaultEndpoints(FaultBoard board, Outage outage, PlantedSignals signals, IReadOnlyCollection<string> functions)
{
    public void Map(ControlRoutes routes)
    {
        routes.Map("GET", "faults", _ => new { Faults = board.Read(Describe) });
        routes.Map("POST", "faults", async http =>
        {
            var order = await FaultOrder.ReadAsync(http.Request.Body, functions, http.RequestAborted).ConfigureAwait(false);
            if (order.Kind == FaultKind.Unreachable && outage.Cuts(http.Connection))
                throw new JsonException(
                    "Unreachable would cut this connection too. Set it at the control plane's own address, control_url.");

            if (order.Kind.IsSignal())
                return new { (await signals.PlantAsync(order, http.RequestAborted).ConfigureAwait(false)).Id };

            var fault = board.Add(order);
            await outage.FollowAsync(fault).ConfigureAwait(false);
            return new { fault.Id };
        });
        routes.Map("DELETE", "faults", _ => RemoveAsync(board.Clear()));
        routes.Map("DELETE", "faults/{id:long}", http =>
            RemoveAsync(board.Remove(long.Parse((string)http.Request.RouteValues["id"]!, CultureInfo.InvariantCulture))));
    }

    private async ValueTask<object> RemoveAsync(int removed)
    {
        await outage.FollowAsync().ConfigureAwait(false);
        await signals.FollowAsync().ConfigureAwait(false);
        return new { Removed = removed };
    }

    private static object Describe(Fault fault) => new
    {
        fault.Id,
        Kind = fault.Order.Kind.ToString(),
        fault.Order.Function,
        fault.Order.SessionIds,
        fault.Order.Rate,
        fault.Order.Count,
        fault.Order.PerSession,
        fault.Order.StatusCode,
        fault.Order.ErrorCode,
        DelayMs = fault.Order.Delay?.TotalMilliseconds,
        fault.Order.AfterTables,
        Table = fault.Order.Table ?? (fault.Order.Kind is FaultKind.LongTransaction or FaultKind.TableLock ? FaultOrder.UsualTable : null),
        fault.Order.RetryAfterS,
        fault.Fired,
    };
}
