using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Traffic in sandboxes of their own.</summary>
public sealed class SandboxTrafficLifeTests
{
    private static readonly string[] Empty = ["--candidates", "0", "--sessions", "0"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Lane", "full")]
    public async Task The_same_seed_gives_the_same_sessions_and_another_one_others()
    {
        var (first, again, other) = (await SessionsAsync(seed: 7), await SessionsAsync(seed: 7), await SessionsAsync(seed: 8));
        Assert.Equal(first, again);
        Assert.Empty(first.Intersect(other));
    }

    [Fact]
    public async Task Stopping_scores_at_once_what_has_completed_and_dates_it_no_later_than_now()
    {
        await using var sandbox = await SandboxProcess.StartAsync(Empty);
        await sandbox.Control.StartTrafficAsync(new(6_000) { Unscored = 0.5 }, Cancellation);
        await Patiently.AskAsync(() => sandbox.Control.TrafficAsync(Cancellation), state => state.Last.Completed >= 50);

        var traffic = (await sandbox.Control.StopTrafficAsync(Cancellation)).Last;

        Assert.Equal(traffic.Completed, traffic.Scored + traffic.Planted.Unscored.Count);
        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        await using var command = owner.CreateCommand("SELECT max(computed_at) FROM public.profiles");
        Assert.InRange(new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(Cancellation))!), traffic.StartedAt, traffic.StoppedAt!.Value);
    }

    [Fact]
    public async Task Traffic_does_not_hold_up_the_sandboxs_end()
    {
        await using var sandbox = await SandboxProcess.StartAsync([.. Empty, "--clock-factor", "720"]);
        await sandbox.Control.StartTrafficAsync(new(80), Cancellation);
        await Patiently.AskAsync(() => sandbox.Control.TrafficAsync(Cancellation), state => state.Last.Completed > 0);

        await sandbox.StopAsync();

        Assert.Equal(0, sandbox.ExitCode);
        Assert.False(Directory.Exists(sandbox.Info.DataPath));
    }

    /// <summary>The first hundred, each with its token, its user, and whether it is scored.</summary>
    private static async Task<List<string>> SessionsAsync(int seed)
    {
        await using var sandbox = await SandboxProcess.StartAsync([.. Empty, "--clock-factor", "720"]);
        await sandbox.Control.StartTrafficAsync(new(60) { Unscored = 0.07, Seed = seed }, Cancellation);
        await Patiently.AskAsync(() => sandbox.Control.TrafficAsync(Cancellation), state => state.Last.Completed >= 100);
        await sandbox.Control.StopTrafficAsync(Cancellation);

        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        await using var command = owner.CreateCommand("""
            SELECT concat_ws(' ', s.id, s.share_token, s.user_id, s.completed_at - s.created_at, p.type_code)
            FROM public.assessment_sessions AS s LEFT JOIN public.profiles AS p ON p.session_id = s.id
            ORDER BY s.completed_at LIMIT 100
            """);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        var sessions = new List<string>();
        while (await reader.ReadAsync(Cancellation)) sessions.Add(reader.GetString(0));
        Assert.Equal(100, sessions.Count);
        return sessions;
    }
}
