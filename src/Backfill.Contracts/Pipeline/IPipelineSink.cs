namespace Backfill;

/// <summary>Where a pipeline reports. Called from pool threads.</summary>
public interface IPipelineSink
{
    /// <summary>Where its apply phase reports.</summary>
    IApplySink Apply { get; }

    /// <summary>Where its soak reports.</summary>
    ISoakSink Soak { get; }

    /// <summary>A phase is done, failed or halted.</summary>
    /// <param name="step">Which, and how.</param>
    void Ended(BackfillPipelineStep step);

    /// <summary>Why a phase failed; told after its step.</summary>
    /// <param name="error">The error.</param>
    void Failed(BackfillException error);
}
