using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Stops sandboxes; their data goes with them. By default those that this runspace has started.</summary>
[Cmdlet(VerbsLifecycle.Stop, "BackfillSandbox", SupportsShouldProcess = true)]
public sealed class StopBackfillSandboxCommand : AsyncCmdlet
{
    /// <summary>The sandbox to stop; one that has ended is no error.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [NoCopy(typeof(BackfillSandbox), "Name the sandbox that this session has started: -Sandbox completes it.")]
    [SandboxText]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    public BackfillSandbox? Sandbox { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        IReadOnlyList<BackfillSandbox> sandboxes = Sandbox is null ? RunningSandboxes.OfThisRunspace.Running : [Sandbox];
        var connections = ConnectionTable.OfThisRunspace;
        Work(async (streams, _) =>
        {
            foreach (var sandbox in sandboxes)
            {
                if (!await streams.ShouldProcessAsync(sandbox.ToString(), "Stop and delete its data").ConfigureAwait(false))
                    continue;
                // A connection to what is gone would only be in the way of the next.
                foreach (var connection in connections.To(new Uri(sandbox.DatabaseUrl).Authority))
                    await ConnectionTable.CloseAsync(connection).ConfigureAwait(false);
                await RunningSandboxes.StopAsync(sandbox).ConfigureAwait(false);
            }
        });
    }
}
