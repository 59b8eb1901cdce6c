using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Sandboxes;

/// <summary>Brings a sandbox up to where a run can begin: program, database, ledger.</summary>
internal static class SandboxStart
{
    private static string Program => Path.Combine(
        Path.GetDirectoryName(typeof(SandboxStart).Assembly.Location)!, "Sandbox", "Backfill.Sandbox.dll");

    public static async Task<(SandboxProcess Process, BackfillSandbox Sandbox)> RunAsync(
        SandboxOrder order, CancellationToken cancellationToken)
    {
        if (!File.Exists(Program))
        {
            throw new BackfillException(
                "SandboxMissing",
                BackfillErrorKind.NotInstalled,
                $"The sandbox's program is not there: {Program}. Install the module again, as a whole.",
                Program);
        }

        var (process, sandbox) = await SandboxProcess
            .StartAsync(DotnetFinder.OfThisProcess.Find(), Program, order, cancellationToken).ConfigureAwait(false);
        try
        {
            await InstallLedgerAsync(sandbox, cancellationToken).ConfigureAwait(false);
            return (process, sandbox);
        }
        catch
        {
            await process.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What opens a sandbox.</summary>
    public static ConnectionOptions OptionsOf(
        BackfillSandbox sandbox, Func<BackfillConnection, string?>? naming = null, string? targetProfile = null) => new()
    {
        TargetProfile = targetProfile,
        NameInCommands = naming,
        ApiUrl = sandbox.ApiUrl,
        ServiceRoleKey = sandbox.ServiceRoleKey,
        AnonKey = sandbox.AnonKey,
        DatabaseUrl = sandbox.DatabaseUrl,
        ProjectRef = sandbox.ProjectRef,
    };

    private static async Task InstallLedgerAsync(BackfillSandbox sandbox, CancellationToken cancellationToken)
    {
        var engine = EngineGateway.Engine;
        var connection = await engine
            .ConnectAsync(OptionsOf(sandbox), null, ConnectionUse.Install, cancellationToken).ConfigureAwait(false);
        try
        {
            await engine
                .InstallLedgerAsync(connection, sandbox.Environment, adopt: false, sandbox: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await engine.DisconnectAsync(connection).ConfigureAwait(false);
        }
    }
}
