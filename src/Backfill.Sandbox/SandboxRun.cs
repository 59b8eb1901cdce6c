using System.Text.Json;
using Backfill.Sandbox.Control;
using Backfill.Sandbox.Lifetime;
using Backfill.Sandbox.Postgres;

namespace Backfill.Sandbox;

/// <summary>The life of a sandbox: started, announced, and stopped at the first reason to stop.</summary>
internal static class SandboxRun
{
    public static async Task<int> RunAsync(SandboxOptions options)
    {
        if (!OperatingSystem.IsWindows()) Unix.LeaveTerminal();
        using var leash = new Leash(Console.OpenStandardInput());

        var account = await Account.FindAsync().ConfigureAwait(false);
        var finding = PostgresFinder.FindAsync(account);
        if (await Task.WhenAny(finding, leash.Released).ConfigureAwait(false) == leash.Released) return 0;
        var binaries = await finding.ConfigureAwait(false);

        // In this order: the guardian deletes the folder after the lock in it has been released.
        var folder = SandboxFolder.Create();
        var guardian = Guardian.Start(folder.Path);
        await using (guardian.ConfigureAwait(false))
        using (folder)
        {
            var starting = RunningSandbox.StartAsync(options, folder, binaries, account, guardian);
            if (await Task.WhenAny(starting, leash.Released, guardian.Ended).ConfigureAwait(false) != starting) return 0;

            var sandbox = await starting.ConfigureAwait(false);
            await using (sandbox.ConfigureAwait(false))
            {
                Console.Out.WriteLine(JsonSerializer.Serialize(sandbox.Ready, ControlRoutes.SnakeCase));
                var reason = await Task.WhenAny(leash.Released, guardian.Ended, sandbox.PostgresEnded).ConfigureAwait(false);
                if (reason == leash.Released) return 0;

                Console.Error.WriteLine(reason == guardian.Ended ? "The sandbox's guardian was killed, so the sandbox stops." : "PostgreSQL ended, so the sandbox stops.");
                return 1;
            }
        }
    }
}
