using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Backfill.Sandbox;

/// <summary>
/// The listening socket of the API. While it is closed, the system refuses connections to the API's port. The server
/// doesn't notice: it waits for its next caller.
/// </summary>
/// <param name="wanted">The address to listen at; with port 0, at a free one.</param>
internal sealed class ApiListener(IPEndPoint wanted) : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private const int Backlog = 512;
    private const int MostAttempts = 20;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(50);

    private readonly SocketConnectionContextFactory _contexts = new(new(), NullLogger.Instance);
    private readonly ConcurrentDictionary<ConnectionContext, object?> _connections = [];
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private volatile TaskCompletionSource<Socket?> _listening = NewListening();

    /// <summary>While it is closed: a bound socket that doesn't listen, so that nobody else gets the port.</summary>
    private Socket? _keepsPort;

    private bool _isOpen;
    private bool _isEnded;

    /// <summary>Where it listens. Its port is the one that was wanted until it is bound, and then the real one.</summary>
    public IPEndPoint EndPoint { get; private set; } = wanted;

    EndPoint IConnectionListener.EndPoint => EndPoint;

    public bool CanBind(EndPoint endpoint) => ReferenceEquals(endpoint, EndPoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            _keepsPort = Bind(EndPoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        EndPoint = (IPEndPoint)_keepsPort.LocalEndPoint!;
        await FollowAsync(() => true).ConfigureAwait(false);
        return this;
    }

    /// <summary>
    /// Opens or closes it; if it is so already, nothing happens. Closing ends every connection to the API with a reset:
    /// otherwise a caller could send on one that it kept.
    /// </summary>
    /// <param name="wantsOpen">Asked once the change before this one is done.</param>
    public async Task FollowAsync(Func<bool> wantsOpen)
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_isEnded || wantsOpen() is var open && open == _isOpen) return;
            if (open) await OpenAsync().ConfigureAwait(false);
            else await CloseAsync().ConfigureAwait(false);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var listening = _listening;
            if (await listening.Task.WaitAsync(cancellationToken).ConfigureAwait(false) is not { } socket) return null;

            try
            {
                var accepted = await socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                accepted.NoDelay = true;
                var connection = _contexts.Create(accepted);
                _connections[connection] = null;
                connection.ConnectionClosed.Register(() => _connections.TryRemove(connection, out _));
                // Closed while it was accepted: too late for CloseAsync to see it.
                if (listening == _listening) return connection;
                Cut(connection);
                await connection.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The listener was closed, or the caller went before it was accepted. Either way, the next one is waited for.
            }
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _isEnded = true;
            var listening = _listening;
            _listening = NewListening();
            _listening.SetResult(null);
            if (!listening.TrySetResult(null)) (await listening.Task.ConfigureAwait(false))?.Dispose();
            _keepsPort?.Dispose();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        _contexts.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource<Socket?> NewListening() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static Socket Bind(IPEndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Cut(ConnectionContext connection) => connection.Abort(new ConnectionAbortedException("The API is unreachable."));

    private async Task OpenAsync()
    {
        var socket = _keepsPort ?? await BindAgainAsync().ConfigureAwait(false);
        socket.Listen(Backlog);
        (_keepsPort, _isOpen) = (null, true);
        _listening.SetResult(socket);
    }

    private async Task CloseAsync()
    {
        var socket = (await _listening.Task.ConfigureAwait(false))!;
        (_listening, _isOpen) = (NewListening(), false);
        socket.Dispose();
        foreach (var connection in _connections.Keys) Cut(connection);
        _keepsPort = await BindAgainAsync().ConfigureAwait(false);
    }

    /// <summary>For a moment the port was nobody's, and the near end of a client's connection may have got it. It soon goes away.</summary>
    private async Task<Socket> BindAgainAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Bind(EndPoint);
            }
            catch (SocketException) when (attempt < MostAttempts)
            {
                await Task.Delay(BetweenAttempts).ConfigureAwait(false);
            }
        }
    }
}
