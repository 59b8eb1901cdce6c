using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Isolation;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>
/// Stops a sandbox's traffic. What has completed is scored at once, what was to stay unscored stays so, and tokens are
/// looked at again.
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "BackfillSandboxTraffic", SupportsShouldProcess = true)]
public sealed class StopBackfillSandboxTrafficCommand : AsyncCmdlet
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
        if (!ShouldProcess(sandbox.ToString(), "Stop the traffic"))
            return;
        Work((_, stop) => EngineGateway.Sandboxes.StopTrafficAsync(sandbox, stop));
    }
}
