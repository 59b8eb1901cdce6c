using Backfill.Engine.Pipeline;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Gates;
using Backfill.Engine.Tests.Soak;

namespace Backfill.Engine.Tests.Pipelines;

/// <summary>Runs pipelines on a staging world, and counts what they have done.</summary>
public abstract class PipelineSteps(GateWorld world, ProductionWorld production) : IAsyncLifetime
{
    private protected GateWorld World => world;

    private protected string Folder { get; } = ApplyWorld.NewFolder();

    public async ValueTask InitializeAsync()
    {
        await world.FreshAsync();
        await production.FreshAsync();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected async Task<StepSink> RunAsync(
        BackfillPlan plan,
        BackfillConnection? there = null,
        BackfillConnection? here = null,
        StepSink? sink = null,
        DateTimeOffset? since = null,
        string? reviewAfter = null,
        CancellationToken stop = default)
    {
        sink ??= new();
        var request = new PipelineRequest
        {
            Plan = plan,
            OutputPath = Folder,
            ThrottlePerMinute = 60_000,
            ReviewAfter = reviewAfter,
            Duration = TimeSpan.FromSeconds(1),
            Interval = TimeSpan.FromMilliseconds(500),
        };
        request = since is { } from ? request with { Since = from } : request;
        await new PipelineDirector(here ?? World.Connection, there, TimeProvider.System).RunAsync(request, sink, stop);
        return sink;
    }

    private protected static IEnumerable<string> Told(StepSink sink) =>
        sink.Steps.Select(s => $"{s} {s.ExitCode}{(s.Gate is { } gate ? $" {gate}" : "")}");

    /// <summary>Runs, soaks, decisions and uses, and calls of functions.</summary>
    private protected async Task<(long Runs, long Soaks, long Decisions, int Calls)> DoneAsync()
    {
        var (runs, soaks, decisions) = await LedgerAsync();
        return (runs, soaks, decisions, (await World.CallsAsync()).Count);
    }

    private protected async Task<(long Runs, long Soaks, long Decisions)> LedgerAsync() => (
        await World.ScalarAsync<long>("select count(*) from backfill.run"),
        await World.ScalarAsync<long>("select count(*) from backfill.soak"),
        await World.DecisionsAsync());
}

/// <summary>Keeps what a pipeline reports.</summary>
internal sealed class StepSink : IPipelineSink
{
    public RecordingSink Apply { get; } = new();

    public SoakSink Soak { get; init; } = new();

    public List<BackfillPipelineStep> Steps { get; } = [];

    public List<BackfillException> Errors { get; } = [];

    IApplySink IPipelineSink.Apply => Apply;

    ISoakSink IPipelineSink.Soak => Soak;

    public void Ended(BackfillPipelineStep step) => Steps.Add(step);

    public void Failed(BackfillException error) => Errors.Add(error);
}
