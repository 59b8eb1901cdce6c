namespace Backfill.Engine.Tests.Rollback;

/// <summary>A rollback by the cmdlet's store or by its script: whichever, it finds and leaves the same.</summary>
internal sealed class Undoing(RollbackWorld world, bool byScript)
{
    /// <summary>The rows that it leaves as they are.</summary>
    /// <exception cref="BackfillException">The store refuses.</exception>
    /// <exception cref="InvalidOperationException">The script does; psql's words.</exception>
    public async Task<IReadOnlyList<string>> SkipAsync(RollbackSelection selection)
    {
        if (!byScript)
        {
            var done = await world.UndoAsync(selection, BackfillConflictRule.Skip);
            Assert.All(done.Results, r => Assert.True(r.Verified, r.ToString()));
            Assert.Equal(done.Conflicts.Count, done.Results.Sum(r => r.Conflicts));
            return Named(done.Conflicts);
        }

        var path = await world.ScriptAsync(selection);
        await RollbackScripts.EditAsync(path, RollbackScripts.Stop, RollbackScripts.Skip);
        var end = await RunAsync(path);
        Assert.All(end.Tables, t => Assert.Equal("t", t[8]));
        return await KeptAsync(selection.RunId);
    }

    /// <summary>The rows that stop it.</summary>
    public async Task<IReadOnlyList<string>> StopAsync(RollbackSelection selection)
    {
        if (!byScript)
        {
            var stopped = await world.UndoAsync(selection);
            Assert.Empty(stopped.Results);
            return Named(stopped.Conflicts);
        }

        var end = await Psql.RunFileAsync(world.Sandbox.Info.DatabaseUrl, await world.ScriptAsync(selection));
        Assert.NotEqual(0, end.ExitCode);
        return [.. end.Errors.Split('\n').Where(l => l.Contains(" of session ", StringComparison.Ordinal))
            .Select(l => l.Replace("DETAIL:", "", StringComparison.Ordinal).Trim().Split(' ') is [var table, var key, _, _, var session, var kind]
                ? $"{table} {key} {session.TrimEnd(':')} {kind}"
                : l).Order(StringComparer.Ordinal)];
    }

    /// <summary>What a look says.</summary>
    public async Task<IReadOnlyList<string>> LookAsync(RollbackSelection selection) => Named((await world.LookAsync(selection)).Conflicts);

    public static IReadOnlyList<string> Named(IEnumerable<BackfillRollbackConflict> conflicts) =>
        [.. conflicts.Select(c => $"{c.Table} {c.Key} {c.SessionId} {c.Kind}").Order(StringComparer.Ordinal)];

    private async Task<PsqlEnd> RunAsync(string path)
    {
        var end = await Psql.RunFileAsync(world.Sandbox.Info.DatabaseUrl, path);
        return end.ExitCode == 0 ? end : throw new InvalidOperationException(end.Errors);
    }

    private async Task<IReadOnlyList<string>> KeptAsync(Guid run) =>
        [.. (await world.LinesAsync(
            """
            select concat_ws(' ', f.table_name, f.key, f.session_id, f.conflict)
            from backfill.rollback_conflict f
            where f.rollback_id = (select b.rollback_id from backfill.rollback b where b.run_id = $1 order by b.at desc limit 1)
            """,
            run)).Order(StringComparer.Ordinal)];
}
