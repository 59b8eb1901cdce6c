using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Health;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Plans.Json;
using Backfill.Engine.Tests.Apply;
using Npgsql;

namespace Backfill.Engine.Tests.Health;

/// <summary>A world with roles that may read only, whose rows can be put back, and health checks of it.</summary>
public sealed class HealthWorld : RunWorld, IAsyncLifetime
{
    /// <summary>Sees every row, and may do nothing else.</summary>
    public const string Reader = "health_reader";

    /// <summary>May read the tables, and sees what policies let it see: nothing.</summary>
    public const string Hidden = "health_hidden";

    /// <summary>Sees every row of all tables but one.</summary>
    public const string Partial = "health_partial";

    private const string Password = "read-only-1";

    public static HealthQuery Query { get; } = new(
        PlanBatch.DefaultSince, null, HealthDefaults.EngineVersion, HealthDefaults.FcVersion, null, TimeSpan.FromSeconds(30));

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await AsSuperuserAsync($"""
            create role {Reader} login bypassrls password '{Password}';
            create role {Hidden} login password '{Password}';
            create role {Partial} login bypassrls password '{Password}';
            grant usage on schema public to {Reader}, {Hidden}, {Partial};
            grant select on all tables in schema public to {Reader}, {Hidden}, {Partial};
            revoke select on public.profiles from {Partial};
            """);
    }

    /// <summary>What opens the database as a role that may read only; without any key.</summary>
    public ConnectionOptions OptionsOf(string role, int? port = null) => new()
    {
        ApiUrl = Sandbox.Info.ApiUrl,
        DatabaseUrl = UrlOf(role, port),
        ProjectRef = Sandbox.Info.ProjectRef,
    };

    public string UrlOf(string role, int? port = null)
    {
        var uri = PostgresUri.Parse(Sandbox.Info.DatabaseUrl);
        return $"postgresql://{role}:{Password}@{uri.Host}:{port ?? uri.Port}/{uri.Database}";
    }

    internal Task<BackfillConnection> MeasureAsync(string role, int? port = null, DatabasePatience? patience = null) =>
        SupabaseConnector.ConnectToMeasureAsync(
            OptionsOf(role, port), BackfillEnvironment.Staging, patience ?? DatabasePatience.Default, TestContext.Current.CancellationToken);

    /// <summary>Checks, and gives report and folder.</summary>
    public async Task<(ProdHealthReport Report, string Folder)> CheckAsync(
        BackfillConnection? connection = null, string? folder = null, HealthQuery? query = null, Action<string>? warn = null)
    {
        folder ??= NewFolder();
        var report = await new HealthPhase(connection ?? Connection, TimeProvider.System).CheckAsync(
            new() { Query = query ?? Query, OutputPath = folder }, warn ?? (_ => { }), TestContext.Current.CancellationToken);
        return (report, folder);
    }

    /// <summary>Applies the plan that a check recommends: every session of the window then has all that can be made.</summary>
    public async Task<ApplyEnd?> MendAsync(string? folder = null)
    {
        var (report, _) = await CheckAsync(folder: folder);
        if (report.PlanPath is null)
            return null;
        var plan = new PlanReader().Read(report.PlanPath).Require();
        return (await ApplyAsync(plan)).End;
    }

    public async Task<IReadOnlyList<BackfillCandidate>> FindAsync(HealthQuery? query = null) =>
        await new HealthPhase(Connection, TimeProvider.System).FindAsync(query ?? Query, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

    public async Task<Guid[]> IdsOfAsync(string sql) => [.. (await LinesAsync($"select x.id::text from ({sql}) x")).Select(Guid.Parse)];

    public async Task AsSuperuserAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Sandbox.Info.SuperuserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>The tests that share a <see cref="HealthWorld"/>, one after another.</summary>
[CollectionDefinition(Name)]
public sealed class HealthTests : ICollectionFixture<HealthWorld>
{
    public const string Name = "Health";
}
