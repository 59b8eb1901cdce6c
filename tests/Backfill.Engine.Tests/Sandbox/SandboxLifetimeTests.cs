using System.Diagnostics;
using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxLifetimeTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Lane", "full")]
    public async Task Closing_its_standard_input_ends_it_and_leaves_nothing()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        var processes = await ProcessesOf(sandbox);

        await sandbox.StopAsync();

        Assert.Equal(0, sandbox.ExitCode);
        AssertNothingIsLeft(sandbox, processes);
    }

    [Fact]
    public async Task Killing_it_leaves_nothing()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        var processes = await ProcessesOf(sandbox);

        await sandbox.KillAsync();

        AssertNothingIsLeft(sandbox, processes);
    }

    [Fact]
    public async Task Killing_its_guardian_ends_it_and_leaves_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Finds the guardian in /proc.");
        await using var sandbox = await SandboxProcess.StartAsync();
        var processes = await ProcessesOf(sandbox);
        var guardian = Assert.Single(Naming(sandbox.Info.DataPath), line => line.Command.Contains("guard", StringComparison.Ordinal));

        using (var process = Process.GetProcessById(guardian.Id))
            process.Kill();
        await sandbox.EndedAsync();

        Assert.Equal(1, sandbox.ExitCode);
        AssertNothingIsLeft(sandbox, processes);
    }

    [Fact]
    public async Task A_crash_of_the_database_is_survived_with_everything_that_was_committed()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await sandbox.Functions.CallAsync("score_fc_session", new { session_id = SandboxSessions.Named[0] }, Cancellation);
        await using (var superuser = NpgsqlDataSource.Create(sandbox.Info.SuperuserConnectionString))
        await using (var victim = await superuser.OpenConnectionAsync(Cancellation))
        {
            using var backend = Process.GetProcessById(victim.ProcessID);
            backend.Kill();
            await backend.WaitForExitAsync(Cancellation);
        }

        Assert.Equal(1L, await CountScoresAfterRestart(sandbox));
        Assert.Equal(200, (await Patiently.AskAsync(() => sandbox.Functions.CallAsync("score_prism", new { session_id = SandboxSessions.Named[0] }, Cancellation), reply => reply.Status == 200)).Status);
    }

    [Fact]
    public async Task What_it_cannot_do_it_says_in_one_line()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => SandboxProcess.StartAsync("--environment", "moon"));
        Assert.Contains("staging or production", error.Message, StringComparison.Ordinal);
        Assert.Contains("remedy", error.Message, StringComparison.Ordinal);
    }

    private static async Task<long> CountScoresAfterRestart(SandboxProcess sandbox)
    {
        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        return await Patiently.AskAsync(
            async () =>
            {
                try
                {
                    await using var command = owner.CreateCommand("SELECT count(*) FROM public.fc_scores WHERE session_id = $1");
                    command.Parameters.Add(new NpgsqlParameter { Value = SandboxSessions.Named[0] });
                    return (long)(await command.ExecuteScalarAsync(Cancellation))!;
                }
                catch (NpgsqlException)
                {
                    return -1;
                }
            },
            count => count >= 0);
    }

    /// <summary>The sandbox's server and all its backends.</summary>
    private static async Task<int[]> ProcessesOf(SandboxProcess sandbox)
    {
        var info = await sandbox.Control.InfoAsync(Cancellation);
        await using var superuser = NpgsqlDataSource.Create(sandbox.Info.SuperuserConnectionString);
        await using var command = superuser.CreateCommand("SELECT array_agg(pid) FROM pg_stat_activity");
        var backends = (int[])(await command.ExecuteScalarAsync(Cancellation))!;
        Assert.True(Directory.Exists(sandbox.Info.DataPath));
        return [info.GetProperty("postgres_process_id").GetInt32(), .. backends];
    }

    private static void AssertNothingIsLeft(SandboxProcess sandbox, int[] processes)
    {
        Assert.False(Directory.Exists(sandbox.Info.DataPath));
        Assert.All(processes, id => Assert.False(IsRunning(id)));
        Assert.Empty(Naming(sandbox.Info.DataPath));
    }

    private static bool IsRunning(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            // One that waits for its parent to read its exit code (Z) does not run.
            var stat = $"/proc/{processId}/stat";
            return File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static List<(int Id, string Command)> Naming(string folder)
    {
        var found = new List<(int, string)>();
        if (!OperatingSystem.IsLinux()) return found;

        foreach (var process in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(process), out var id)) continue;
            try
            {
                var command = File.ReadAllText(Path.Combine(process, "cmdline"));
                if (command.Contains(folder, StringComparison.Ordinal)) found.Add((id, command));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is another user's.
            }
        }

        return found;
    }
}
