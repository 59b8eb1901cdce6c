using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Installs the ledger in a target, or upgrades it, and connects to it.</summary>
[Cmdlet(
    VerbsData.Initialize,
    "BackfillLedger",
    DefaultParameterSetName = SettingsSet,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(BackfillConnection))]
public sealed class InitializeBackfillLedgerCommand : TargetCmdlet
{
    /// <summary>What the target is. The ledger keeps it, and every plan is held against it.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public BackfillEnvironment Environment { get; set; }

    /// <summary>The target, where it is connected already: to upgrade its ledger.</summary>
    [Parameter(ParameterSetName = ConnectionSet, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [ConnectionText]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public BackfillConnection? Connection { get; set; }

    /// <summary>Takes over a ledger that was copied or restored here with its database, or whose server was upgraded.</summary>
    [Parameter]
    public SwitchParameter Adopt { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var table = ConnectionTable.OfThisRunspace;
        var options = Options();
        if (Connection is { IsClosed: true })
            throw ConnectionErrors.Closed(Connection);
        Work(async (streams, stop) =>
        {
            var connection = Connection ?? await Engine.ConnectAsync(options, null, ConnectionUse.Install, stop).ConfigureAwait(false);
            var isInstalled = false;
            try
            {
                isInstalled = await InstallAsync(connection, streams, stop).ConfigureAwait(false);
            }
            finally
            {
                if (!isInstalled && Connection is null)
                    await ConnectionTable.CloseAsync(connection).ConfigureAwait(false);
            }

            if (!isInstalled)
                return;
            table.Add(connection);
            streams.Write(connection);
        });
    }

    private async Task<bool> InstallAsync(BackfillConnection connection, PipelineStreams streams, CancellationToken stop)
    {
        var target = $"{connection.ProjectRef}, database {connection.Database} on {connection.DatabaseHost}{(Sandbox is not null || connection.IsSandbox ? " (sandbox)" : "")}";
        // What would be refused is refused before anybody is asked.
        await Engine.RequireInstallableAsync(connection, Environment, Adopt, Sandbox is not null || connection.IsSandbox, stop).ConfigureAwait(false);
        if (!await streams.ShouldProcessAsync(target, What(connection)).ConfigureAwait(false))
            return false;
        await Engine
            .InstallLedgerAsync(connection, Environment, Adopt, Sandbox is not null || connection.IsSandbox, stop).ConfigureAwait(false);
        return true;
    }

    private string What(BackfillConnection connection) => connection.Environment switch
    {
        null when Adopt => $"Take over the ledger that came here with a copy, as {Environment}; where there is none, install one",
        null => $"Install the backfill ledger as {Environment}",
        { } installed when Adopt && Sandbox is not null && !connection.IsSandbox => $"Take over the backfill ledger ({installed}), as {Environment} of a sandbox",
        { } installed => $"Upgrade the backfill ledger ({installed}) where it is older than this module; otherwise change nothing",
    };
}
