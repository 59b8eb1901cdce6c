using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace Backfill.Sandbox.Faults;

/// <summary>What can be done to a caller besides answering.</summary>
internal static class Connection
{
    /// <summary>Ends the connection with an RST: nothing on it tells the caller whether anything was done.</summary>
    public static void Reset(HttpContext http)
    {
        http.Abort();
    }

    /// <summary>Completes when the caller has gone, or the sandbox stops.</summary>
    public static async Task GoneAsync(HttpContext http)
    {
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, Stopping(http));
        await Task.Delay(Timeout.Infinite, gone.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Cancelled when the sandbox stops.</summary>
    public static CancellationToken Stopping(HttpContext http) =>
        http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
}
