using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Connections;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Connects this runspace to a target whose ledger is installed, or, for measuring only, to any.</summary>
[Cmdlet(VerbsCommunications.Connect, "Backfill", DefaultParameterSetName = SettingsSet)]
[OutputType(typeof(BackfillConnection))]
public sealed class ConnectBackfillCommand : TargetCmdlet
{
    /// <summary>What the target is expected to be; its own ledger decides what it is.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNull]
    public BackfillEnvironment? Environment { get; set; }

    /// <summary>
    /// Only for measuring, without the ledger: a role with SELECT is enough, no key is needed, and <see cref="Environment"/> must say
    /// what the target is.
    /// </summary>
    [Parameter]
    public SwitchParameter MeasureOnly { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var table = ConnectionTable.OfThisRunspace;
        var options = Options();
        if (MeasureOnly && Environment is null)
        {
            throw new BackfillException(
                "EnvironmentNeeded",
                BackfillErrorKind.InvalidInput,
                "With -MeasureOnly, no ledger says what the target is. Give -Environment Staging, or Production.");
        }

        Work(async (streams, stop) =>
        {
            var connection = await Engine
                .ConnectAsync(options, Environment, MeasureOnly ? ConnectionUse.Measure : ConnectionUse.Work, stop).ConfigureAwait(false);
            table.Add(connection);
            streams.Write(connection);
        });
    }
}
