using Backfill.Engine.Connections;
using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Reports.Html;

/// <summary>A run as one HTML file that needs nothing beside it: for whoever decides on a gate, and for the record.</summary>
/// <param name="connection">The target.</param>
public sealed class HtmlReport(BackfillConnection connection)
{
    private static readonly (string Id, string Title)[] Sections =
    [
        ("verdict", "Verdict and gate"), ("timeline", "Timeline"), ("batches", "Batches"), ("failures", "Failures"), ("changes", "Changes"),
        ("decisions", "Decisions"), ("soak", "Soak"), ("rollback", "Rollback"), ("sources", "Reproduce"),
    ];

    /// <summary>Writes the report, whole or not at all. Reads the target only.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="path">The file, as a full path. One of another run is renamed first, never overwritten.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The file.</returns>
    /// <exception cref="BackfillException">
    /// <c>RunNotFound</c>, <c>FileNotWritten</c>, <c>DiskFull</c>, and what the database says.
    /// </exception>
    public async Task<string> WriteAsync(Guid runId, string path, CancellationToken cancellationToken)
    {
        ArtifactFolder.MustTakeFile(Path.GetDirectoryName(path)!);
        var content = await ReportReading.ReadAsync(connection, runId, cancellationToken).ConfigureAwait(false);
        return await ArtifactFile
            .WriteAsync(path, runId, stream => WriteAsync(stream, content, connection.Target.Reports, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    internal static async Task WriteAsync(Stream stream, ReportContent content, IReportReader reader, CancellationToken cancellationToken)
    {
        await using var html = new HtmlWriter(stream);
        var title = $"Backfill of {ReportJson.Text(content.Run.Environment)}: {NextSteps.Title(content.Run)}";
        HtmlPage.WriteHead(html, content.RunId, $"{title}, run {content.RunId}");
        WriteHeader(html, content, title);
        VerdictSection.Write(html, content);
        TimelineSection.Write(html, content);
        BatchSection.Write(html, content);
        await html.FlushAsync(cancellationToken).ConfigureAwait(false);
        await new FailureSection(reader, content).WriteAsync(html, cancellationToken).ConfigureAwait(false);
        ChangeSection.Write(html, content);
        DecisionSection.Write(html, content);
        SoakSection.Write(html, content);
        RollbackSection.Write(html, content);
        SourceSection.Write(html, content);
        html.Write($"</main>")
            .Write($"<footer><p>Written at {content.Facts.Now}, by the target's clock, from the ledger of {new Foreign(content.Target)}; all times are UTC{(content.SoakClockFactor is null ? "" : ", and real but for those of the soak")}. Nothing is loaded from anywhere. It names sessions and may quote what functions answered: keep it as you keep the run's other files.</p></footer>");
        HtmlPage.WriteTail(html);
    }

    private static void WriteHeader(HtmlWriter html, ReportContent content, string title)
    {
        html.Write($"<a class=\"skip\" href=\"#content\">Skip to the report</a>")
            .Write($"<header><h1>{title}</h1><p>Run <code>{content.RunId}</code> of {new Foreign(content.Target)}</p>")
            .Write($"<p class=\"lead\">{new Foreign(ReportLead.What(content.Run, content.Target))}</p>")
            .Write($"<p class=\"lead\">{new Foreign(ReportLead.Why(content.Run, content.Plan, content.Gates))}</p></header>")
            .Write($"<nav aria-label=\"Sections\"><ul>");
        foreach (var (id, name) in Sections)
            html.Write($"<li><a href=\"#{id}\">{name}</a></li>");
        html.Write($"</ul></nav>").Write($"<main id=\"content\" tabindex=\"-1\">");
    }
}
