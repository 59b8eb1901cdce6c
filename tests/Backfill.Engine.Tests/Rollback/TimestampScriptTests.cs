using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

[Collection(ScriptCollection.Name)]
public sealed class TimestampScriptTests(RunWorld world)
{
    private const string Rollback = "\nrollback;\n";

    private string Url => world.Sandbox.Info.DatabaseUrl;

    [Fact]
    public async Task As_it_is_it_shows_what_it_would_take_and_takes_nothing()
    {
        var (sessions, since) = await AppliedAsync();
        var applied = await world.DumpAsync();

        var end = await Psql.RunFileAsync(Url, await ScriptAsync(ApplyWorld.PlanOf(sessions), sessions, since));

        Assert.Equal((0, ""), (end.ExitCode, end.Errors));
        Assert.All(sessions, s => Assert.Contains($"public.profiles|{s}|", end.Output, StringComparison.Ordinal));
        Assert.EndsWith("public.fc_scores|4\npublic.profiles|4\n", end.Output, StringComparison.Ordinal);
        Assert.Equal(applied, await world.DumpAsync());
    }

    [Fact]
    public async Task With_commit_it_deletes_the_plans_rows_of_the_window_and_no_others()
    {
        var (sessions, since) = await AppliedAsync();
        var applied = await world.DumpAsync();
        var path = await ScriptAsync(ApplyWorld.PlanOf(sessions), [.. sessions.Take(2)], since);
        await RollbackScripts.EditAsync(path, Rollback, "\ncommit;\n");

        var end = await Psql.RunFileAsync(Url, path);

        Assert.EndsWith("public.fc_scores|2\npublic.profiles|2\n", end.Output, StringComparison.Ordinal);
        var gone = applied.Except(await world.DumpAsync()).ToList();
        // The types go with their profile: the warning says so.
        Assert.All(gone, l => Assert.Matches("^public\\.(fc_scores|profiles|scoring_results_types) ", l));
        Assert.All(gone, l => Assert.Contains(sessions.Take(2), s => l.Contains(s.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Rows_before_the_window_are_not_taken()
    {
        var (sessions, _) = await AppliedAsync();

        var end = await Psql.RunFileAsync(Url, await ScriptAsync(ApplyWorld.PlanOf(sessions), sessions, DateTimeOffset.UtcNow.AddHours(1)));

        Assert.EndsWith("public.fc_scores|0\npublic.profiles|0\n", end.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_warns_of_what_it_can_not_restore_and_names_the_cascades()
    {
        var (sessions, since) = await AppliedAsync();

        var text = await File.ReadAllTextAsync(await ScriptAsync(ApplyWorld.PlanOf(sessions), sessions, since));

        Assert.Contains("THIS IS NOT AN UNDO", text, StringComparison.Ordinal);
        Assert.Contains("rows of public.scoring_results_types are deleted with those of public.profiles", text, StringComparison.Ordinal);
        Assert.Contains(
            "greatest(" + string.Join(", ", new[] { "created_at", "updated_at", "computed_at" }.Select(
                c => $"nullif(nullif(t.\"{c}\"::timestamptz, 'infinity'), '-infinity')")) + ")",
            text,
            StringComparison.Ordinal);
        Assert.EndsWith(Rollback, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_of_a_plan_is_a_literal_whatever_it_says()
    {
        var (sessions, since) = await AppliedAsync();
        var applied = await world.DumpAsync();
        var plan = ApplyWorld.Plan(
            $"\"sessions\": [\"{sessions[0]}\"]",
            """{"function": "score_fc_session", "params": {"version": "'; drop table public.profiles; -- {{window}} {{table}}", "basis": "\\'"}}""");
        var path = await ScriptAsync(plan, sessions, since);
        await RollbackScripts.EditAsync(path, Rollback, "\ncommit;\n");

        var end = await Psql.RunFileAsync(Url, path);

        Assert.Equal((0, "", "public.fc_scores|0\n"), (end.ExitCode, end.Errors, end.Output));
        Assert.Equal(applied, await world.DumpAsync());
    }

    private async Task<(Guid[] Sessions, DateTimeOffset Since)> AppliedAsync()
    {
        Assert.SkipWhen(Psql.Missing is not null, Psql.Missing ?? "");
        await world.FreshAsync();
        var (sessions, since) = (world.New.Take(4).ToArray(), DateTimeOffset.UtcNow.AddMinutes(-1));
        await world.ApplyAsync(ApplyWorld.PlanOf(sessions));
        return (sessions, since);
    }

    private async Task<string> ScriptAsync(BackfillPlan plan, IReadOnlyCollection<Guid> sessions, DateTimeOffset since)
    {
        var path = Path.Combine(ApplyWorld.NewFolder(), "rollback.sql");
        await using var file = File.Create(path);
        await world.Connection.Target.Rollbacks.WriteTimestampScriptAsync(
            new(plan, sessions, since, null, "tester@here"), file, CancellationToken.None);
        return path;
    }
}
