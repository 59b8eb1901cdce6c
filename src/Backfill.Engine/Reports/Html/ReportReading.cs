using Backfill.Engine.Connections;
using Backfill.Engine.Gates;
using Backfill.Engine.Reports.Apply;
using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Report;

namespace Backfill.Engine.Reports.Html;

/// <summary>Gathers what a report shows, from the same places as the other artifacts. Reads only.</summary>
internal static class ReportReading
{
    /// <summary>A picture of more points is no clearer.</summary>
    private const int MostPoints = 500;

    /// <summary>So many starts at full pace make a part of the timeline, or single starts would look like haste.</summary>
    private const double LeastStarts = 5;

    public static async Task<ReportContent> ReadAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        var target = connection.Target;
        // Both count over every session and every call: each takes its while on a long run.
        var gates = target.Gates.ReadAsync(runId, cancellationToken);
        var run = await FindAsync(target, connection, runId, cancellationToken).ConfigureAwait(false);
        var scale = Scale(run);
        var timeline = scale is null ? [] : await target.Reports.ReadTimelineAsync(runId, scale, cancellationToken).ConfigureAwait(false);
        var facts = await gates.ConfigureAwait(false);
        var plan = GateStanding.PlanOf(facts);
        var soak = await target.Soaks.FindLatestAsync(runId, cancellationToken).ConfigureAwait(false);
        var samples = soak is null ? [] : await target.Soaks.ReadAsync(soak, 0, cancellationToken).ConfigureAwait(false);
        var chart = soak is null ? null : Chart(connection, soak, samples);
        return new()
        {
            Target = $"{connection.ProjectRef}{(connection.IsSandbox ? " (sandbox)" : "")}",
            Run = run,
            Plan = plan,
            Facts = facts,
            Gates = GateStanding.All(facts),
            Batches = await target.Runs.ReadBatchesAsync(runId, cancellationToken).ConfigureAwait(false),
            Verification = plan is null ? new([]) : ChangeVerification.Compare(plan.ExpectedChanges, facts.Apply.Changes),
            Outcomes = await target.Reports.CountOutcomesAsync(runId, cancellationToken).ConfigureAwait(false),
            Scale = scale,
            Timeline = timeline,
            Events = await target.Reports.ReadEventsAsync(runId, cancellationToken).ConfigureAwait(false),
            Workers = await target.Reports.ReadWorkersAsync(runId, cancellationToken).ConfigureAwait(false),
            Rollbacks = await target.Reports.ReadRollbacksAsync(runId, cancellationToken).ConfigureAwait(false),
            Soak = soak,
            Samples = samples,
            SoakChart = chart is null ? null : ChartMarkup.Of(target.Charts.Draw(chart)),
            NarrowSoakChart = chart is null ? null : ChartMarkup.Of(target.Charts.Draw(chart with { IsNarrow = true }), "narrow-"),
            SoakClockFactor = soak is null || !connection.IsSandbox
                ? null
                : await FactorAsync(target, cancellationToken).ConfigureAwait(false),
        };
    }

    private static async Task<double?> FactorAsync(ITarget target, CancellationToken cancellationToken) =>
        (await target.SoakProbe.ReadClockAsync(cancellationToken).ConfigureAwait(false)).Factor is { } factor and not 1 ? factor : null;

    private static async Task<BackfillRun> FindAsync(
        ITarget target, BackfillConnection connection, Guid runId, CancellationToken cancellationToken) =>
        await target.Runs.ListAsync(new(runId), cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false)
        ?? throw new BackfillException(
            "RunNotFound",
            BackfillErrorKind.NotFound,
            $"There is no run {runId} in the ledger of {connection}. Get-BackfillRun lists its runs.",
            runId);

    private static TimelineScale? Scale(BackfillRun run) => run.StartedAt is { } started
        ? TimelineScale.Of(
            started,
            Later(run.FinishedAt, run.LastActivityAt) ?? started,
            TimeSpan.FromMinutes(LeastStarts / run.ThrottlePerMinute))
        : null;

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;

    private static SoakChart Chart(BackfillConnection connection, SoakTicket soak, IReadOnlyList<SoakSample> samples)
    {
        var chart = SoakArtifacts.Chart(connection, soak, soak.Ending?.Verdict.ToString() ?? "open", samples);
        var step = ((chart.Points.Count - 1) / MostPoints) + 1;
        return chart with { Points = [.. chart.Points.Where((_, i) => (chart.Points.Count - 1 - i) % step == 0)] };
    }
}
