using System.Net;
using System.Net.Sockets;
using Backfill.Engine.Connections;

namespace Backfill.Benchmarks.Telemetry;

/// <summary>A collector that is no help: it takes connections and never answers, or lets even their first packets fall.</summary>
internal sealed class BlackHole : IDisposable
{
    /// <summary>More than fit into a queue of one; those that don't are never answered.</summary>
    private const int Fillers = 8;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _held = [];

    /// <param name="drops">Whether packets fall: the queue of connections is full, and nobody takes any.</param>
    public BlackHole(bool drops)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(drops ? 1 : 512);
        for (var i = 0; drops && i < Fillers; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _held.Add(socket);
            try
            {
                socket.Connect(_listener.LocalEndPoint!);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // It waits for a place.
            }
        }
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

    public void Dispose()
    {
        _held.ForEach(s => s.Dispose());
        _listener.Dispose();
    }
}
