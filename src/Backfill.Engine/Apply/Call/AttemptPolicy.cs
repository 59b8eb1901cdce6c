using Backfill.Engine.Apply.Claim;
using Polly;
using Polly.Retry;

namespace Backfill.Engine.Apply.Call;

/// <summary>Repeats attempts that nothing more will come of, with growing, jittered pauses.</summary>
internal sealed class AttemptPolicy : IAttemptPolicy
{
    private static readonly ResiliencePropertyKey<Action<AttemptResult, TimeSpan>> OnRetry = new("on_retry");

    private readonly ResiliencePipeline<AttemptResult> _pipeline;

    /// <param name="settings">How often and how long.</param>
    /// <param name="time">The clock of the pauses.</param>
    /// <param name="random">From 0 to below 1: the jitter; only a test names it.</param>
    public AttemptPolicy(AttemptSettings settings, TimeProvider time, Func<double>? random = null)
    {
        _pipeline = new ResiliencePipelineBuilder<AttemptResult> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<AttemptResult>
            {
                MaxRetryAttempts = settings.MostAttempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = settings.BaseDelay,
                MaxDelay = settings.MaxDelay,
                Randomizer = random ?? Random.Shared.NextDouble,
                ShouldHandle = static args => ValueTask.FromResult(args.Outcome.Result is { Disposition: Disposition.Retry }),
                OnRetry = static args =>
                {
                    if (args.Context.Properties.TryGetValue(OnRetry, out var report))
                        report(args.Outcome.Result!, args.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    /// <inheritdoc/>
    public async Task<AttemptResult> RunAsync(
        Func<int, CancellationToken, Task<AttemptResult>> attempt, Action<AttemptResult, TimeSpan> onRetry, CancellationToken cancellationToken)
    {
        var number = 0;
        AttemptResult? last = null;
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(OnRetry, onRetry);
        try
        {
            return await _pipeline.ExecuteAsync(
                async c =>
                {
                    last = null;
                    return last = await attempt(++number, c.CancellationToken).ConfigureAwait(false);
                },
                context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && last is not null)
        {
            // Stopped in a pause: what the last attempt brought stands. An attempt's own exception leaves no result.
            return last;
        }
    }
}
