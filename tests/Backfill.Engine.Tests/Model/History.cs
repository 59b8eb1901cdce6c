namespace Backfill.Engine.Tests.Model;

/// <summary>What a session has before the run.</summary>
internal enum Kind
{
    /// <summary>Answers only.</summary>
    New,

    /// <summary>A profile, and no scores.</summary>
    WithProfile,

    /// <summary>Scores and a profile.</summary>
    WithBoth,

    /// <summary>No forced-choice answers, so that <c>score_fc_session</c> has nothing to do.</summary>
    WithoutFc,
}

/// <summary>One operation of a batch.</summary>
/// <param name="Function">The edge function.</param>
/// <param name="Version">The version that it is to write.</param>
/// <param name="IfMissing">Whether it is spared where its row is there.</param>
internal sealed record Op(string Function, string Version, bool IfMissing = false)
{
    public const string ScoreFc = "score_fc_session";
    public const string ScorePrism = "score_prism";

    public bool IsFc => Function == ScoreFc;

    /// <summary>In the order in which the function writes them. A row of the first one proves it.</summary>
    public IReadOnlyList<string> Tables => IsFc
        ? ["public.fc_scores"]
        :
        [
            "public.profiles", "public.scoring_results", "public.scoring_results_types",
            "public.scoring_results_functions", "public.scoring_results_state",
        ];

    /// <summary>The row that it is to leave. One of another version is a row of its own for FC scores, and the same row for a profile.</summary>
    public string Row => IsFc ? $"fc {Version}" : "profile";

    public string Json => IsFc
        ? $$"""{"function": "{{Function}}", "params": {"version": "{{Version}}", "basis": "functions"{{Flag}}} }"""
        : $$"""{"function": "{{Function}}", "params": {"engine_version": "{{Version}}"{{Flag}}} }""";

    private string Flag => IfMissing ? ", \"if_missing\": true" : "";

    public override string ToString() => $"{(IsFc ? "fc" : "prism")} {Version}{(IfMissing ? " if missing" : "")}";
}

/// <summary>What a caller learns from an answer, or from none.</summary>
internal enum Answer
{
    /// <summary>A clean 200.</summary>
    Ok,

    /// <summary>Nobody can tell what was done, or will be.</summary>
    Ambiguous,

    /// <summary>400: it can't work.</summary>
    Refused,

    /// <summary>The function's own 500: it came to its end, and may have written.</summary>
    Broke,

    /// <summary>Not let in for the moment: nothing was done, by all it says.</summary>
    TurnedAway,

    /// <summary>The same, and the target asks for a pause.</summary>
    Paused,

    /// <summary>No connection could be made.</summary>
    NotSent,
}

/// <summary>When the tables come that were not written before the answer.</summary>
internal enum Rest
{
    Never,

    /// <summary>Within the quiet period.</summary>
    Within,

    /// <summary>After the quiet period, soon.</summary>
    After,

    /// <summary>After the quiet period, when the session may be settled.</summary>
    LongAfter,
}

/// <summary>Where the worker dies that made the call.</summary>
internal enum Death
{
    None,

    /// <summary>The call is announced and never sent.</summary>
    BeforeSend,

    /// <summary>It never hears the answer.</summary>
    InCall,

    /// <summary>It hears the answer, is frozen before it can write it down, and comes back when somebody else has the session.</summary>
    BeforeRecord,

    /// <summary>What it heard is written down; it does not go on from there.</summary>
    AfterRecord,
}

/// <summary>What the server does with one call, and its caller's end.</summary>
/// <param name="Reply">As <see cref="Replies"/> names it.</param>
/// <param name="Written">How many tables are written before the answer.</param>
/// <param name="Rest">When the others come.</param>
/// <param name="IsOld">Whether the rows are of the version before.</param>
/// <param name="Death">Whether its caller dies.</param>
internal sealed record Step(string Reply, int Written = Step.All, Rest Rest = Rest.Never, bool IsOld = false, Death Death = Death.None)
{
    public const int All = 5;

    public static Step Well { get; } = new("200");

    public Answer Answer => Replies.Of(Reply).Answer;

    /// <summary>What the caller makes of it: one that died has heard nothing.</summary>
    public Answer Heard => Death is Death.InCall or Death.BeforeRecord ? Answer.Ambiguous : Answer;

    public override string ToString()
    {
        var wrote = Answer == Answer.NotSent || Death == Death.BeforeSend ? "" : (Written, Rest) switch
        {
            (0, Rest.Never) => " wrote nothing",
            (All, _) => IsOld ? " wrote an old version" : "",
            (_, Rest.Never) => $" wrote {Written}",
            _ => $" wrote {Written}, the rest {Rest}",
        };
        return Reply + wrote + (Death == Death.None ? "" : $" † {Death}");
    }
}

/// <summary>One session of a run: what it is, what is to be done, and how each call of it goes.</summary>
/// <param name="Kind">What it has before.</param>
/// <param name="Operations">One to three.</param>
/// <param name="Steps">For each operation, how its calls go; further ones go well.</param>
internal sealed record History(Kind Kind, IReadOnlyList<Op> Operations, IReadOnlyList<IReadOnlyList<Step>> Steps)
{
    /// <summary>What happens to a call.</summary>
    /// <param name="operation">The operation, from 0.</param>
    /// <param name="number">Which call of it, from 0; one that is never sent counts.</param>
    public Step StepOf(int operation, int number) =>
        number < Steps[operation].Count ? Steps[operation][number] : Step.Well;

    /// <summary>How many tables a call of that operation ever writes.</summary>
    public int TablesOf(int operation) => Operations[operation].IsFc && Kind == Kind.WithoutFc ? 0 : Operations[operation].Tables.Count;

    public override string ToString() =>
        $"{Kind}: " + string.Join(", then ", Operations.Select((o, i) => $"{o} ({string.Join("; ", Steps[i])})"));
}
