using Backfill.Engine.Connections;
using Backfill.Engine.Tests.Apply;
using Backfill.TestWorker;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>One case of the property: anything is applied, others write, some or all of it is undone.</summary>
internal sealed class RandomRollback(RandomWorld world, BackfillConnection standIn, int seed)
{
    private const string Marker = "written meanwhile";

    private readonly Random _random = new(unchecked(seed * (int)2654435761));
    private readonly List<string> _arrived = [];

    public async Task RunAsync()
    {
        var (fails, meddles, races, isKilled) = (_random.Next(2) == 0, _random.Next(2) == 0, _random.Next(4) == 0, _random.Next(4) == 0);
        await world.EmptyAsync();
        foreach (var (session, i) in world.Sessions.Concat(world.Bystanders).Select((s, i) => (s, i)))
            await WriteAsync(new RandomWrites(seed + i).Some(session, [], 20));
        var first = await world.RowsAsync();
        var run = await ApplyAsync(fails, meddles);
        if (meddles)
            await MeddleAsync();
        var (selection, sessions) = await SelectAsync(run);
        var images = await world.ImagesAsync(run.Id, sessions);
        Guid[] chosen = [.. (await world.LookAsync(selection)).Sessions];
        var before = await world.RowsAsync();
        if (isKilled && !races)
            await KilledAsync(run, selection, before);
        if ((await run.ReadAsync()).State == BackfillRunState.RolledBack)
            return;

        if (!races)
            await StoppedAsync(selection, before);
        var racing = races ? RaceAsync() : Task.CompletedTask;
        var done = await world.UndoAsync(selection, BackfillConflictRule.Skip);
        await racing;
        var after = await world.RowsAsync();

        Judge(images, before, after, done);
        if (!races)
            MustAccountForAll(images, chosen, after, done);
        if (!fails && !meddles && !races && selection.IsWholeRun)
        {
            Assert.Empty(done.Conflicts);
            Assert.Equal(first, after);
        }

        Assert.Equal(done.SessionsLeft == 0, done.State == BackfillRunState.RolledBack);
        Assert.True(!selection.IsWholeRun || done.SessionsLeft == done.Conflicts.Select(c => c.SessionId).Distinct().Count());
        Assert.All(done.Results, r => Assert.True(r.Verified));
        if (!races && selection.IsWholeRun && done.State != BackfillRunState.RolledBack)
        {
            // Nothing has become possible since.
            Assert.Equal(done.Conflicts, (await world.UndoAsync(selection, BackfillConflictRule.Skip)).Conflicts);
            Assert.Equal(after, await world.RowsAsync());
        }
    }

    private async Task<TestRun> ApplyAsync(bool fails, bool meddles)
    {
        var run = await world.FrozenAsync();
        var death = await Record.ExceptionAsync(() => run.ApplyAsync(Calling(fails, meddles)));
        await world.TimePassesAsync();
        if (death is not null && _random.Next(2) == 0)
        {
            await run.ApplyAsync(Calling(fails: false, meddles));
            await world.TimePassesAsync();
        }

        return run;
    }

    private BackfillConnection Calling(bool fails, bool meddles) => OpenTarget.Connect(
        world.Connection.Identity, new ReplacedTarget(world.Connection.Target) { Functions = new RandomFunction(world, seed, fails, meddles) });

    private async Task MeddleAsync()
    {
        for (var i = 0; i < 12; i++)
        {
            // Every other time into rows of their own, which may refer to those of the run.
            var whose = i % 2 == 0 ? world.Sessions : world.Bystanders;
            await WriteAsync(new RandomWrites(_random.Next()).Some(whose[_random.Next(whose.Length)], world.Sessions, 2));
        }
    }

    private async Task<(RollbackSelection Selection, Guid[] Sessions)> SelectAsync(TestRun run)
    {
        switch (_random.Next(4))
        {
            case 0:
                Guid[] some = [.. world.Sessions.Where(_ => _random.Next(2) == 0).DefaultIfEmpty(world.Sessions[0])];
                return (new(run.Id, some), some);
            case 1:
                var middle = await world.ScalarAsync<DateTime>(
                    "select coalesce((select started_at from backfill.item where run_id = $1 and claims > 0 order by started_at offset 2 limit 1), now())", run.Id);
                var window = new RollbackSelection(run.Id, After: middle);
                return (window, [.. (await world.LookAsync(window)).Sessions]);
            default:
                return (new(run.Id), world.Sessions);
        }
    }

    /// <summary>Its connection is cut at some instant: nothing has changed, or all is done.</summary>
    private async Task KilledAsync(TestRun run, RollbackSelection selection, Dictionary<string, string> before)
    {
        var undoing = world.UndoAsync(selection, BackfillConflictRule.Stop, standIn);
        await Task.Delay(_random.Next(60));
        await world.LinesAsync($"select pg_terminate_backend(pid)::text from pg_stat_activity where usename = '{RandomWorld.StandIn}'");
        if (await Record.ExceptionAsync(() => undoing) is null && undoing.Result.Conflicts.Count == 0)
            Judge(await world.ImagesAsync(run.Id, [.. world.Sessions]), before, await world.RowsAsync(), undoing.Result, selection.IsWholeRun);
        else
            Assert.Equal(before, await world.RowsAsync());
    }

    /// <summary>With conflicts, stop changes nothing; it, a look and a skip agree on them.</summary>
    private async Task StoppedAsync(RollbackSelection selection, Dictionary<string, string> before)
    {
        var look = await world.LookAsync(selection);
        if (look.Conflicts.Count == 0)
            return;
        Assert.Equal(look.Conflicts, (await world.UndoAsync(selection)).Conflicts);
        Assert.Equal(before, await world.RowsAsync());
    }

    /// <summary>Others write while it is undone: into rows of the run, and rows of their own that refer to them.</summary>
    private async Task RaceAsync()
    {
        for (var i = 0; i < 12; i++)
        {
            var (session, own, name) = (world.Sessions[_random.Next(5)], world.Bystanders[0], "abcd"[_random.Next(4)]);
            var child = _random.Next(2) == 0 ? "note" : "mark";
            if (_random.Next(2) == 0)
                await WriteAsync($"update random.{child} set body = '{Marker}' where session_id = '{session}' and n = {_random.Next(5)}");
            else if (await WriteAsync($"insert into random.{child} values ('{own}', {1000 + i}, '{session}', '{name}', 'theirs')"))
                _arrived.Add($"random.{child} ({own},{1000 + i})");
        }
    }

    private void Judge(
        IReadOnlyList<RandomImage> images, Dictionary<string, string> before, Dictionary<string, string> after, RollbackDone done, bool isAll = true)
    {
        if (!isAll)
            return;
        var stay = done.Conflicts.Select(c => $"{c.Table} {c.Key}").ToHashSet();
        var undone = images.Where(i => i.IsSettled && i.IsChanged && !stay.Contains(i.Row)).ToDictionary(i => i.Row, i => i.Before);
        var rows = before.Keys.Union(after.Keys).Union(undone.Keys).Except(_arrived);
        var expected = rows.Where(r => after.GetValueOrDefault(r) is not { } now || !now.Contains(Marker, StringComparison.Ordinal))
            .Select(r => (Row: r, Expected: undone.TryGetValue(r, out var was) ? was : before.GetValueOrDefault(r), Found: after.GetValueOrDefault(r)));
        Assert.All(expected, r => Assert.True(r.Expected == r.Found, $"{r}"));
        Assert.All(_arrived, r => Assert.True(after.ContainsKey(r), r));
        Assert.All(images.Where(i => !i.IsSettled && before.GetValueOrDefault(i.Row) != i.Before && _arrived.Count == 0), i => Assert.Contains(i.Row, stay));
    }

    /// <summary>Every row of the sessions, imaged or not, is its before-image or a conflict; and no conflict is its before-image.</summary>
    private static void MustAccountForAll(IReadOnlyList<RandomImage> images, Guid[] chosen, Dictionary<string, string> after, RollbackDone done)
    {
        var was = images.ToDictionary(i => i.Row, i => i.Before);
        var differing = after.Keys.Union(was.Keys)
            .Where(r => chosen.Contains(Guid.Parse(r.Split('(', ',')[1])) && after.GetValueOrDefault(r) != was.GetValueOrDefault(r));
        Assert.Equal(differing.Order(StringComparer.Ordinal), done.Conflicts.Select(c => $"{c.Table} {c.Key}").Order(StringComparer.Ordinal));
    }

    /// <returns>Whether it was written.</returns>
    private async Task<bool> WriteAsync(string sql)
    {
        await using var command = world.Pooled.CreateCommand(sql);
        try
        {
            await command.ExecuteNonQueryAsync();
            return true;
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ForeignKeyViolation or PostgresErrorCodes.DeadlockDetected)
        {
            return false;
        }
    }
}
