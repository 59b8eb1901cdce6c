using Backfill.Engine.Connections;
using Backfill.Engine.Soak;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;
using Backfill.Engine.Tests.Soak;
using Npgsql;

namespace Backfill.Engine.Tests.Eras;

/// <summary>A sandbox of one era, with its ledger.</summary>
internal sealed class EraWorld(string era, bool asDeployed) : ApplyWorld
{
    protected override string[] SandboxArguments => ["--era", era, "--functions", asDeployed ? "deployed" : "fixed"];

    public static async Task<EraWorld> StartAsync(string era, bool asDeployed = false)
    {
        var world = new EraWorld(era, asDeployed);
        await world.InitializeAsync();
        return world;
    }

    /// <summary>The first lines of an answer: its first column.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }

    /// <summary>Every row of the tables that functions write, as far as this era has them.</summary>
    public async Task<IReadOnlyList<string>> DumpAsync()
    {
        var tables = await LinesAsync("""
            select relname::text from pg_class
            where relnamespace = 'public'::regnamespace and relkind = 'r' and (relname in ('fc_scores', 'profiles') or relname like 'scoring_results%')
            """);
        return await LinesAsync($"{string.Join("\nunion all\n", tables.Select(t => $"select '{t} ' || t::text from public.{t} t"))}\norder by 1");
    }

    /// <summary>Sessions that lack scores and profile.</summary>
    public Guid[] New { get; } = [.. SandboxSessions.Named.Take(3)];

    public async Task<IReadOnlyList<BackfillCheck>> CheckAsync() =>
        await SupabaseConnector.CheckAsync(Connection, CancellationToken.None).ToListAsync();

    /// <summary>One look at what was written since a moment.</summary>
    public async Task<SoakSample> LookBackAsync(DateTimeOffset since, int? tokenSample = null)
    {
        var sink = new SoakSink();
        await new SoakPhase(Connection, TimeProvider.System).RunAsync(
            new() { Since = since, GracePeriod = TimeSpan.Zero, TokenSample = tokenSample, OutputPath = NewFolder() }, sink, CancellationToken.None);
        return Assert.Single(sink.Samples);
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Sandbox.Info.SuperuserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
