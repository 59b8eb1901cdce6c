using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Functions;

/// <summary>A request as it came over the line.</summary>
internal sealed record RawRequest(string Line, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>
/// A server that does to a connection what no proper server would: resets it, lets it hang, breaks off, never ends.
/// </summary>
internal sealed class RawHttpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<RawRequest> _requests = new();
    private readonly Func<RawExchange, Task> _respond;
    private readonly Task _accepting;
    private int _connections;

    public RawHttpServer(Func<RawExchange, Task> respond)
    {
        _respond = respond;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public IReadOnlyList<RawRequest> Requests => [.. _requests];

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>A server that always answers the same.</summary>
    public static RawHttpServer Answering(int status, string body, params string[] headers) =>
        new(exchange => exchange.AnswerAsync(status, body, headers));

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException or SocketException)
        {
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _connections);
        using var _ = socket;
        await using var stream = new NetworkStream(socket);
        try
        {
            while (await ReadAsync(stream) is { } request)
            {
                _requests.Enqueue(request);
                await _respond(new(request, socket, stream, _end.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task<RawRequest?> ReadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            // The first byte of TLS: a server without it hangs up.
            if (await stream.ReadAsync(one, _end.Token) == 0 || one[0] == 0x16)
                return null;
            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2))
            .ToDictionary(p => p[0], p => p[1], StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var length) ? int.Parse(length, CultureInfo.InvariantCulture) : 0];
        await stream.ReadExactlyAsync(body, _end.Token);
        return new(lines[0], headers, Encoding.UTF8.GetString(body));
    }
}

/// <summary>One request, and what may be done to its connection.</summary>
internal sealed class RawExchange(RawRequest request, Socket socket, NetworkStream stream, CancellationToken end)
{
    public RawRequest Request => request;

    public Task AnswerAsync(int status, string body, params string[] headers) => WriteAsync(
        string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n")
        + string.Concat(headers.Select(h => $"{h}\r\n")) + "\r\n"
        + (request.Line.StartsWith("HEAD", StringComparison.Ordinal) ? "" : body));

    public Task WriteAsync(string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), end).AsTask();

    /// <summary>Until the server is disposed.</summary>
    public Task HangAsync() => Task.Delay(Timeout.InfiniteTimeSpan, end);

    /// <summary>A TCP reset rather than an orderly end.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
