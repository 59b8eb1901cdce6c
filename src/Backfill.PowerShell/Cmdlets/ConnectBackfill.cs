using System.Management.Automation;
using Backfill.PowerShell.Isolation;
using Backfill.PowerShell.Pipeline;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Connects this runspace to a target whose ledger is installed.</summary>
[Cmdlet(VerbsCommunications.Connect, "Backfill", DefaultParameterSetName = SettingsSet)]
[OutputType(typeof(BackfillConnection))]
public sealed class ConnectBackfillCommand : TargetCmdlet
{
    /// <summary>What the target is expected to be; its own ledger decides what it is.</summary>
    [Parameter(Position = 0)]
    public BackfillEnvironment? Environment { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var table = ConnectionTable.OfThisRunspace;
        var options = Options();
        Work(async (streams, stop) =>
        {
            var connection = await SupabaseGateway
                .ConnectAsync(options, Environment, requireLedger: true, stop).ConfigureAwait(false);
            table.Add(connection);
            streams.Write(connection);
        });
    }
}
