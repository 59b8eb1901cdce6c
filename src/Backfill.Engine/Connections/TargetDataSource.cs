using System.Runtime.CompilerServices;
using Backfill.Engine.Connections.Settings;
using Npgsql;

namespace Backfill.Engine.Connections;

/// <summary>The pool of connections to one target's database.</summary>
internal static class TargetDataSource
{
    /// <summary>Npgsql's type can't be derived from, so what is known of one lies beside it.</summary>
    private static readonly ConditionalWeakTable<NpgsqlDataSource, DirectWay> Ways = [];

    /// <summary>Opens no connection yet.</summary>
    /// <param name="uri">The database.</param>
    /// <param name="settings">How to connect.</param>
    /// <param name="sessionSettings">What a connection that is proved direct is set up with, once; empty for nothing.</param>
    public static NpgsqlDataSource Create(PostgresUri uri, NpgsqlConnectionStringBuilder settings, string sessionSettings = "")
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // Not through the connection string: there a line feed at a password's end would be lost, and messages quote strings.
        if (uri.Password.Length > 0)
            builder.UsePasswordProvider(_ => uri.Password, (_, _) => ValueTask.FromResult(uri.Password));
        var way = new DirectWay(sessionSettings);
        builder.UsePhysicalConnectionInitializer(way.Prove, way.ProveAsync);
        var dataSource = builder.Build();
        Ways.Add(dataSource, way);
        return dataSource;
    }

    /// <summary>Whether its connections are direct; null for one that was made elsewhere, of which nothing is known.</summary>
    public static DirectWay? WayOf(NpgsqlDataSource dataSource) => Ways.TryGetValue(dataSource, out var way) ? way : null;
}
