using System.Collections.Concurrent;
using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Rollback;

namespace Backfill.Engine.Tests.Ledger;

/// <summary>
/// A ledger that version 0.1.0 made, with schema 4: a dump taken while that version's worker was in the middle of a run. Of five
/// sessions two are settled, the third has one call out, and two are untouched. The folder <c>Release010</c> also has the rows of these
/// sessions before the run, and as they were at the dump.
/// </summary>
[Collection(RollbackCollection.Name)]
public sealed class FirstReleaseTests(RollbackWorld world)
{
    private static readonly Guid[] Sessions =
        [.. Enumerable.Range(1, 5).Select(i => Guid.Parse(FormattableString.Invariant($"5e551000-0000-4000-8000-00000000000{i}")))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_migration_is_installed_in_its_order()
    {
        var files = Directory.GetFiles(Path.Combine(TestRepository.Root, "src", "Backfill.Engine", "Ledger", "Migrations"), "*.sql")
            .Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Enumerable.Range(1, files.Count), files.Select(LedgerInstaller.VersionOf));
        Assert.Equal(files.Count, LedgerInstaller.NewestVersion);
    }

    [Fact]
    public async Task A_ledger_of_the_first_release_is_upgraded_and_its_run_is_resumed_and_rolled_back_exactly()
    {
        await world.FreshAsync();
        await LoadAsync("target_before.sql");
        var before = await TargetRows.ReadAsync(world.Owner, Sessions);
        await world.ExecuteAsync("alter schema backfill rename to put_away");
        try
        {
            await LoadAsync("target_after.sql");
            await LoadAsync("ledger.sql");
            await world.ExecuteAsync("""
                update backfill.install i
                set system_identifier = p.system_identifier, database_oid = p.database_oid, project_ref = p.project_ref
                from put_away.install p
                """);
            await UpgradeResumeAndUndoAsync();
            Assert.Equal(before, await TargetRows.ReadAsync(world.Owner, Sessions));
        }
        finally
        {
            await world.ExecuteAsync("drop schema if exists backfill cascade");
            await world.ExecuteAsync("alter schema put_away rename to backfill");
            await world.FreshAsync();
            await world.ExecuteAsync("delete from public.assessment_sessions where id = any ($1)", Sessions);
        }
    }

    private async Task UpgradeResumeAndUndoAsync()
    {
        var engine = new BackfillEngine();
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.ConnectAsync(requireLedger: true));
        Assert.Equal("LedgerOutdated", refusal.Code);
        var connection = await world.ConnectAsync(requireLedger: false);
        await using var target = connection.Target;
        await engine.InstallLedgerAsync(connection, BackfillEnvironment.Staging, adopt: false, sandbox: true, Stop);

        var run = await engine.ListRunsAsync(connection, new(), Stop).SingleAsync(Stop);
        Assert.Equal((5, 2, 3), (run.Total, run.Succeeded, run.Remaining));
        var called = new ConcurrentQueue<(Guid, string)>();
        var functions = world.BySql(
            call =>
            {
                called.Enqueue((call.SessionId, call.Function));
                return ScoresBySql.Write(call);
            },
            through: connection);
        var end = await new ApplyPhase(functions, TimeProvider.System).RunAsync(
            new() { RunId = run.RunId, OutputPath = ApplyWorld.NewFolder() }, new RecordingSink(), Stop);
        Assert.Equal((BackfillRunState.Completed, 5), (end.Run.State, end.Run.Succeeded));
        // The effect of the call that was out is found on reading back.
        Assert.Equal(
            [
                (Sessions[2], "score_prism"),
                (Sessions[3], "score_fc_session"), (Sessions[3], "score_prism"),
                (Sessions[4], "score_fc_session"), (Sessions[4], "score_prism"),
            ],
            called.Order());

        var undone = await world.UndoAsync(new RollbackSelection(run.RunId), through: connection);
        Assert.Equal(BackfillRunState.RolledBack, undone.State);
        Assert.All(undone.Results, r => Assert.True(r.Verified, r.ToString()));
    }

    private async Task LoadAsync(string file)
    {
        var path = Path.Combine(TestRepository.Root, "tests", "Backfill.Engine.Tests", "Ledger", "Release010", file);
        await world.ExecuteAsync(await File.ReadAllTextAsync(path, Stop));
    }
}
