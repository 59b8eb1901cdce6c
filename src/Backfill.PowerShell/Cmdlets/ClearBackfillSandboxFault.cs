using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Isolation;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Clears all faults of a sandbox. What hangs goes on hanging, and a late commit still comes.</summary>
[Cmdlet(VerbsCommon.Clear, "BackfillSandboxFault", SupportsShouldProcess = true)]
public sealed class ClearBackfillSandboxFaultCommand : AsyncCmdlet
{
    /// <summary>The sandbox; by default the one that is running.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNull]
    [NoCopy(typeof(BackfillSandbox), "Name the sandbox that this session has started: -Sandbox completes it.")]
    [SandboxText]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    public BackfillSandbox? Sandbox { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var sandbox = SandboxChoice.Of(Sandbox);
        if (!ShouldProcess(sandbox.ToString(), "Clear all faults"))
            return;
        Work((_, stop) => EngineGateway.Sandboxes.ClearFaultsAsync(sandbox, stop));
    }
}
