namespace Backfill.TestWorker;

/// <summary>What a soak reports, as lines.</summary>
internal sealed class SoakLines(Points points) : ISoakSink
{
    public void Taken(SoakSample sample) => points.Reach(Points.Sampled, FormattableString.Invariant($"{sample.Number} {sample.Verdict}"));

    public void Warn(string message) => points.Reach("warning", message.ReplaceLineEndings(" "));

    public void Milestone(string message, string tag) => points.Reach("milestone", tag);

    public void Progressed(SoakProgress progress)
    {
    }

    public void Explain(string message)
    {
    }
}
