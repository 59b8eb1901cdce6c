using System.Security.Cryptography;
using System.Text;
using Backfill.Sandbox.Control;
using Backfill.Sandbox.Database;
using Backfill.Sandbox.Functions;
using Backfill.Sandbox.Lifetime;
using Backfill.Sandbox.Postgres;
using Backfill.Sandbox.Scoring;
using Npgsql;

namespace Backfill.Sandbox;

/// <summary>A sandbox that answers: its database and its HTTP server.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    private readonly PostgresServer _postgres;
    private readonly NpgsqlDataSource _database;
    private readonly ApiServer _api;

    private RunningSandbox(PostgresServer postgres, NpgsqlDataSource database, ApiServer api, Ready ready)
    {
        _postgres = postgres;
        _database = database;
        _api = api;
        Ready = ready;
    }

    public Ready Ready { get; }

    public Task PostgresEnded => _postgres.Ended;

    public static async Task<RunningSandbox> StartAsync(
        SandboxOptions options, SandboxFolder folder, PostgresBinaries binaries, Account account, Guardian guardian)
    {
        var cluster = await Cluster.CreateAsync(folder.Path, binaries, account, guardian).ConfigureAwait(false);
        var postgres = await PostgresServer.StartAsync(cluster, options.PostgresPort, guardian).ConfigureAwait(false);
        var ownerPassword = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var serverVersion = await PrepareAsync(postgres, options, ownerPassword).ConfigureAwait(false);

        var keys = new ProjectKeys();
        var controlKey = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var database = FunctionDatabase.Open(postgres.Superuser);
        var scorer = new Scorer(options.Seed);
        var log = new CallLog();
        var gateway = new Gateway(keys);
        var functions = new FunctionEndpoint([new ScoreFcSession(database, scorer), new ScorePrism(database, scorer)], gateway, log, new NoFaults());
        var control = new ControlEndpoints(Encoding.UTF8.GetBytes(controlKey), log, new SandboxInfo(
            options.Environment, keys.Reference, Environment.ProcessId, postgres.ProcessId, postgres.Port, folder.Path, serverVersion,
            options.Seed, options.Candidates, options.Sessions, DateTimeOffset.UtcNow));
        var api = await ApiServer.StartAsync(options.ApiPort, functions, new RestEndpoint(gateway), control).ConfigureAwait(false);

        return new RunningSandbox(postgres, database, api, new Ready
        {
            DatabaseUrl = Url("postgres", ownerPassword, postgres.Port),
            SuperuserDatabaseUrl = Url(Cluster.Superuser, cluster.Password, postgres.Port),
            ApiUrl = api.Url,
            ServiceRoleKey = keys.ServiceRole,
            AnonKey = keys.Anon,
            Environment = options.Environment,
            ProjectRef = keys.Reference,
            ProcessId = Environment.ProcessId,
            DataPath = folder.Path,
            ServerVersion = serverVersion,
            ControlKey = controlKey,
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<string> PrepareAsync(PostgresServer postgres, SandboxOptions options, string ownerPassword)
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres.Superuser.ConnectionString) { Pooling = false, CommandTimeout = 600 };
        await using var source = NpgsqlDataSource.Create(settings);
        await using var connection = await source.OpenConnectionAsync().ConfigureAwait(false);
        await DatabaseSetup.RunAsync(connection, options, ownerPassword).ConfigureAwait(false);
        return connection.PostgreSqlVersion.ToString();
    }

    private static string Url(string user, string password, int port) => $"postgresql://{user}:{password}@127.0.0.1:{port}/postgres";
}
