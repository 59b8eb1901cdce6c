using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Connections;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists the connections that are open in this runspace, oldest first.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillConnection")]
[OutputType(typeof(BackfillConnection))]
public sealed class GetBackfillConnectionCommand : AsyncCmdlet
{
    /// <inheritdoc/>
    protected override void OnEnd() => WriteObject(ConnectionTable.OfThisRunspace.Open, enumerateCollection: true);
}
