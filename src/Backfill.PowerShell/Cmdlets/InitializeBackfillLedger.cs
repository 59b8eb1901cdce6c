using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;
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
        var sandbox = Sandbox is not null || connection.IsSandbox;
        var outlook = await Engine.PreviewLedgerAsync(connection, Environment, Adopt, sandbox, stop).ConfigureAwait(false);
        // What would be refused is refused before anybody is asked.
        if (outlook.Refusal is { } refusal)
            throw refusal;
        var target = $"{connection.ProjectRef}, database {connection.Database} on {connection.DatabaseHost}{(sandbox ? " (sandbox)" : "")}";
        if (!await streams.ShouldProcessAsync(target, What(outlook)).ConfigureAwait(false))
            return false;
        await Engine.InstallLedgerAsync(connection, Environment, Adopt, sandbox, stop).ConfigureAwait(false);
        return true;
    }

    private string What(LedgerOutlook outlook) => outlook.Action switch
    {
        LedgerAction.Install => $"Install the backfill ledger as {Environment}",
        LedgerAction.Adopt when outlook.Found == Environment =>
            $"Take over the backfill ledger that says {outlook.Found} of project {outlook.FoundProject}, as {Environment}",
        LedgerAction.Adopt =>
            $"Take over the backfill ledger that says {outlook.Found} of project {outlook.FoundProject}, and change its label to {Environment}",
        LedgerAction.Upgrade => $"Upgrade the backfill ledger ({outlook.Found})",
        LedgerAction.Keep => $"Change nothing: the backfill ledger ({outlook.Found}) is up to date",
        _ => $"Refuse: {outlook.Refusal!.Message}",
    };
}
