using System.Net;
using System.Security.Cryptography;
using Backfill.Sandbox.Clock;
using Backfill.Sandbox.Control;
using Backfill.Sandbox.Database;
using Backfill.Sandbox.Faults;
using Backfill.Sandbox.Functions;
using Backfill.Sandbox.Lifetime;
using Backfill.Sandbox.Postgres;
using Backfill.Sandbox.Scoring;
using Backfill.Sandbox.Signals;
using Backfill.Sandbox.Traffic;
using Npgsql;

namespace Backfill.Sandbox;

/// <summary>A sandbox that answers: its database and its HTTP server.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    private readonly PostgresKeeper _postgres;
    private readonly FunctionDatabase _database;
    private readonly TrafficDatabase _trafficDatabase;
    private readonly TrafficControl _traffic;
    private readonly PlantedSignals _signals;
    private readonly ApiServer _api;

    private RunningSandbox(
        PostgresKeeper postgres, FunctionDatabase database, TrafficDatabase trafficDatabase, TrafficControl traffic, PlantedSignals signals,
        ApiServer api, Ready ready)
    {
        _postgres = postgres;
        _database = database;
        _trafficDatabase = trafficDatabase;
        _traffic = traffic;
        _signals = signals;
        _api = api;
        Ready = ready;
    }

    public Ready Ready { get; }

    public Task PostgresEnded => _postgres.Ended;

    public static async Task<RunningSandbox> StartAsync(
        SandboxOptions options, SandboxFolder folder, PostgresBinaries binaries, Account account, Guardian guardian)
    {
        var cluster = await Cluster.CreateAsync(folder.Path, binaries, account, guardian).ConfigureAwait(false);
        var postgres = await PostgresKeeper.StartAsync(cluster, options.PostgresPort, guardian).ConfigureAwait(false);
        var ownerPassword = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var clock = SandboxClock.StartingNow(options.ClockFactor);
        var serverVersion = await PrepareAsync(postgres, options, clock, ownerPassword).ConfigureAwait(false);

        var keys = new ProjectKeys();
        var controlKey = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var database = new FunctionDatabase(postgres.Superuser);
        var scorer = new Scorer(options.Seed);
        var trafficDatabase = new TrafficDatabase(postgres.Superuser, scorer, options.Era);
        var traffic = new TrafficControl(trafficDatabase, clock, options.Seed, options.Era);
        var log = new CallLog();
        var gateway = new Gateway(keys);
        var faults = new FaultBoard(options.Seed);
        var signals = new PlantedSignals(faults, new SignalDatabase(postgres.Superuser));
        var listener = new ApiListener(new IPEndPoint(IPAddress.Loopback, options.ApiPort));
        IEdgeFunction[] functions = [new ScoreFcSession(database, scorer), new ScorePrism(database, scorer, options.Era)];
        var endpoint = new FunctionEndpoint(functions, database, gateway, log, new FaultInjector(faults, RestartDatabaseAsync));
        var info = new SandboxInfo(
            options.Environment, keys.Reference, Environment.ProcessId, postgres.ProcessId, postgres.Port, folder.Path, serverVersion,
            options.Seed, options.Candidates, options.Sessions, DateTimeOffset.UtcNow,
            clock.Origin, clock.Factor, options.Era.Name);
        var api = await ApiServer.StartAsync(listener, endpoint, new RestEndpoint(gateway), MapControl).ConfigureAwait(false);

        return new RunningSandbox(postgres, database, trafficDatabase, traffic, signals, api, new Ready
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
            ClockFactor = clock.Factor,
            Era = options.Era.Name,
            ControlKey = controlKey,
            ControlUrl = api.ControlUrl,
        });

        async Task RestartDatabaseAsync()
        {
            await signals.ForgetAsync().ConfigureAwait(false);
            await postgres.RestartAsync(whileDown: () =>
            {
                database.Forget();
                trafficDatabase.Forget();
            }).ConfigureAwait(false);
        }

        void MapControl(IEndpointRouteBuilder app)
        {
            var routes = new ControlRoutes(app, controlKey);
            new ControlEndpoints(log, () => info with { PostgresProcessId = postgres.ProcessId }, RestartDatabaseAsync).Map(routes);
            new FaultEndpoints(faults, new Outage(faults, listener), signals, [.. functions.Select(function => function.Name)]).Map(routes);
            new TrafficEndpoints(traffic, clock).Map(routes);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync().ConfigureAwait(false);
        await _signals.DisposeAsync().ConfigureAwait(false);
        await _traffic.DisposeAsync().ConfigureAwait(false);
        await _trafficDatabase.DisposeAsync().ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        _postgres.Dispose();
    }

    private static async Task<string> PrepareAsync(
        PostgresKeeper postgres, SandboxOptions options, SandboxClock clock, string ownerPassword)
    {
        var settings = new NpgsqlConnectionStringBuilder(postgres.Superuser.ConnectionString) { Pooling = false, CommandTimeout = 600 };
        await using var source = NpgsqlDataSource.Create(settings);
        await using var connection = await source.OpenConnectionAsync().ConfigureAwait(false);
        await DatabaseSetup.RunAsync(connection, options, clock, ownerPassword).ConfigureAwait(false);
        return connection.PostgreSqlVersion.ToString();
    }

    private static string Url(string user, string password, int port) => $"postgresql://{user}:{password}@127.0.0.1:{port}/postgres";
}
