using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Questions;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Writes a plan for chosen sessions, and gives it as it loads. The same sessions in the same state give the same plan.</summary>
[Cmdlet(VerbsCommon.New, "BackfillPlan", SupportsShouldProcess = true)]
[OutputType(typeof(BackfillPlan))]
public sealed class NewBackfillPlanCommand : ConnectedCmdlet
{
    private readonly OrderedDictionary<Guid, BackfillConnection?> _sessions = [];

    /// <summary>The sessions; a session named twice is planned once.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public Guid[] SessionId { get; set; } = [];

    /// <summary>The plan's file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>
    /// What the plan is for; by default the connection's. Without a connection it is needed, and sessions are not looked at.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public BackfillEnvironment? Environment { get; set; }

    /// <summary>The plan's version; by default derived from its content.</summary>
    [Parameter]
    [ValidateLength(1, 64)]
    public string? Version { get; set; }

    /// <summary>What its batches are for.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>The results version that profiles are to have.</summary>
    [Parameter]
    [ValidateLength(1, 64)]
    public string EngineVersion { get; set; } = HealthDefaults.EngineVersion;

    /// <summary>The version that FC scores are to have.</summary>
    [Parameter]
    [ValidateLength(1, 64)]
    public string FcVersion { get; set; } = HealthDefaults.FcVersion;

    /// <summary>Sessions a batch.</summary>
    [Parameter]
    [ValidateRange(1, 100_000)]
    public int BatchSize { get; set; } = HealthDefaults.BatchSize;

    /// <summary>Session attempts a minute; over 20 in the sandbox only.</summary>
    [Parameter]
    [ValidateRange(1, 100_000)]
    public int ThrottlePerMinute { get; set; } = HealthDefaults.ThrottlePerMinute;

    /// <summary>Overwrites a file that is there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        foreach (var id in SessionId)
            _sessions[id] = Connection;
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var connection = Target();
        RequireVersion(connection);
        var request = new SessionPlanRequest
        {
            Sessions = _sessions.Keys,
            Connection = connection,
            Environment = Environment ?? connection!.Environment!.Value,
            Path = FilePaths.Literal(SessionState, Path),
            Overwrite = Force,
            Version = Version,
            Description = Description,
            EngineVersion = EngineVersion,
            FcVersion = FcVersion,
            BatchSize = BatchSize,
            ThrottlePerMinute = ThrottlePerMinute,
        };
        if (this.IsWhatIf())
            Work((_, stop) => Engine.RequireAsync(request, stop));
        if (_sessions.Count > 0
            && !ShouldProcess(
                request.Path, FormattableString.Invariant($"Write a plan of {_sessions.Count} sessions for {request.Environment}")))
            return;
        Work(async (streams, stop) =>
        {
            var written = await Engine.WritePlanAsync(request, stop).ConfigureAwait(false);
            foreach (var warning in written.Warnings)
                streams.Warn(warning);
            streams.Write(written.Plan);
        });
    }

    /// <summary>The target that the sessions are on; null where the plan is made without looking.</summary>
    private BackfillConnection? Target()
    {
        var named = _sessions.Values.OfType<BackfillConnection>().Append(Connection).OfType<BackfillConnection>()
            .DistinctBy(c => c.Fingerprint).ToList();
        if (named.Count > 1)
        {
            throw new BackfillException(
                "SelectionManyTargets",
                BackfillErrorKind.InvalidInput,
                $"The sessions come from several targets: {string.Join(", ", named)}. A plan is for one; make one for each.");
        }

        if (named is [var only])
            return only.IsClosed ? throw ConnectionErrors.Closed(only) : Fitting(only);
        var all = ConnectionTable.OfThisRunspace.Open;
        if (all.Count == 0)
            return Environment is null ? throw ConnectionErrors.NotConnected(MyInvocation.MyCommand.Name) : null;
        var open = all.Where(c => Environment is null || c.Environment == Environment).ToList();
        // Somebody who is connected expects that the sessions are looked at.
        if (open.Count == 0)
            return Fitting(all[^1]);
        return open.DistinctBy(c => c.Fingerprint).Count() == 1
            ? open[^1]
            : throw ConnectionErrors.Ambiguous(MyInvocation.MyCommand.Name, open);
    }

    private BackfillConnection Fitting(BackfillConnection connection) =>
        Environment is null || Environment == connection.Environment ? connection : throw new BackfillException(
            "EnvironmentMismatch",
            BackfillErrorKind.InvalidInput,
            $"-Environment {Environment} is not the environment of {connection}. "
            + "Leave it out, or connect to the other target and name it with -Connection.",
            connection);
}
