using System.Net;

namespace Backfill.Engine.Connections.Settings;

/// <summary>Whether a host is this machine: there TLS may be off, and a sandbox may be a sandbox.</summary>
internal static class Loopback
{
    public static bool Is(string host) =>
        IPAddress.TryParse(host.Trim('[', ']'), out var address)
            ? IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
                || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
