using Backfill.Engine.Connections;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Health;

/// <summary>Makes a plan of sessions that somebody has chosen, and writes it.</summary>
public static class SessionPlanner
{
    private const string Name = "chosen";

    /// <summary>Looks at the sessions where there is a target to look at, makes the plan, and writes it.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call; then nothing is written.</param>
    /// <returns>The plan, read back.</returns>
    /// <exception cref="BackfillException">
    /// <c>SelectionEmpty</c>, <c>SessionNotFound</c>, <c>NothingBackfillable</c>, <c>ThrottleOverLimit</c>, <c>FileExists</c>, and what
    /// the target or the reader have to say.
    /// </exception>
    public static async Task<SessionPlan> WriteAsync(SessionPlanRequest request, CancellationToken cancellationToken)
    {
        var (draft, warnings) = await DraftAsync(request, cancellationToken).ConfigureAwait(false);
        return new(NewPlanFile.Write(draft, request.Path, request.Overwrite), new([.. warnings]));
    }

    /// <summary>Throws what keeps the plan from being written, and writes nothing.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="BackfillException">As for <see cref="WriteAsync"/>.</exception>
    public static Task RequireAsync(SessionPlanRequest request, CancellationToken cancellationToken) =>
        DraftAsync(request, cancellationToken);

    private static async Task<(NewPlan Draft, IEnumerable<string> Warnings)> DraftAsync(
        SessionPlanRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var settings = new CandidatePlannerSettings
        {
            Environment = request.Environment,
            Name = Name,
            EngineVersion = request.EngineVersion,
            FcVersion = request.FcVersion,
            BatchSize = request.BatchSize,
            ThrottlePerMinute = request.ThrottlePerMinute,
            Version = request.Version,
            Description = request.Description,
            Project = request.Connection?.Project,
        };
        if (request.Connection is null)
            return (CandidatePlanner.OfUnknown(request.Sessions, settings), []);

        var found = await request.Connection.Target.Health
            .LookUpAsync(request.Sessions, request.FcVersion, cancellationToken).ConfigureAwait(false);
        var candidates = found.Select(f => CandidateRules.Judge(f, request.EngineVersion)).ToList();
        CheckFound(request, candidates);
        // One that lacks nothing stays: it was chosen, and if_missing passes it over.
        var (planned, leftOut) = (candidates.Where(c => c.Reason is null).ToList(), candidates.Where(c => c.Reason is not null).ToList());
        if (planned.Count == 0)
        {
            throw new BackfillException(
                "NothingBackfillable",
                BackfillErrorKind.InvalidInput,
                $"None of the chosen sessions can be backfilled, for example {leftOut[0].SessionId}: {leftOut[0].Reason}. Choose with Get-BackfillCandidate | Where-Object Backfillable.",
                leftOut[0].SessionId);
        }

        var warnings = leftOut.GroupBy(c => c.Reason).Select(g => FormattableString.Invariant(
            $"{g.Count()} of the chosen sessions can't be backfilled and {(g.Count() == 1 ? "is" : "are")} not in the plan ({g.Key}): {string.Join(", ", g.Take(5).Select(c => c.SessionId))}{(g.Count() > 5 ? ", …" : "")}"));
        var current = planned.Count(c => !c.Backfillable);
        if (current > 0)
        {
            warnings = warnings.Append(FormattableString.Invariant(
                $"{current} of the chosen sessions lack nothing of engine version {request.EngineVersion} and FC version {request.FcVersion}; they are in the plan, and will be passed over."));
        }

        return (CandidatePlanner.Of(planned, settings), warnings);
    }

    private static void Check(SessionPlanRequest request)
    {
        if (request.Sessions.Count == 0)
        {
            throw new BackfillException(
                "SelectionEmpty",
                BackfillErrorKind.InvalidInput,
                "No session is chosen, and an empty selection never means all. Pipe sessions in, or name them with -SessionId.");
        }

        if (request.ThrottlePerMinute > HealthDefaults.ThrottlePerMinute && request.Connection is not { IsSandbox: true })
        {
            throw new BackfillException(
                "ThrottleOverLimit",
                BackfillErrorKind.Refused,
                FormattableString.Invariant(
                    $"-ThrottlePerMinute {request.ThrottlePerMinute} is over {HealthDefaults.ThrottlePerMinute}, the most outside the sandbox. Lower it, or leave it out."),
                request.ThrottlePerMinute);
        }

        if (!request.Overwrite && Path.Exists(request.Path))
            throw Reports.Files.WholeFile.Exists(request.Path);
    }

    private static void CheckFound(SessionPlanRequest request, List<BackfillCandidate> found)
    {
        if (found.Count == request.Sessions.Count)
            return;
        var missing = request.Sessions.Except(found.Select(c => c.SessionId)).ToList();
        throw new BackfillException(
            "SessionNotFound",
            BackfillErrorKind.NotFound,
            FormattableString.Invariant($"{missing.Count} of the chosen sessions are not on {request.Connection}, for example {missing[0]}. Choose sessions of this target, or connect to theirs."),
            missing[0]);
    }
}
