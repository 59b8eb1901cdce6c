namespace Backfill;

/// <summary>The phases of a pipeline, in their order.</summary>
public enum BackfillPhase
{
    /// <summary>The plan is applied to staging.</summary>
    Apply,

    /// <summary>Staging is watched.</summary>
    Soak,

    /// <summary>Production is looked at.</summary>
    ProdHealth,
}

/// <summary>How a phase of a pipeline stands.</summary>
public enum BackfillPipelineStatus
{
    /// <summary>It is done, now or before.</summary>
    Done,

    /// <summary>It failed: a person must mend something.</summary>
    Failed,

    /// <summary>It waits for a person, mostly at a gate.</summary>
    Halted,
}

/// <summary>One phase of a pipeline, as far as this call has come.</summary>
public sealed record BackfillPipelineStep
{
    /// <summary>Which phase.</summary>
    public required BackfillPhase Phase { get; init; }

    /// <summary>How it stands.</summary>
    public required BackfillPipelineStatus Status { get; init; }

    /// <summary>For a script to exit with: 0 done, 1 failed, 3 halted.</summary>
    public int ExitCode => Status switch
    {
        BackfillPipelineStatus.Done => 0,
        BackfillPipelineStatus.Failed => 1,
        _ => 3,
    };

    /// <summary>The run; null before there is one. Of the last phase it is production's, where one waits or is under way there.</summary>
    public Guid? RunId { get; init; }

    /// <summary>The gate that it halts at; null where it halts at none.</summary>
    public BackfillGateName? Gate { get; init; }

    /// <summary>What was done, or what to review and which command goes on.</summary>
    public required string Message { get; init; }

    /// <summary>The connection to the run's target, so that the step can be piped on.</summary>
    public BackfillConnection? Connection { get; init; }

    /// <summary>The files that this call wrote.</summary>
    public ItemList<string> Artifacts { get; init; } = ItemList.Of<string>();

    /// <summary>Phase and status.</summary>
    /// <returns>For example <c>Soak Halted</c>.</returns>
    public override string ToString() => $"{Phase} {Status}";
}
