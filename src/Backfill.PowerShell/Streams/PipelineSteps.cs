using Backfill.PowerShell.Errors;

namespace Backfill.PowerShell.Streams;

/// <summary>Shows a pipeline: its steps as objects, its phases as bars and messages.</summary>
internal sealed class PipelineSteps(PipelineStreams streams) : IPipelineSink, IDisposable
{
    private readonly ApplyStreams _apply = new(streams, connection: null);
    private readonly SoakStreams _soak = new(streams, connection: null);

    public IApplySink Apply => _apply;

    public ISoakSink Soak => _soak;

    public void Ended(BackfillPipelineStep step)
    {
        if (step.Phase == BackfillPhase.Apply)
            _apply.End();
        streams.Write(step);
    }

    public void Failed(BackfillException error) => streams.Error(ErrorRecords.Of(error));

    public void Dispose() => _soak.Dispose();
}
