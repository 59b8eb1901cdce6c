namespace Backfill.Benchmarks;

/// <summary>Hears of warnings only.</summary>
internal sealed class SilentSink : IApplySink
{
    public void Settled(BackfillSessionResult result)
    {
    }

    public void Warn(string message) => Console.Error.WriteLine(message);

    public void Progressed(ApplyProgress progress)
    {
    }

    public void Explain(string message)
    {
    }

    public void Milestone(string message, string tag)
    {
    }
}
