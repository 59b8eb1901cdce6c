using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Runs to be rolled back under fire.</summary>
public sealed class CrashWorld : RollbackWorld, IAsyncLifetime
{
    /// <summary>May do what the owner may; its connections are known by it.</summary>
    public const string StandIn = "stand_in";

    /// <summary>The last thing before a rollback is committed: where a test wants it, it waits there.</summary>
    private const string WaitAtCommit = """
        create function public.wait_at_commit() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return null; end $$;
        create constraint trigger waits after insert on backfill.rollback deferrable initially deferred
            for each row execute function public.wait_at_commit()
        """;

    private IReadOnlyList<string> _before = [];
    private IReadOnlyList<string> _applied = [];

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await ExecuteAsync(WaitAtCommit);
        var password = new Uri(Sandbox.Info.DatabaseUrl).UserInfo.Split(':')[1];
        await ExecuteAsSuperuserAsync($"create role {StandIn} login bypassrls password '{password}'; grant postgres to {StandIn}");
    }

    internal async Task<TestRun> AppliedAsync()
    {
        await FreshAsync();
        _before = await this.DumpAsync();
        var run = await AppliedAsync([.. Mixed(9)]);
        _applied = await this.DumpAsync();
        Assert.NotEqual(_before, _applied);
        return run;
    }

    internal async Task MustBeUntouchedAsync(TestRun run)
    {
        Assert.Equal(_applied, await this.DumpAsync());
        Assert.Equal(BackfillRunState.Completed, (await run.ReadAsync()).State);
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from backfill.rollback"));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from pg_trigger where tgenabled = 'D'"));
    }

    internal async Task MustBeAsBeforeAsync(TestRun run)
    {
        Assert.Equal(_before, await this.DumpAsync());
        Assert.Equal(BackfillRunState.RolledBack, (await run.ReadAsync()).State);
        Assert.Equal(1, await ScalarAsync<long>("select count(*) from backfill.rollback where run_id = $1", run.Id));
        Assert.Equal(0, await ScalarAsync<long>("select count(*) from pg_trigger where tgenabled = 'D'"));
    }

    /// <summary>Done again, or found to be done.</summary>
    internal async Task MustBeUndoneByAsync(TestRun run)
    {
        try
        {
            await UndoAsync(run.Id);
        }
        catch (BackfillException e) when (e.Code == "RunRolledBack")
        {
            // The one that was thought dead had come through.
        }

        await MustBeAsBeforeAsync(run);
    }
}
