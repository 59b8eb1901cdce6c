using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Tests.Sandbox;
using Npgsql;

namespace Backfill.Engine.Tests.Connections;

/// <summary>One sandbox with a staging ledger, for tests that open it in every wrong way. They run one after another.</summary>
public sealed class ConnectionWorld : SandboxFixture, IAsyncLifetime
{
    public SandboxInfo Info => Sandbox.Info;

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var bare = await SupabaseConnector.ConnectAsync(Options(), null, requireLedger: false, CancellationToken.None);
        await using var target = bare.Target;
        await target.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: false, sandbox: true, CancellationToken.None);
    }

    /// <summary>The sandbox's own settings, some of them replaced.</summary>
    public ConnectionOptions Options(
        string? apiUrl = null, string? serviceRoleKey = null, string? anonKey = null, string? databaseUrl = null, string? projectRef = null) =>
        new()
        {
            ApiUrl = apiUrl ?? Info.ApiUrl,
            ServiceRoleKey = serviceRoleKey ?? Info.ServiceRoleKey,
            AnonKey = anonKey ?? Info.AnonKey,
            DatabaseUrl = databaseUrl ?? Info.DatabaseUrl,
            ProjectRef = projectRef,
        };

    /// <summary>The database's address with another user, password or database, or a query.</summary>
    public string DatabaseUrl(string? user = null, string? password = null, string? database = null, int? port = null, string query = "")
    {
        var uri = PostgresUri.Parse(Info.DatabaseUrl);
        return $"postgresql://{Uri.EscapeDataString(user ?? uri.User)}:{Uri.EscapeDataString(password ?? uri.Password)}"
            + $"@{uri.Host}:{port ?? uri.Port}/{Uri.EscapeDataString(database ?? uri.Database)}{query}";
    }

    /// <summary>Connects and leaves nothing open.</summary>
    public static async Task<BackfillConnection> ConnectAsync(
        ConnectionOptions options, BackfillEnvironment? expected = null, bool requireLedger = true)
    {
        var connection = await SupabaseConnector.ConnectAsync(options, expected, requireLedger, TestContext.Current.CancellationToken);
        await connection.Target.DisposeAsync();
        return connection;
    }

    public static async Task<BackfillException> RefusalAsync(ConnectionOptions options, BackfillEnvironment? expected = null) =>
        await Assert.ThrowsAsync<BackfillException>(() => ConnectAsync(options, expected));

    /// <summary>Runs <paramref name="test"/> between a change and its undoing, both as the superuser.</summary>
    public async Task WithAsync(string change, string undo, Func<Task> test)
    {
        await ExecuteAsync(change);
        try
        {
            await test();
        }
        finally
        {
            await ExecuteAsync(undo);
        }
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Info.SuperuserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>The tests that share a <see cref="ConnectionWorld"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ConnectionCollection : ICollectionFixture<ConnectionWorld>
{
    public const string Name = "Connections";
}
