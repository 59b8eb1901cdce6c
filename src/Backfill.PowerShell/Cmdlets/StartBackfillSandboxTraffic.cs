using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Isolation;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>
/// Lets sessions complete in a sandbox, and get scored, at a rate and with chosen faults. It takes the place of the
/// traffic that is running, and ends with the sandbox.
/// </summary>
/// <remarks>The shares are together at most 1: a session has one fault at most, and which ones have it is the same each time.</remarks>
[Cmdlet(VerbsLifecycle.Start, "BackfillSandboxTraffic", SupportsShouldProcess = true)]
public sealed class StartBackfillSandboxTrafficCommand : AsyncCmdlet
{
    /// <summary>Sessions that complete in a minute of the sandbox's clock.</summary>
    [Parameter(Position = 0)]
    [ValidateRange(0.01, 100_000.0)]
    public double RatePerMinute { get; set; } = 20;

    /// <summary>The share that is completed and never scored.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double Unscored { get; set; }

    /// <summary>The share whose profile is of an older engine.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double WrongVersion { get; set; }

    /// <summary>The share whose forced-choice scores are of kind legacy.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double LegacyKind { get; set; }

    /// <summary>The share that is sound, with an engine_version_override in fn_logs.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double OverrideEvents { get; set; }

    /// <summary>Lets get_profile_by_session ignore its token as long as this traffic runs.</summary>
    [Parameter]
    public SwitchParameter BrokenTokens { get; set; }

    /// <summary>The same seed gives the same sessions; by default the sandbox's own.</summary>
    [Parameter]
    [ValidateNotNull]
    public int? Seed { get; set; }

    /// <summary>The sandbox; by default the one that is running.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    [NoCopy(typeof(BackfillSandbox), "Name the sandbox that this session has started: -Sandbox completes it.")]
    [SandboxText]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    public BackfillSandbox? Sandbox { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var sandbox = SandboxChoice.Of(Sandbox);
        var traffic = new BackfillSandboxTraffic
        {
            RatePerMinute = RatePerMinute,
            Unscored = Unscored,
            WrongVersion = WrongVersion,
            LegacyKind = LegacyKind,
            OverrideEvents = OverrideEvents,
            BrokenTokens = BrokenTokens,
            Seed = Seed,
        };
        if (!ShouldProcess(sandbox.ToString(), $"Start traffic: {traffic}"))
            return;
        Work((_, stop) => EngineGateway.Sandboxes.StartTrafficAsync(sandbox, traffic, stop));
    }
}
