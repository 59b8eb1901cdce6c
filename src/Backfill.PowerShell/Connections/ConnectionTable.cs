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

    /// <summary>The open connection that a name means: an environment, a project, or a database's host and port.</summary>
    /// <exception cref="BackfillException"><c>ConnectionNotFound</c>, <c>ConnectionAmbiguous</c>.</exception>
    public BackfillConnection Find(string name)
    {
        var open = Open;
        var found = open.Where(c => TextsOf(c).Contains(name.Trim(), StringComparer.OrdinalIgnoreCase)).ToList();
        return found.DistinctBy(c => c.Fingerprint).Count() switch
        {
            1 => found[^1],
            0 => throw ConnectionErrors.NotNamed(name, [.. open.Select(NameOf).Distinct()]),
            _ => throw ConnectionErrors.NameAmbiguous(name, [.. found.Select(NameOf).Distinct()]),
        };
    }

    /// <summary>The newest open connection to the same target; null where there is none.</summary>
    /// <param name="fingerprint">The target's.</param>
    public BackfillConnection? FindTarget(string? fingerprint) => Open.LastOrDefault(c => c.Fingerprint == fingerprint);

    /// <summary>The shortest name that means this connection and no other that is open.</summary>
    public string NameOf(BackfillConnection connection)
    {
        var others = Open.Where(c => c.Fingerprint != connection.Fingerprint).ToList();
        return TextsOf(connection).First(t => t.Length > 0
            && (t == connection.DatabaseHost || !others.Exists(o => TextsOf(o).Contains(t, StringComparer.OrdinalIgnoreCase))));
    }

    /// <summary>How commands that are shown name a connection; null while no other target is connected.</summary>
    public string? NameInCommands(BackfillConnection connection) =>
        Open.Any(c => c.Fingerprint != connection.Fingerprint) ? NameOf(connection) : null;

    private static IEnumerable<string> TextsOf(BackfillConnection connection) =>
        [connection.Environment?.ToString() ?? "", connection.ProjectRef, connection.DatabaseHost, connection.ToString()];

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
