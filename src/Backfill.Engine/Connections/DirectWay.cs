using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Connections;

/// <summary>One end of a connection and the other, as one side sees them.</summary>
/// <param name="Client">Our end; null where the line isn't TCP.</param>
/// <param name="Server">The server's end.</param>
internal readonly record struct Line(IPEndPoint? Client, IPEndPoint? Server);

/// <summary>Whether all connections of a data source are proved to end at the server itself.</summary>
/// <remarks>
/// Only then do prepared statements surely stay with them.
/// The proof is taken when a connection is opened, before anybody gets it. One that is not proved ends preparing on all of
/// them: behind one address there may be a pooler today that was not there yesterday.
/// </remarks>
/// <param name="settings">Statements that set a proved connection up for its whole session; empty for none.</param>
internal sealed class DirectWay(string settings = "")
{
    private volatile bool _isDirect = true;

    /// <summary>Whether every connection has its settings, so that no transaction need bring them.</summary>
    public bool IsSetUp => _isDirect && settings.Length > 0;

    /// <summary>Whether statements may be prepared.</summary>
    public bool IsDirect => _isDirect;

    /// <summary>Ends preparing on all connections, for as long as the data source lives.</summary>
    public void GiveUp() => _isDirect = false;

    /// <summary>
    /// The server answers from a process that was announced when the connection opened, and that process has our very socket at the
    /// other end of its own. A pooler has a socket of its own there; that it could be told from ours by neither address nor
    /// port, nor by the server's, is not possible on one machine. A Unix socket has no address to compare, so it's never proved.
    /// </summary>
    /// <param name="announced">The server process that was announced.</param>
    /// <param name="actual">The one that answered.</param>
    /// <param name="ours">The line as our socket sees it.</param>
    /// <param name="theirs">The line as that process sees it.</param>
    public static bool IsProved(int announced, int actual, Line ours, Line theirs) =>
        announced == actual && ours is { Client: not null, Server: not null } && ours == theirs;

    /// <summary>Takes the proof on a connection that has just been opened.</summary>
    public void Prove(NpgsqlConnection connection)
    {
        // Through a pooler one look is enough.
        if (!_isDirect)
            return;
        using (var command = Command(connection))
        {
            using var reader = command.ExecuteReader();
            reader.Read();
            Judge(connection, reader);
        }

        if (!IsSetUp)
            return;
        using var setup = SetUp(connection);
        try
        {
            setup.ExecuteNonQuery();
        }
        catch (PostgresException)
        {
            GiveUp();
        }
    }

    /// <summary>Takes the proof on a connection that has just been opened.</summary>
    public async Task ProveAsync(NpgsqlConnection connection)
    {
        if (!_isDirect)
            return;
        await using (var command = Command(connection))
        {
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            await reader.ReadAsync().ConfigureAwait(false);
            Judge(connection, reader);
        }

        if (!IsSetUp)
            return;
        await using var setup = SetUp(connection);
        try
        {
            await setup.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        catch (PostgresException)
        {
            // What this role may not set is told by the transaction that then tries it.
            GiveUp();
        }
    }

    private NpgsqlCommand SetUp(NpgsqlConnection connection) =>
        new(settings, connection) { CommandTimeout = connection.ConnectionTimeout };

    private static NpgsqlCommand Command(NpgsqlConnection connection) =>
        new(SqlText.Load("Connections/read_line"), connection) { CommandTimeout = connection.ConnectionTimeout };

    private void Judge(NpgsqlConnection connection, NpgsqlDataReader reader)
    {
        var theirs = new Line(EndOf(reader, 1), EndOf(reader, 3));
        if (!IsProved(connection.ProcessID, reader.GetInt32(0), NpgsqlSocket.LineOf(connection), theirs))
            GiveUp();
    }

    private static IPEndPoint? EndOf(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new(IPAddress.Parse(reader.GetString(column)), reader.GetInt32(column + 1));
}

/// <summary>The socket under a connection, which Npgsql does not show. Where it can't be found, nothing is proved.</summary>
file static class NpgsqlSocket
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;

    private static readonly PropertyInfo? Connector = typeof(NpgsqlConnection).GetProperty("Connector", Hidden);

    private static readonly FieldInfo? Socket = Connector?.PropertyType.GetField("_socket", Hidden);

    public static Line LineOf(NpgsqlConnection connection) =>
        Connector?.GetValue(connection) is { } connector && Socket?.GetValue(connector) is Socket socket
            ? new(EndOf(socket.LocalEndPoint), EndOf(socket.RemoteEndPoint))
            : default;

    private static IPEndPoint? EndOf(EndPoint? end) => end is IPEndPoint { Address: var address, Port: var port }
        ? new(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port)
        : null;
}
