using System.Text;
using Backfill.Engine.Connections;
using Backfill.Engine.Reports;
using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Soak.Report;

/// <summary>Writes the report of a soak, and its chart beside it.</summary>
internal sealed class SoakArtifacts(BackfillConnection connection, SoakEnd end, DateTimeOffset now)
{
    private const string Report = "staging_observability.md";
    private const string Picture = "staging_observability.svg";

    public async Task WriteAsync(string outputPath, ArtifactSet files, CancellationToken cancellationToken)
    {
        // A soak without a run owns its files by its own id.
        var owner = end.Soak.RunId ?? end.Soak.SoakId;
        var text = new SoakReport(connection, end, owner, Picture, now).ToString();
        await WriteAsync(Path.Combine(outputPath, Report), text).ConfigureAwait(false);
        var chart = Chart(connection, end.Soak, end.Verdict.ToString(), end.Samples);
        var svg = Marked(connection.Target.Charts.Draw(chart), owner);
        await WriteAsync(Path.Combine(outputPath, Picture), svg).ConfigureAwait(false);

        Task WriteAsync(string path, string content) => files.TryAsync(path, () => ArtifactFile.WriteAsync(
            path,
            owner,
            async stream => await stream.WriteAsync(Encoding.UTF8.GetBytes(content), cancellationToken).ConfigureAwait(false),
            cancellationToken));
    }

    /// <summary>Names the owner in the picture, so that another's is never overwritten.</summary>
    private static string Marked(string svg, Guid owner)
    {
        var root = svg.IndexOf("<svg", StringComparison.Ordinal);
        return root < 0 ? svg : svg.Insert(root, $"<!-- run_id: {owner} -->\n");
    }

    /// <summary>What the chart of a soak shows.</summary>
    internal static SoakChart Chart(BackfillConnection connection, SoakTicket soak, string verdict, IReadOnlyList<SoakSample> samples) =>
        new(
        $"Soak of {connection.ProjectRef}: {verdict}",
        soak.Window.Start,
        soak.Window.End,
        soak.Settings.Baseline,
        [.. samples.Where(s => s.CompletedSessions is not null).Select(Point)])
    {
        IsSandboxClock = connection.IsSandbox,
    };

    private static SoakPoint Point(SoakSample sample) => new(
        sample.At,
        sample.ConversionRate,
        sample.ConversionLowerBound,
        sample.ConversionUpperBound,
        [
            new("Version overrides", sample.VersionOverrides ?? 0),
            new("Legacy FC scores", sample.LegacyFcScores ?? 0),
            new("Token failures", Math.Max(
                (sample.TokensTested - sample.TokensAccepted) ?? 0, (sample.TokensTested - sample.WrongTokensRefused) ?? 0)),
            new("Unscored sessions", sample.UnscoredSessions ?? 0),
        ]);
}
