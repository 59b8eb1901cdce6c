using System.Globalization;
using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxClockTests
{
    /// <summary>What any client computes: origin + (now − origin) × factor.</summary>
    private const string SimulatedSeconds = """
        SELECT current_setting('sandbox.clock_factor', true),
               extract(epoch FROM clock_timestamp() - current_setting('sandbox.clock_origin', true)::timestamptz)::float8
        """;

    [Fact]
    public async Task Whoever_connects_can_read_where_its_clock_began_and_how_fast_it_goes()
    {
        await using var sandbox = await SandboxProcess.StartAsync("--clock-factor", "720.5", "--candidates", "0", "--sessions", "0");
        var ready = DateTimeOffset.UtcNow;
        var info = await sandbox.Control.InfoAsync(TestContext.Current.CancellationToken);
        Assert.Equal((720.5, 720.5), (sandbox.Info.ClockFactor, info.GetProperty("clock_factor").GetDouble()));
        Assert.InRange(info.GetProperty("clock_origin").GetDateTimeOffset(), ready - sandbox.ReadyAfter, ready);

        var (factor, elapsed) = await ReadAsync(sandbox);
        Assert.Equal("720.5", factor);
        Assert.InRange(elapsed, 0, (DateTimeOffset.UtcNow - ready + sandbox.ReadyAfter).TotalSeconds);

        var origin = info.GetProperty("clock_origin").GetDateTimeOffset();
        var before = DateTimeOffset.UtcNow;
        var simulated = (await sandbox.Control.TrafficAsync(TestContext.Current.CancellationToken)).SimulatedNow;
        Assert.InRange(simulated - origin, (before - origin) * 720.5 - TimeSpan.FromMilliseconds(1), (DateTimeOffset.UtcNow - origin) * 720.5);

        await sandbox.Control.RestartDatabaseAsync(TestContext.Current.CancellationToken);
        Assert.Equal("720.5", (await ReadAsync(sandbox)).Factor);
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("100001")]
    [InlineData("1e3")]
    [InlineData("1,5")]
    [InlineData("NaN")]
    public async Task A_factor_that_is_none_is_refused(string factor)
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SandboxProcess.StartAsync("--clock-factor", factor));
        Assert.Contains("--clock-factor is a number from 1 to 100000", error.Message, StringComparison.Ordinal);
    }

    private static async Task<(string Factor, double Elapsed)> ReadAsync(SandboxProcess sandbox)
    {
        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        await using var command = owner.CreateCommand(SimulatedSeconds);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        return (reader.GetString(0), Convert.ToDouble(reader.GetValue(1), CultureInfo.InvariantCulture));
    }
}
