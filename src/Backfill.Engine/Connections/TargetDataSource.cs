using Backfill.Engine.Connections.Settings;
using Npgsql;

namespace Backfill.Engine.Connections;

/// <summary>The pool of connections to one target's database.</summary>
internal static class TargetDataSource
{
    public static NpgsqlDataSource Create(PostgresUri uri, NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // Not through the connection string: there a line feed at a password's end would be lost, and messages quote strings.
        if (uri.Password.Length > 0)
            builder.UsePasswordProvider(_ => uri.Password, (_, _) => ValueTask.FromResult(uri.Password));
        return builder.Build();
    }
}
