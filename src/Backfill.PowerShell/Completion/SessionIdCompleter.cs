using System.Collections;
using System.Management.Automation;
using Backfill.PowerShell.Isolation;

namespace Backfill.PowerShell.Completion;

/// <summary>
/// Completes the ids of sessions: those of the run that is named before, those of the plan that is named before, or else those of the
/// target that lack something.
/// </summary>
public sealed class SessionIdCompleter : TargetCompleter
{
    /// <summary>More than anyone looks through; a part of an id that is typed narrows these.</summary>
    private const int Most = 500;

    private string? _path;

    private protected override string Key(string command, IDictionary bound)
    {
        // Here, for only the pipeline's thread knows the current folder. A path that New-BackfillPlan writes to is no plan yet.
        _path = command.StartsWith("New-BackfillPlan", StringComparison.OrdinalIgnoreCase) ? null : PathOf(bound);
        return $"{RunOf(bound)} {_path} {Bound<BackfillPlan>(bound, "Plan")?.Hash}";
    }

    private protected override async Task<IReadOnlyList<CompletionResult>> AskAsync(
        BackfillConnection connection, string command, IDictionary bound, CancellationToken stop)
    {
        if (RunOf(bound) is { } run)
        {
            return await EngineGateway.Engine.ReadResultsAsync(connection, run, null, stop).Take(Most)
                .Select(r => QuotedText.Offer(r.SessionId.ToString(), null, $"{r.Outcome}, batch {r.BatchId}, number {r.Ordinal}"))
                .ToListAsync(stop).ConfigureAwait(false);
        }

        var plan = Bound<BackfillPlan>(bound, "Plan") ?? (_path is null ? null : EngineGateway.Engine.ReadPlan(_path).Plan);
        if (plan is not null && plan.Batches.Any(b => b.Sessions.Count > 0))
        {
            return
            [
                .. plan.Batches.SelectMany(b => b.Sessions.Select(s => QuotedText.Offer(s.ToString(), null, $"Batch {b.BatchId} of plan {plan.Version}"))).Take(Most),
            ];
        }

        var query = new HealthQuery(
            PlanBatch.DefaultSince, null, HealthDefaults.EngineVersion, HealthDefaults.FcVersion, Most, TimeSpan.FromSeconds(5));
        return await EngineGateway.Engine.FindCandidatesAsync(connection, query, stop)
            .Select(c => QuotedText.Offer(c.SessionId.ToString(), null, Tip(c))).ToListAsync(stop).ConfigureAwait(false);
    }

    private static string Tip(BackfillCandidate candidate) => candidate.Backfillable
        ? $"Completed {Views.ViewText.Minute(candidate.CompletedAt)}, lacks {Views.ViewText.Lacks(candidate)}"
        : $"Can't be backfilled: {candidate.Reason}";
}
