using System.Net;
using System.Net.Sockets;

namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>A collector that takes every connection and never says a word.</summary>
internal sealed class SilentCollector : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _held = [];
    private readonly Task _holding;

    public SilentCollector()
    {
        _listener.Start();
        _holding = HoldAsync();
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>How many it has taken.</summary>
    public int Connections
    {
        get
        {
            lock (_held)
                return _held.Count;
        }
    }

    public void Dispose()
    {
        _listener.Stop();
        _holding.GetAwaiter().GetResult();
        _held.ForEach(s => s.Dispose());
    }

    private async Task HoldAsync()
    {
        while (true)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync();
                lock (_held)
                    _held.Add(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
