using Backfill.Engine.Connections;
using Backfill.Engine.Pipeline;
using Backfill.Engine.Reports.Files;
using Backfill.Engine.Tests.Rollback;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Files that can't be written: each for itself, all told at the end, and none taken for the database.</summary>
[Collection(ApplyCollection.Name)]
public sealed class UnwrittenTests(RunWorld world)
{
    [Fact]
    public async Task Files_that_can_not_be_written_leave_the_rollback_script_and_the_run_whole()
    {
        await world.FreshAsync();
        var folder = ApplyWorld.NewFolder();
        var before = await world.DumpAsync();
        string[] blocked =
        [
            Path.Combine(folder, "backfill_logs", "batch_test.json"),
            Path.Combine(folder, "backfill_logs", "execution_results.json"),
            Path.Combine(folder, "backfill_summary.md"),
        ];
        foreach (var path in blocked)
            Directory.CreateDirectory(path);

        var applied = await world.ApplyAsync(Request(folder));

        Assert.Equal(BackfillRunState.Completed, applied.Run.State);
        var script = Assert.Single(applied.End.Artifacts);
        var error = applied.End.Unwritten!;
        Assert.Equal(("FileNotWritten", (object)applied.Run.RunId), (error.Code, error.TargetObject));
        Assert.StartsWith("3 of 4 files", error.Message, StringComparison.Ordinal);
        Assert.All(blocked, path => Assert.Contains($"'{path}'", error.Message, StringComparison.Ordinal));
        Assert.Contains($"The rollback script is there: '{script}'", error.Message, StringComparison.Ordinal);
        // The command that it names writes what is missing.
        Assert.Contains($"Invoke-BackfillApply -RunId {applied.Run.RunId}", error.Message, StringComparison.Ordinal);
        Array.ForEach(blocked, Directory.Delete);
        var again = await world.ApplyAsync(new ApplyRequest { RunId = applied.Run.RunId, OutputPath = folder });
        Assert.Null(again.End.Unwritten);
        Assert.All(blocked, path => Assert.True(File.Exists(path), path));

        var end = await Psql.RunFileAsync(world.Sandbox.Info.DatabaseUrl, script);
        Assert.True(end.ExitCode == 0, end.Errors);
        Assert.Equal(before, await world.DumpAsync());
    }

    [Fact]
    public async Task A_rollback_script_that_can_not_be_written_leaves_the_other_files()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        var folder = ApplyWorld.NewFolder();
        // The day on which the run begins, should it be midnight now.
        foreach (var day in new[] { DateTime.UtcNow, DateTime.UtcNow.AddDays(1) })
        {
            Directory.CreateDirectory(Path.Combine(folder, "backfill_logs", FormattableString.Invariant($"rollback_{day:yyyy-MM-dd}.sql")));
            Directory.CreateDirectory(Path.Combine(folder, "backfill_logs", FormattableString.Invariant($"rollback_{day:yyyy-MM-dd}_{run.Id}.sql")));
        }

        var applied = await world.ApplyAsync(new ApplyRequest { RunId = run.Id, OutputPath = folder });

        Assert.Equal(3, applied.End.Artifacts.Count);
        Assert.All(applied.End.Artifacts, path => Assert.True(File.Exists(path), path));
        var error = applied.End.Unwritten!;
        Assert.Equal("FileNotWritten", error.Code);
        Assert.Contains($"New-BackfillRollback -RunId {run.Id}", error.Message, StringComparison.Ordinal);
        // The summary names no script that is not there.
        var summary = await File.ReadAllTextAsync(Path.Combine(folder, "backfill_summary.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"the script that `New-BackfillRollback -RunId {run.Id}` writes", summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_script_gives_the_script_another_name()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(2, RunWorld.Quick);
        var folder = ApplyWorld.NewFolder();
        foreach (var day in new[] { DateTime.UtcNow, DateTime.UtcNow.AddDays(1) })
            Directory.CreateDirectory(Path.Combine(folder, "backfill_logs", FormattableString.Invariant($"rollback_{day:yyyy-MM-dd}.sql")));

        var applied = await world.ApplyAsync(new ApplyRequest { RunId = run.Id, OutputPath = folder });

        Assert.Null(applied.End.Unwritten);
        Assert.EndsWith($"_{run.Id}.sql", applied.End.Artifacts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_logs_folder_that_takes_no_files_is_refused_before_there_is_a_run()
    {
        await world.FreshAsync();
        var folder = ApplyWorld.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(folder, "backfill_logs"), "in the way", TestContext.Current.CancellationToken);

        var error = await Assert.ThrowsAnyAsync<BackfillException>(() => world.ApplyAsync(Request(folder)));

        Assert.Equal("FileNotWritten", error.Code);
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.run"));
    }

    // The database is read into the file, so that either may fail in the other's call.
    [Fact]
    public async Task A_full_disk_under_the_script_is_a_full_disk_and_no_dead_database()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has /dev/full.");
        await world.FreshAsync();
        var applied = await world.ApplyAsync(Request(ApplyWorld.NewFolder()));
        var order = new Backfill.Engine.Rollback.RollbackOrder(
            Guid.CreateVersion7(), new(applied.Run.RunId), BackfillConflictRule.Stop, "tester@here", null);
        await using var full = new WrittenFile(new FileStream("/dev/full", FileMode.Open, FileAccess.Write), "/there/rollback.sql");

        var error = await Assert.ThrowsAnyAsync<BackfillException>(
            () => world.Connection.Target.Rollbacks.WriteScriptAsync(order, full, TestContext.Current.CancellationToken));

        Assert.Equal(("DiskFull", (object)"/there/rollback.sql"), (error.Code, error.TargetObject));
        // Its transaction has ended with it.
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from pg_stat_activity where state like 'idle in transaction%'"));
    }

    [Fact]
    public async Task A_pipeline_whose_files_could_not_be_written_has_failed_and_names_its_run()
    {
        await world.FreshAsync();
        var folder = ApplyWorld.NewFolder();
        Directory.CreateDirectory(Path.Combine(folder, "backfill_summary.md"));
        var sink = new Steps();

        await new PipelineDirector(world.Connection, null, TimeProvider.System).RunAsync(
            new PipelineRequest { Plan = ApplyWorld.PlanOf(world.New[0]), OutputPath = folder, ThrottlePerMinute = ApplyWorld.QuickPace, Since = PlanBatch.DefaultSince },
            sink,
            TestContext.Current.CancellationToken);

        var step = Assert.Single(sink.Ends);
        var run = await world.Runs.ListAsync(new RunFilter(), TestContext.Current.CancellationToken).FirstAsync(TestContext.Current.CancellationToken);
        Assert.Equal((BackfillPipelineStatus.Failed, run.RunId), (step.Status, step.RunId));
        Assert.Equal("FileNotWritten", Assert.Single(sink.Failures).Code);
    }

    private ApplyRequest Request(string folder) => new()
    {
        Plan = ApplyWorld.PlanOf(world.New[0], world.WithProfile[0]), OutputPath = folder, ThrottlePerMinute = ApplyWorld.QuickPace,
    };

    private sealed class Steps : IPipelineSink
    {
        public List<BackfillPipelineStep> Ends { get; } = [];

        public List<BackfillException> Failures { get; } = [];

        public IApplySink Apply { get; } = new RecordingSink();

        public ISoakSink Soak => throw new NotSupportedException("It does not come so far.");

        public void Ended(BackfillPipelineStep step) => Ends.Add(step);

        public void Failed(BackfillException error) => Failures.Add(error);
    }
}
