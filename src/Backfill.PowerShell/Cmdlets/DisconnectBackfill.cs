using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Closes a connection: by default the one that is open in this runspace.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "Backfill")]
public sealed class DisconnectBackfillCommand : AsyncCmdlet
{
    /// <summary>The connection to close; one that is closed already is no error.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [ConnectionText]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public BackfillConnection? Connection { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = Connection ?? ConnectionTable.OfThisRunspace.Default(MyInvocation.MyCommand.Name, writes: true);
        Work((_, _) => ConnectionTable.CloseAsync(connection));
    }
}
