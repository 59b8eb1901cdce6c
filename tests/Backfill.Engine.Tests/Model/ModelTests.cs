using System.Diagnostics;
using System.Globalization;

namespace Backfill.Engine.Tests.Model;

/// <summary>The real engine, PostgreSQL and functions agree with a small model of what is promised, whatever happens to a session.</summary>
public sealed class ModelTests(ModelWorld world, ITestOutputHelper output) : IClassFixture<ModelWorld>
{
    /// <summary>Set it to go through the histories of a seed again.</summary>
    private const string SeedVariable = "BACKFILL_MODEL_SEED";

    /// <summary>The same histories every day, so that a failure is a change's doing. The full lane draws its own.</summary>
    private const ulong EverydaySeed = 5359190795158372145;

    [Fact]
    public Task Engine_and_model_agree_on_60_histories() => AgreeAsync(60, EverydaySeed);

    [Fact]
    [Trait("Lane", "full")]
    public Task Engine_and_model_agree_on_2000_histories() => AgreeAsync(2_000, (ulong)Random.Shared.NextInt64());

    [Fact]
    public Task Engine_and_model_agree_on_every_unclear_end_at_every_position() =>
        AgreeAsync([.. HistoryBook.OnceWrong, .. HistoryBook.EveryUnclearEnd(withEveryDeath: false)], "every unclear end");

    [Fact]
    [Trait("Lane", "full")]
    public Task Engine_and_model_agree_on_every_unclear_end_at_every_position_with_every_death() =>
        AgreeAsync([.. HistoryBook.EveryUnclearEnd(withEveryDeath: true)], "every unclear end, every death");

    private Task AgreeAsync(int count, ulong otherwise)
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var given) ? given : otherwise;
        return AgreeAsync(HistoryGen.Some(seed, count), $"{SeedVariable}={seed}");
    }

    private async Task AgreeAsync(IReadOnlyList<History> histories, string name)
    {
        var wrong = new List<Trial>();
        for (var done = 0; done < histories.Count;)
        {
            var some = histories.Skip(done).Take(world.Capacity(histories.Skip(done))).ToList();
            var since = Stopwatch.GetTimestamp();
            wrong.AddRange((await world.TryAsync(some)).Where(t => Agreement.Check(t).Any()));
            done += some.Count;
            output.WriteLine(FormattableString.Invariant($"{name}: {done} histories, {wrong.Count} disagreements; the last run of {some.Count} took {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s"));
        }

        if (wrong.Count == 0)
            return;
        var smallest = await Shrinking.ShrinkAsync(world, wrong[0]);
        Assert.Fail(
            $"{wrong.Count} of {histories.Count} histories disagree ({name}).\n\nThe first one made smaller:\n{Told(smallest)}\n\n{string.Join("\n\n", wrong.Take(10).Select(Told))}");
    }

    private static string Told(Trial trial) => $"{trial.History}\n  {string.Join("\n  ", Agreement.Check(trial).Take(5))}\n  {trial}";
}
