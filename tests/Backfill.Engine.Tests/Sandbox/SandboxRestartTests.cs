using System.Diagnostics;
using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxRestartTests
{
    private static readonly Guid Session = SandboxSessions.Named[0];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restart_keeps_port_and_rows_ends_sessions_and_the_functions_go_on()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        await using var client = await owner.OpenConnectionAsync(Cancellation);
        Assert.Equal(200, await ScoreAsync(sandbox));
        var process = await PostgresOf(sandbox);

        await sandbox.Control.RestartDatabaseAsync(Cancellation);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(client, "SELECT 1::bigint"));
        Assert.Equal(200, await ScoreAsync(sandbox));
        await using var again = await owner.OpenConnectionAsync(Cancellation);
        Assert.Equal(1L, await ScalarAsync(again, $"SELECT count(*) FROM public.fc_scores WHERE session_id = '{Session}'"));
        Assert.NotEqual(process, await PostgresOf(sandbox));
    }

    [Fact]
    public async Task A_call_that_restarts_the_database_goes_on_when_it_is_back()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await sandbox.Control.SetFaultAsync(new SandboxFault(SandboxFaultKind.DatabaseRestart) { Count = 2 }, Cancellation);
        var process = await PostgresOf(sandbox);

        var statuses = await Task.WhenAll(ScoreAsync(sandbox), ScoreAsync(sandbox));

        // The second restart may catch the first call at its work.
        Assert.Contains(200, statuses);
        Assert.Equal(200, await ScoreAsync(sandbox));
        Assert.NotEqual(process, await PostgresOf(sandbox));
        var calls = await sandbox.Control.CallsAsync(cancellation: Cancellation);
        Assert.Equal(["DatabaseRestart", "DatabaseRestart", null], calls.Select(call => call.Fault));
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task Calls_in_flight_while_it_restarts_all_end_and_what_they_answered_is_true()
    {
        await using var sandbox = await SandboxProcess.StartAsync("--candidates", "300");
        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        var sessions = new List<Guid>();
        await using (var command = owner.CreateCommand(SandboxSessions.Candidates))
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
        {
            while (await reader.ReadAsync(Cancellation)) sessions.Add(reader.GetGuid(0));
        }

        var calls = sessions.Select(session => sandbox.Functions.CallAsync("score_fc_session", new { session_id = session }, Cancellation)).ToArray();
        await sandbox.Control.RestartDatabaseAsync(Cancellation);
        var replies = await Task.WhenAll(calls);

        await using var counting = owner.CreateCommand("SELECT count(*) FROM public.fc_scores WHERE session_id = ANY ($1)");
        counting.Parameters.Add(new NpgsqlParameter { Value = sessions.ToArray() });
        var written = (long)(await counting.ExecuteScalarAsync(Cancellation))!;
        Assert.All(replies, reply => Assert.Contains(reply.Status, new[] { 200, 500 }));
        Assert.InRange(written, replies.LongCount(reply => reply.Status == 200), sessions.Count);
        Assert.Equal(200, await ScoreAsync(sandbox));
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_restarted_sandbox_ends_like_any_other_and_leaves_nothing()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await sandbox.Control.RestartDatabaseAsync(Cancellation);
        var process = await PostgresOf(sandbox);

        await sandbox.StopAsync();

        Assert.Equal(0, sandbox.ExitCode);
        Assert.False(Directory.Exists(sandbox.Info.DataPath));
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(process));
    }

    [Fact]
    public async Task A_database_that_ends_unasked_after_a_restart_still_ends_the_sandbox()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await sandbox.Control.RestartDatabaseAsync(Cancellation);

        using (var postgres = Process.GetProcessById(await PostgresOf(sandbox)))
            postgres.Kill();
        await sandbox.EndedAsync();

        Assert.Equal(1, sandbox.ExitCode);
        Assert.False(Directory.Exists(sandbox.Info.DataPath));
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task Calls_that_hang_and_commits_that_are_late_do_not_hold_up_its_end()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await sandbox.Control.SetFaultAsync(new SandboxFault(SandboxFaultKind.LateCommit) { Delay = TimeSpan.FromHours(1), Count = 1 }, Cancellation);
        await sandbox.Control.SetFaultAsync(new SandboxFault(SandboxFaultKind.Hang), Cancellation);
        Assert.Equal(504, await ScoreAsync(sandbox));
        var hanging = ScoreAsync(sandbox);
        await Patiently.AskAsync(() => sandbox.Control.FaultsAsync(Cancellation), faults => faults[1].Fired == 1);

        await sandbox.StopAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => hanging);
    }

    private static async Task<int> ScoreAsync(SandboxProcess sandbox) =>
        (await sandbox.Functions.CallAsync("score_fc_session", new { session_id = Session }, Cancellation)).Status;

    private static async Task<int> PostgresOf(SandboxProcess sandbox) =>
        (await sandbox.Control.InfoAsync(Cancellation)).GetProperty("postgres_process_id").GetInt32();

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
