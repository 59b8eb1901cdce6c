using Backfill.Engine.Connections;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>
/// Whatever a run, its faults and others did: after its rollback every row of it is its before-image or a reported conflict, and
/// every other row is untouched.
/// </summary>
[Collection(HangingCollection.Name)]
public sealed class RollbackPropertyTests(RandomWorld world)
{
    [Fact]
    public Task It_holds_in_12_cases() => HoldsAsync(1, 12);

    [Fact]
    [Trait("Lane", "full")]
    public Task It_holds_in_400_cases() => HoldsAsync(1_000, 400);

    private async Task HoldsAsync(int from, int count)
    {
        var standIn = await world.ConnectAsync(user: RandomWorld.StandIn);
        await using var target = standIn.Target;
        for (var seed = from; seed < from + count; seed++)
        {
            try
            {
                await new RandomRollback(world, standIn, seed).RunAsync();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"It does not hold for seed {seed}: {e.Message}", e);
            }
        }
    }
}
