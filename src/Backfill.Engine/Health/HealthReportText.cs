using System.Globalization;
using System.Text;
using Backfill.Engine.Connections;
using Backfill.Engine.Reports;

namespace Backfill.Engine.Health;

/// <summary><c>prod_health_check.md</c>: what was found and what to do, then the figures and how they were measured.</summary>
internal static class HealthReportText
{
    /// <summary>So many of the sessions that can't be backfilled are shown.</summary>
    public const int MostListed = 50;

    public static byte[] Of(ProdHealthReport report, HealthReading reading, HealthFigures figures, BackfillConnection connection)
    {
        var text = new Markdown();
        WriteVerdict(text, report);
        WriteRecommendations(text, report);
        WriteFigures(text, report);
        WriteListed(text, figures);
        WriteUndated(text, reading);
        WriteMeasurement(text, report, reading, connection);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void WriteVerdict(Markdown text, ProdHealthReport report)
    {
        text.Line($"# Health of {Label(report.Environment)}: {report.Status}").Line();
        if (report.SessionsAnalyzed == 0)
            text.Line($"**No session was completed since {Markdown.Time(report.Since)}, so there was nothing to look at.**");
        else if (report.Status == ProdHealthStatus.Healthy)
            text.Line($"None of {report.SessionsAnalyzed} sessions completed since {Markdown.Time(report.Since)} needs a backfill.");
        else
        {
            text.Line(
                $"**{report.NeedingBackfill} of {report.SessionsAnalyzed} sessions** completed since {Markdown.Time(report.Since)} need a backfill.");
        }

        if (report.UndatedSessions > 0)
            text.Line($"**{report.UndatedSessions} more have no `completed_at` (null, or infinite), so they were not looked at.**");
        if (report.NotBackfillable > 0)
            text.Line($"{report.NotBackfillable} lack something that no function can make.");
        text.Line();
    }

    private static void WriteFigures(Markdown text, ProdHealthReport report) => text
        .Line("## Figures").Line()
        .Head("Figure", "Sessions", "Meaning")
        .Row("Analyzed", report.SessionsAnalyzed, "completed in the window")
        .Row("Missing profiles", report.MissingProfiles, $"no profile of results version {report.EngineVersion}")
        .Row("Outdated versions", report.OutdatedVersions, "of those: a profile of another version, or of none")
        .Row("Missing FC scores", report.MissingFcScores, $"no fc_scores of version {report.FcVersion}, kind {HealthDefaults.FcKind}")
        .Row("Needing a backfill", report.NeedingBackfill, "lack something that can be made")
        .Row("Not backfillable", report.NotBackfillable, "lack something, and nothing of it can be made")
        .Row("Without a time", report.UndatedSessions, "completed, but `completed_at` is null or infinite: not among the others")
        .Line();

    private static void WriteRecommendations(Markdown text, ProdHealthReport report)
    {
        text.Line("## Recommendations").Line();
        foreach (var step in report.Recommendations)
            text.Line($"- {step}");
        if (report.PlanPath is { } path)
            text.Line().Line($"The plan: `{Path.GetFileName(path)}`, {report.Planned} sessions, SHA-256 `{report.PlanHash}`.");
        text.Line().Line("This check changed nothing in the target.").Line();
    }

    private static void WriteListed(Markdown text, HealthFigures figures)
    {
        text.Line("## Sessions that can't be backfilled").Line();
        if (figures.NotBackfillable == 0)
        {
            text.Line("None.").Line();
            return;
        }

        if (figures.Listed.Count < figures.NotBackfillable)
            text.Line($"The first {figures.Listed.Count} of {figures.NotBackfillable}:").Line();
        text.Head("Session", "Completed", "Lacks", "Responses", "FC responses", "Why not");
        foreach (var s in figures.Listed)
            text.Row($"`{s.SessionId}`", Markdown.Time(s.CompletedAt), Lacks(s), s.Responses, s.FcResponses, s.Reason);
        text.Line();
    }

    private static void WriteUndated(Markdown text, HealthReading reading)
    {
        if (reading.Undated == 0)
            return;
        text.Line("## Completed sessions without a time").Line();
        if (reading.UndatedIds.Count < reading.Undated)
            text.Line($"The first {reading.UndatedIds.Count} of {reading.Undated}:").Line();
        foreach (var id in reading.UndatedIds)
            text.Line($"- `{id}`");
        text.Line();
    }

    private static void WriteMeasurement(
        Markdown text, ProdHealthReport report, HealthReading reading, BackfillConnection connection)
    {
        text.Line("## How it was measured").Line()
            .Head("", "")
            .Row("Environment", connection.Identity.IsLabelGiven
                ? $"{Label(report.Environment)}, by the operator's word: the ledger was not read"
                : $"{Label(report.Environment)}, by its own ledger")
            .Row("Target", $"project {connection.ProjectRef}, database {connection.Database} on {connection.DatabaseHost}, "
                + $"PostgreSQL {connection.ServerVersion}")
            .Row("Role", reading.Role)
            .Row("Window", $"completed at {Markdown.Time(report.Since)} or later")
            .Row("Snapshot", $"{Markdown.Time(report.MeasuredAt)}, by the database's clock; all figures are of this moment")
            .Row("Took", string.Create(CultureInfo.InvariantCulture, $"{report.Duration.TotalSeconds:0.00} s"))
            .Line()
            .Line("One READ ONLY transaction with one snapshot. `row_security` was off, so that a policy raises an error instead of hiding rows.")
            .Line()
            .Line("<details><summary>The statement</summary>").Line()
            .Line("```sql").Line(reading.Statement.Trim()).Line("```").Line()
            .Line("</details>");
    }

    private static string Lacks(BackfillCandidate candidate) => (candidate.MissingProfile, candidate.MissingFcScores) switch
    {
        (true, true) => "profile, FC scores",
        (true, false) => "profile",
        _ => "FC scores",
    };

    private static string Label(BackfillEnvironment environment) => ReportJson.Text(environment);
}
