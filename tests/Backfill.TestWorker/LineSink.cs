namespace Backfill.TestWorker;

/// <summary>What the worker reports, as lines.</summary>
internal sealed class LineSink(Points points) : IApplySink
{
    public void Settled(BackfillSessionResult result) => points.Reach("settled", $"{result.SessionId} {result.Outcome}");

    public void Warn(string message) => points.Reach("warning", message.ReplaceLineEndings(" "));

    public void Progressed(ApplyProgress progress)
    {
    }

    public void Explain(string message)
    {
    }

    public void Milestone(string message, string tag) => points.Reach("milestone", tag);
}
