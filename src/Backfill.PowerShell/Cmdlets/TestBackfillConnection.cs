using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Looks at everything that a run will need of a target, and writes nothing there.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BackfillConnection", DefaultParameterSetName = ConnectionSet)]
[OutputType(typeof(BackfillCheck))]
[OutputType(typeof(bool))]
public sealed class TestBackfillConnectionCommand : TargetCmdlet
{
    /// <summary>The connection to test; by default this runspace's open one, or what the environment's variables name.</summary>
    [Parameter(ParameterSetName = ConnectionSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [ConnectionText]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public BackfillConnection? Connection { get; set; }

    /// <summary>What the target is expected to be.</summary>
    [Parameter(ParameterSetName = SettingsSet, Position = 0)]
    [Parameter(ParameterSetName = SandboxSet, Position = 0)]
    [ValidateNotNull]
    public BackfillEnvironment? Environment { get; set; }

    /// <summary>Gives true if no check failed, else false, and nothing more.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = Tested();
        var options = Options();
        Work(async (streams, stop) =>
        {
            var checks = connection is null
                ? Engine.CheckAsync(options, Environment, stop)
                : Engine.CheckAsync(connection, stop);
            var works = true;
            await foreach (var check in checks.ConfigureAwait(false))
            {
                works &= check.Status != BackfillCheckStatus.Failed;
                if (!Quiet)
                    streams.Write(check);
            }

            if (Quiet)
                streams.Write(works);
        });
    }

    /// <summary>
    /// The open connection to test; null to test settings. That is when a test is needed most: they can't be connected with.
    /// </summary>
    private BackfillConnection? Tested()
    {
        if (Connection is { IsClosed: true })
            throw ConnectionErrors.Closed(Connection);
        var table = ConnectionTable.OfThisRunspace;
        return Connection is null && ParameterSetName == ConnectionSet && table.Open.Count > 0
            ? table.Default(MyInvocation.MyCommand.Name, writes: false)
            : Connection;
    }
}
