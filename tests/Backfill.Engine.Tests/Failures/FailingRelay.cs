using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Failures;

/// <summary>How the database fails.</summary>
internal enum DatabaseFailure
{
    /// <summary>It answers with an error.</summary>
    Refuses,

    /// <summary>It does what it is told, and the line breaks before the answer.</summary>
    BreaksAfterwards,

    /// <summary>The line breaks.</summary>
    Breaks,

    /// <summary>It answers nothing until it is told to cancel, and then that it has.</summary>
    Hangs,
}

/// <summary>
/// A way to a real database. Once it is armed, statements no longer reach the server: they fail as they would on a bad day. The look
/// whether a pooled connection is alive still passes.
/// </summary>
internal sealed class FailingRelay : IAsyncDisposable
{
    private const int CancelRequest = 80877102;
    private const int SslRequest = 80877103;

    /// <summary>The look whether a connection is alive; Npgsql's own begin; the end of a transaction that has nothing to keep.</summary>
    private static readonly string[] Spared = ["select 1\0", "BEGIN", "ROLLBACK", "rollback\0"];

    private static readonly byte[] ReadyForQuery = [(byte)'Z', 0, 0, 0, 5];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _struck = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _port;
    private readonly Task _accepting;
    private DatabaseFailure _failure;
    private string _state = "";
    private string _words = "";
    private int _passing = int.MaxValue;
    private int _times;

    public FailingRelay(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends once a statement has been kept from the server.</summary>
    public Task Struck => _struck.Task;

    /// <param name="failure">How it fails from now on.</param>
    /// <param name="state">The SQLSTATE of a refusal.</param>
    /// <param name="passing">So many round trips with statements pass before.</param>
    /// <param name="times">So often it fails; then the bad day is over.</param>
    /// <param name="words">What a refusal says.</param>
    public void Arm(DatabaseFailure failure, string state = "", int passing = 0, int times = int.MaxValue, string words = "the server's words")
    {
        (_failure, _state, _words) = (failure, state, words);
        Volatile.Write(ref _times, times);
        Volatile.Write(ref _passing, passing);
    }

    /// <summary>From now on everything passes.</summary>
    public void Disarm() => Volatile.Write(ref _passing, int.MaxValue);

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
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(ways);
        }
    }

    private async Task RelayAsync(TcpClient near)
    {
        using var far = new TcpClient();
        using (near)
        {
            try
            {
                if (await ReadStartAsync(near.GetStream()) is not { } start)
                    return;
                await far.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
                await far.GetStream().WriteAsync(start, _end.Token);
                var unanswered = new StrongBox<TaskCompletionSource?>();
                await Task.WhenAny(
                    AnswerAsync(far.GetStream(), near.GetStream(), unanswered), PassAsync(near.GetStream(), far.GetStream(), unanswered));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One end is gone, and so is the other.
            }
        }
    }

    /// <summary>What opens a session; null where there is none to open.</summary>
    private async Task<byte[]?> ReadStartAsync(NetworkStream client)
    {
        while (await ReadAsync(client, hasType: false) is { } message)
        {
            switch (BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(4)))
            {
                case CancelRequest:
                    _cancelled.TrySetResult();
                    return null;
                case SslRequest:
                    await client.WriteAsync("N"u8.ToArray(), _end.Token);
                    break;
                default:
                    return message;
            }
        }

        return null;
    }

    /// <summary>Hands answers on; one that is kept back is told of once the server has ended it.</summary>
    private async Task AnswerAsync(NetworkStream server, NetworkStream client, StrongBox<TaskCompletionSource?> unanswered)
    {
        var bytes = new byte[65536];
        while (await server.ReadAsync(bytes, _end.Token) is var count and > 0)
        {
            if (Volatile.Read(ref unanswered.Value) is not { } ended)
                await client.WriteAsync(bytes.AsMemory(0, count), _end.Token);
            else if (count >= 6 && bytes.AsSpan(count - 6, 5).SequenceEqual(ReadyForQuery))
                ended.TrySetResult();
        }
    }

    private async Task PassAsync(NetworkStream client, NetworkStream server, StrongBox<TaskCompletionSource?> unanswered)
    {
        var trip = new List<byte>();
        while (await ReadAsync(client, hasType: true) is { } message)
        {
            trip.AddRange(message);
            // Parse, Bind, Describe, Execute and Close wait for their Sync.
            if (message[0] is (byte)'P' or (byte)'B' or (byte)'D' or (byte)'E' or (byte)'C')
                continue;
            if (Strikes(message[0], trip))
            {
                if (_failure == DatabaseFailure.Breaks)
                    return;
                if (_failure == DatabaseFailure.BreaksAfterwards)
                {
                    var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    Volatile.Write(ref unanswered.Value, ended);
                    await server.WriteAsync(trip.ToArray(), _end.Token);
                    await ended.Task.WaitAsync(_end.Token);
                    return;
                }

                if (_failure == DatabaseFailure.Hangs)
                    await _cancelled.Task.WaitAsync(_end.Token);
                await client.WriteAsync(Refusal(_failure == DatabaseFailure.Hangs ? "57014" : _state, _words), _end.Token);
            }
            else
            {
                await server.WriteAsync(trip.ToArray(), _end.Token);
            }

            trip.Clear();
        }
    }

    private bool Strikes(byte last, List<byte> trip)
    {
        var text = Encoding.UTF8.GetString([.. trip]);
        if (last is not ((byte)'S' or (byte)'Q') || Array.Exists(Spared, s => text.Contains(s, StringComparison.Ordinal)))
            return false;
        if (Interlocked.Decrement(ref _passing) >= 0 || Interlocked.Decrement(ref _times) < 0)
            return false;
        _struck.TrySetResult();
        return true;
    }

    /// <summary>An ErrorResponse, and that the server is ready for the next query.</summary>
    private static byte[] Refusal(string state, string words)
    {
        var fields = Encoding.UTF8.GetBytes($"SERROR\0VERROR\0C{state}\0M{words}\0\0");
        var message = new byte[1 + 4 + fields.Length];
        message[0] = (byte)'E';
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + fields.Length);
        fields.CopyTo(message, 5);
        return [.. message, .. ReadyForQuery, (byte)'I'];
    }

    /// <summary>A message as it came; null at the end.</summary>
    private async Task<byte[]?> ReadAsync(NetworkStream from, bool hasType)
    {
        var head = new byte[hasType ? 5 : 4];
        if (await from.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, _end.Token) < head.Length)
            return null;
        var message = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(^4..)) + head.Length - 4];
        head.CopyTo(message, 0);
        await from.ReadExactlyAsync(message.AsMemory(head.Length), _end.Token);
        return message;
    }
}
