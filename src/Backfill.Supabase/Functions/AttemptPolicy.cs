using Backfill.Apply;
using Polly;
using Polly.Retry;

namespace Backfill.Supabase.Functions;

/// <summary>Repeats attempts that changed nothing, with growing, jittered pauses, never shorter than the target asks for.</summary>
internal sealed class AttemptPolicy : IAttemptPolicy
{
    private readonly AttemptSettings _settings;
    private readonly Func<double> _random;
    private readonly ResiliencePipeline<AttemptResult> _pipeline;

    /// <param name="settings">How often and how long.</param>
    /// <param name="time">The clock of the pauses.</param>
    /// <param name="random">From 0 to below 1: the jitter; only a test names it.</param>
    public AttemptPolicy(AttemptSettings settings, TimeProvider time, Func<double>? random = null)
    {
        _settings = settings;
        _random = random ?? Random.Shared.NextDouble;
        _pipeline = new ResiliencePipelineBuilder<AttemptResult> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<AttemptResult>
            {
                MaxRetryAttempts = settings.MostAttempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = settings.BaseDelay,
                MaxDelay = settings.MaxDelay,
                Randomizer = _random,
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is { } result && IsWorthAnother(result)),
                DelayGenerator = args => ValueTask.FromResult(Asked(args)),
            })
            .Build();
    }

    /// <inheritdoc/>
    public async Task<AttemptResult> RunAsync(
        Func<int, CancellationToken, Task<AttemptResult>> attempt, CancellationToken cancellationToken)
    {
        var number = 0;
        AttemptResult? last = null;
        try
        {
            return await _pipeline.ExecuteAsync(
                async token =>
                {
                    last = null;
                    return last = await attempt(++number, token).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && last is not null)
        {
            // Stopped in a pause: what the last attempt brought stands. An attempt's own exception leaves no result.
            return last;
        }
    }

    private bool IsWorthAnother(AttemptResult result) =>
        result.Disposition == Disposition.Retry && !(result.RetryAfter > _settings.PatienceInPlace);

    /// <summary>The pause that the target asked for, and some, so that not everybody comes back at once; null leaves it to the backoff.</summary>
    private TimeSpan? Asked(RetryDelayGeneratorArguments<AttemptResult> args)
    {
        if (args.Outcome.Result?.RetryAfter is not { } least)
            return null;
        var backoff = TimeSpan.FromTicks(Math.Min(_settings.MaxDelay.Ticks, _settings.BaseDelay.Ticks << args.AttemptNumber));
        return (least > backoff ? least : backoff) + _settings.BaseDelay * _random();
    }
}
