using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Connections;

/// <summary>The open connections of one runspace, oldest first. Ask for it on the pipeline's thread.</summary>
internal sealed class ConnectionTable
{
    private static readonly ConditionalWeakTable<Runspace, ConnectionTable> Tables = [];

    private readonly Lock _lock = new();
    private readonly List<BackfillConnection> _connections = [];

    public static ConnectionTable OfThisRunspace => Tables.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>The connections that are open.</summary>
    public IReadOnlyList<BackfillConnection> Open
    {
        get
        {
            lock (_lock)
            {
                _connections.RemoveAll(c => c.IsClosed);
                return [.. _connections];
            }
        }
    }

    public void Add(BackfillConnection connection)
    {
        lock (_lock)
        {
            if (!_connections.Contains(connection))
                _connections.Add(connection);
        }
    }

    /// <summary>The connection that a cmdlet means when it names none.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="writes">Whether it writes: then it must be clear where.</param>
    public BackfillConnection Default(string command, bool writes)
    {
        var open = Open;
        if (open.Count == 0)
            throw ConnectionErrors.NotConnected(command);
        if (writes && open.DistinctBy(c => c.Fingerprint).Count() > 1)
            throw ConnectionErrors.Ambiguous(command, open);
        return open[^1];
    }

    /// <summary>The open connections to a database, by its host and port.</summary>
    public IEnumerable<BackfillConnection> To(string databaseHost) => Open.Where(c => c.DatabaseHost == databaseHost);

    public void CloseAll()
    {
        foreach (var connection in Open)
            CloseAsync(connection).GetAwaiter().GetResult();
    }

    /// <summary>Closes a connection, in whatever runspace it was opened.</summary>
    public static Task CloseAsync(BackfillConnection connection) => EngineGateway.Engine.DisconnectAsync(connection);
}
