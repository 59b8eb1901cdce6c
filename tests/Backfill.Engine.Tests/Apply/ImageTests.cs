namespace Backfill.Engine.Tests.Apply;

/// <summary>A session's rows before a run, after it, and now, as an operator reads them.</summary>
[Collection(ApplyCollection.Name)]
public sealed class ImageTests(RunWorld world)
{
    [Fact]
    public async Task A_row_is_shown_as_it_was_and_as_the_run_left_it_until_somebody_changes_it()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(world.WithProfile[0], world.New[0]), RunWorld.Quick);
        var before = await ProfileVersionAsync(world.WithProfile[0]);
        await run.ApplyAsync();
        var images = await ReadAsync(run);
        Assert.All(images, i => Assert.False(i.IsChangedSince));
        Assert.All(images, i => Assert.Equal(i.Now, i.After));
        Assert.Equal((before, "v1.2.1"), (Version(images, world.WithProfile[0]).Before, Version(images, world.WithProfile[0]).Now));
        Assert.Null(Version(images, world.New[0]).Before);

        await world.ExecuteAsync("update public.profiles set results_version = 'v9' where session_id = $1", world.New[0]);
        var changed = Version(await ReadAsync(run), world.New[0]);
        Assert.Equal((true, null, "v9"), (changed.IsChangedSince, changed.After, changed.Now));
        Assert.False(Version(await ReadAsync(run), world.WithProfile[0]).IsChangedSince);
    }

    private static BackfillImage Version(IEnumerable<BackfillImage> images, Guid session) =>
        images.Single(i => i.SessionId == session && i.Table == "public.profiles" && i.Column == "results_version");

    private Task<string> ProfileVersionAsync(Guid session) =>
        world.ScalarAsync<string>("select results_version from public.profiles where session_id = $1", session);

    private async Task<IReadOnlyList<BackfillImage>> ReadAsync(TestRun run) =>
        await new BackfillEngine().ReadImagesAsync(world.Connection, run.Id, [.. run.Sessions], CancellationToken.None).ToListAsync();
}
