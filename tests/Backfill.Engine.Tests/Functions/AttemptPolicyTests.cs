using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;

namespace Backfill.Engine.Tests.Functions;

public class AttemptPolicyTests
{
    private readonly TimerClock _clock = new();
    private readonly List<int> _numbers = [];
    private readonly List<(int Attempt, TimeSpan Pause)> _retries = [];

    [Theory]
    [InlineData(Disposition.Verify)]
    [InlineData(Disposition.Unknown)]
    [InlineData(Disposition.Fail)]
    [InlineData(Disposition.Hold)]
    [InlineData(Disposition.Halt)]
    public async Task Only_a_call_that_did_nothing_is_repeated(Disposition disposition)
    {
        var result = await RunAsync(_ => Ended(disposition));

        Assert.Equal(disposition, result.Disposition);
        Assert.Equal([1], _numbers);
    }

    [Fact]
    public async Task After_four_attempts_the_last_result_stands()
    {
        var run = RunAsync(n => Ended(Disposition.Retry, attempt: n));
        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 3; i++)
        {
            pauses.Add(await _clock.NextWaitAsync());
            _clock.Advance(pauses[^1]);
        }

        Assert.Equal(4, (await run).Report.Attempt);
        Assert.Equal([1, 2, 3, 4], _numbers);
        // Each pause was told before it began, with the attempt that is repeated.
        Assert.Equal([1, 2, 3], _retries.Select(r => r.Attempt));
        // A timer takes whole milliseconds.
        Assert.All(pauses.Zip(_retries), p => Assert.InRange((p.Second.Pause - p.First).TotalMilliseconds, -1, 1));
    }

    [Fact]
    public async Task A_success_ends_the_attempts()
    {
        var run = RunAsync(n => Ended(n == 2 ? Disposition.Verify : Disposition.Retry));
        _clock.Advance(await _clock.NextWaitAsync());

        Assert.Equal(Disposition.Verify, (await run).Disposition);
    }

    [Fact]
    public async Task Pauses_grow_and_stay_below_ten_seconds()
    {
        var pauses = new List<TimeSpan>();
        var run = RunAsync(_ => Ended(Disposition.Retry), Attempts(12), () => 0.5);
        for (var i = 0; i < 11; i++)
        {
            pauses.Add(await _clock.NextWaitAsync());
            _clock.Advance(pauses[^1]);
        }

        await run;
        Assert.All(pauses, p => Assert.InRange(p, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10)));
        Assert.True(pauses[0] < TimeSpan.FromSeconds(1) && pauses[3] > pauses[1] && pauses[1] > pauses[0], string.Join(' ', pauses));
        Assert.Equal(TimeSpan.FromSeconds(10), pauses[^1]);
    }

    [Fact]
    public async Task Two_workers_do_not_pause_alike()
    {
        var other = new TimerClock();
        var here = RunAsync(_ => Ended(Disposition.Retry), Attempts(2), () => 0.1);
        var there = new AttemptPolicy(Attempts(2), other, () => 0.9)
            .RunAsync((_, _) => Task.FromResult(Ended(Disposition.Retry)), (_, _) => { }, TestContext.Current.CancellationToken);
        var (first, second) = (await _clock.NextWaitAsync(), await other.NextWaitAsync());

        Assert.NotEqual(first, second);
        _clock.Advance(first);
        other.Advance(second);
        await Task.WhenAll(here, there);
    }

    [Fact]
    public async Task Stopping_in_a_pause_lets_the_last_result_stand()
    {
        using var stop = new CancellationTokenSource();
        var run = RunAsync(_ => Ended(Disposition.Retry), stop: stop.Token);
        await _clock.NextWaitAsync();
        await stop.CancelAsync();

        Assert.Equal(Disposition.Retry, (await run).Disposition);
        Assert.Equal([1], _numbers);
    }

    [Fact]
    public async Task Stopping_during_an_attempt_lets_its_result_stand()
    {
        using var stop = new CancellationTokenSource();
        var result = await RunAsync(
            _ =>
            {
                stop.Cancel();
                return Ended(Disposition.Retry);
            },
            stop: stop.Token);

        Assert.Equal(Disposition.Retry, result.Disposition);
        Assert.Equal([1], _numbers);
    }

    [Fact]
    public async Task An_attempt_s_own_exception_passes_through()
    {
        using var stop = new CancellationTokenSource();
        var run = RunAsync(
            n =>
            {
                if (n == 1)
                    return Ended(Disposition.Retry);
                stop.Cancel();
                throw new OperationCanceledException(stop.Token);
            },
            stop: stop.Token);
        _clock.Advance(await _clock.NextWaitAsync());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(_ => throw new InvalidOperationException()));
    }

    private static AttemptSettings Attempts(int most) => AttemptSettings.Default with { MostAttempts = most };

    private static AttemptResult Ended(Disposition disposition, int attempt = 1) =>
        new(new OperationReport { Position = 1, Attempt = attempt, Ending = OperationEnding.Failed }, disposition);

    private Task<AttemptResult> RunAsync(
        Func<int, AttemptResult> attempt, AttemptSettings? settings = null, Func<double>? random = null, CancellationToken? stop = null) =>
        new AttemptPolicy(settings ?? AttemptSettings.Default, _clock, random).RunAsync(
            (number, _) =>
            {
                _numbers.Add(number);
                return Task.FromResult(attempt(number));
            },
            (result, pause) => _retries.Add((result.Report.Attempt, pause)),
            stop ?? TestContext.Current.CancellationToken);
}
