using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>A sandbox whose clock makes twelve minutes of a second, in which one traffic follows the other.</summary>
public sealed class TrafficWorld : SandboxFixture
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected override string[] SandboxArguments => ["--clock-factor", "720"];

    protected override bool KeepsConnections => false;

    public SandboxControl Control => Sandbox.Control;

    /// <summary>Lets traffic flow for a while of the sandbox's clock, and stops it.</summary>
    public async Task<SandboxTraffic> RunAsync(SandboxTrafficOrder order, TimeSpan duration)
    {
        await StartAsync(order, duration);
        return (await Control.StopTrafficAsync(Cancellation)).Last;
    }

    /// <summary>Lets traffic flow; returns when all of so long a while is in the database.</summary>
    public async Task<SandboxTraffic> StartAsync(SandboxTrafficOrder order, TimeSpan duration)
    {
        var started = (await Control.StartTrafficAsync(order, Cancellation)).Last;
        return await ReachAsync(Sandbox, started.StartedAt + duration);
    }

    public static async Task<SandboxTraffic> ReachAsync(SandboxProcess sandbox, DateTimeOffset time)
    {
        var state = await Patiently.AskAsync(() => sandbox.Control.TrafficAsync(Cancellation), state => state.Last.WrittenUntil >= time);
        Assert.InRange(state.Last.WrittenUntil, time, state.SimulatedNow);
        return state.Last;
    }

    /// <summary>The sessions of a traffic, in the order in which they completed.</summary>
    public Task<List<Guid>> SessionsAsync(SandboxTraffic traffic) => IdsAsync(
        "SELECT id FROM public.assessment_sessions WHERE status = 'completed' AND completed_at > $1 AND completed_at <= $2 ORDER BY completed_at", traffic);

    /// <summary>Ids, by a statement in which $1 is the start of a traffic, and $2 its end.</summary>
    public async Task<List<Guid>> IdsAsync(string sql, SandboxTraffic traffic)
    {
        await using var command = Owner.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = traffic.StartedAt });
        command.Parameters.Add(new NpgsqlParameter { Value = traffic.StoppedAt ?? traffic.WrittenUntil });
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(Cancellation)) ids.Add(reader.GetGuid(0));
        return ids;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
