using System.Net;
using System.Net.Sockets;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>A way to the database that breaks once: when a commit has been carried out, its answer is lost.</summary>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private static readonly byte[] Order = [.. "commit\0"u8];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Task _accepting;
    private int _armed;

    public CuttingRelay(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The next commit's answer is lost.</summary>
    public void Arm() => Volatile.Write(ref _armed, 1);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var ways = new List<Task>();
        try
        {
            while (true)
                ways.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(ways);
        }
    }

    private async Task RelayAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using (near)
        {
            await far.ConnectAsync(IPAddress.Loopback, _port);
            var cut = new StrongBox();
            await Task.WhenAny(PumpAsync(near, far, cut, isOrder: true), PumpAsync(far, near, cut, isOrder: false));
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, StrongBox cut, bool isOrder)
    {
        var buffer = new byte[65536];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _end.Token) is var read && read > 0)
            {
                if (isOrder && buffer.AsSpan(0, read).IndexOf(Order) >= 0 && Interlocked.Exchange(ref _armed, 0) == 1)
                    cut.IsSet = true;
                // The answer comes when the commit is done.
                else if (!isOrder && cut.IsSet)
                    return;
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _end.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One end is gone, and so is the other.
        }
    }

    private sealed class StrongBox
    {
        public volatile bool IsSet;
    }
}
