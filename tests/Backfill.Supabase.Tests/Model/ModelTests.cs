namespace Backfill.Supabase.Tests.Model;

/// <summary>The real engine, PostgreSQL and functions agree with a small model of what is promised, whatever happens to a session.</summary>
public sealed class ModelTests(ModelWorld world, ITestOutputHelper output) : IClassFixture<ModelWorld>
{
    /// <summary>Set it to go through the histories of a seed again.</summary>
    private const string SeedVariable = "BACKFILL_MODEL_SEED";

    [Fact]
    public Task Engine_and_model_agree_on_60_histories() => AgreeAsync(60);

    [Fact]
    [Trait("Lane", "full")]
    public Task Engine_and_model_agree_on_2000_histories() => AgreeAsync(2_000);

    private async Task AgreeAsync(int count)
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), out var given) ? given : (ulong)Random.Shared.NextInt64();
        var histories = HistoryGen.Some(seed, count);
        var disagreements = new List<string>();
        for (var done = 0; done < count;)
        {
            var some = histories.Skip(done).Take(world.Capacity(histories.Skip(done))).ToList();
            foreach (var trial in await world.TryAsync(some))
            {
                if (Agreement.Check(trial).ToList() is { Count: > 0 } wrong)
                    disagreements.Add($"{trial.History}\n  {string.Join("\n  ", wrong)}\n  {trial}");
            }

            done += some.Count;
        }

        output.WriteLine($"seed {seed}: {count} histories, {disagreements.Count} disagreements");
        Assert.True(
            disagreements.Count == 0,
            $"{disagreements.Count} of {count} histories disagree ({SeedVariable}={seed}):\n\n{string.Join("\n\n", disagreements.Take(10))}");
    }
}
