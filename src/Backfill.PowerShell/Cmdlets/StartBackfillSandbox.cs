using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Starts a disposable target on this machine, to rehearse on. It ends with this process.</summary>
[Cmdlet(VerbsLifecycle.Start, "BackfillSandbox", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillSandbox))]
public sealed class StartBackfillSandboxCommand : AsyncCmdlet
{
    /// <summary>What it poses as.</summary>
    [Parameter(Position = 0)]
    public BackfillEnvironment Environment { get; set; } = BackfillEnvironment.Staging;

    /// <summary>How many sessions need a backfill.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public int CandidateCount { get; set; } = 39;

    /// <summary>The same seed gives the same rows.</summary>
    [Parameter]
    public int Seed { get; set; } = 1;

    /// <summary>Simulated seconds a real second: with 240, six hours are rehearsed in 90 seconds.</summary>
    [Parameter]
    [ValidateRange(1.0, 100_000.0)]
    public double ClockFactor { get; set; } = 1;

    /// <summary>Which version of the real system it plays: the day of its schema. By default the newest.</summary>
    [Parameter]
    [ValidateSet("2025-09-17", "2025-09-23", "2025-10-04", "complete")]
    public string Era { get; set; } = "2025-10-04";

    /// <summary>Lets its functions have the faults that they had then.</summary>
    [Parameter]
    public SwitchParameter AsDeployed { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (!ShouldProcess("this machine", $"Start a sandbox ({Era}) that poses as {Environment}"))
            return;
        var sandboxes = RunningSandboxes.OfThisRunspace;
        Work(async (streams, stop) =>
        {
            var (process, sandbox) = await SandboxStart
                .RunAsync(new(Environment, CandidateCount, Seed, ClockFactor, Era, AsDeployed), stop).ConfigureAwait(false);
            sandboxes.Add(sandbox, process);
            streams.Write(sandbox);
        });
    }
}
