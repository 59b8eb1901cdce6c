using System.Globalization;
using Backfill.Sandbox.Faults;

namespace Backfill.Sandbox.Control;

/// <summary>Sets, lists and clears faults.</summary>
/// <param name="board">Those that are set.</param>
/// <param name="functions">The names that a fault may be for.</param>
internal sealed class FaultEndpoints(FaultBoard board, IReadOnlyCollection<string> functions)
{
    public void Map(ControlRoutes routes)
    {
        routes.Map("GET", "faults", _ => new { Faults = board.Read(Describe) });
        routes.Map("POST", "faults", async http =>
        {
            var order = await FaultOrder.ReadAsync(http.Request.Body, functions, http.RequestAborted).ConfigureAwait(false);
            return new { board.Add(order).Id };
        });
        routes.Map("DELETE", "faults", _ => new { Removed = board.Clear() });
        routes.Map("DELETE", "faults/{id:long}", http => new
        {
            Removed = board.Remove(long.Parse((string)http.Request.RouteValues["id"]!, CultureInfo.InvariantCulture)),
        });
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
        fault.Order.RetryAfterS,
        fault.Fired,
    };
}
