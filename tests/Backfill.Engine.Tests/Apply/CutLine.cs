using System.Net;
using System.Net.Sockets;

namespace Backfill.Engine.Tests.Apply;

/// <summary>One worker's line to database and functions, which a test can cut: nothing comes through then, and nothing is refused.</summary>
internal sealed class CutLine : IDisposable
{
    private readonly List<Socket> _listeners = [];
    private readonly List<Socket> _open = [];
    private readonly Lock _lock = new();
    private TaskCompletionSource? _cut;

    /// <param name="ports">Where the line leads to on this machine.</param>
    public CutLine(IEnumerable<int> ports)
    {
        foreach (var port in ports)
        {
            var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(Folder, FormattableString.Invariant($"{port}.sock"))));
            listener.Listen();
            _listeners.Add(listener);
            _ = AcceptAsync(listener, port);
        }
    }

    /// <summary>Where the worker's end finds it.</summary>
    public string Folder { get; } = ApplyWorld.NewFolder();

    public void Cut()
    {
        lock (_lock)
            _cut ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <param name="breaks">Whether what was open breaks; otherwise its bytes come late.</param>
    public void Heal(bool breaks)
    {
        lock (_lock)
        {
            if (breaks)
            {
                _open.ForEach(s => s.Dispose());
                _open.Clear();
            }

            _cut?.SetResult();
            _cut = null;
        }
    }

    public void Dispose()
    {
        _listeners.ForEach(l => l.Dispose());
        Heal(breaks: true);
        Directory.Delete(Folder, recursive: true);
    }

    private Task ThroughAsync()
    {
        lock (_lock)
            return _cut?.Task ?? Task.CompletedTask;
    }

    private async Task AcceptAsync(Socket listener, int port)
    {
        try
        {
            while (true)
                _ = CarryAsync(await listener.AcceptAsync(), port);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The line is closed.
        }
    }

    private async Task CarryAsync(Socket worker, int port)
    {
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (worker)
        {
            lock (_lock)
                _open.AddRange([worker, target]);
            try
            {
                await ThroughAsync();
                await target.ConnectAsync(IPAddress.Loopback, port);
                await Task.WhenAny(CopyAsync(worker, target), CopyAsync(target, worker));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Broken by the test, or by one of its ends.
            }
            finally
            {
                lock (_lock)
                    _open.RemoveAll(s => s == worker || s == target);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer) is > 0 and var read)
        {
            await ThroughAsync();
            for (var sent = 0; sent < read;)
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
        }
    }
}
