using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Connections;
using Backfill.Engine.Tests.Rollback;
using Backfill.TestWorker;

namespace Backfill.Engine.Tests.Failures;

/// <summary>Outages that pass are waited out by every use case; one that doesn't pass leaves a run that says why it isn't running.</summary>
[Collection(RollbackCollection.Name)]
public sealed class OutageTests(RollbackWorld world)
{
    private const string PoolFull = "(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Lane", "full")]
    public Task A_use_case_goes_through_an_outage_that_took_its_answer() => GoThroughAsync(DatabaseFailure.BreaksAfterwards, "");

    [Theory]
    [InlineData(DatabaseFailure.Refuses, "XX000")]
    [InlineData(DatabaseFailure.Refuses, "57P01")]
    [InlineData(DatabaseFailure.Breaks, "")]
    [Trait("Lane", "full")]
    internal Task A_use_case_goes_through_other_outages_too(DatabaseFailure failure, string state) => GoThroughAsync(failure, state);

    private async Task GoThroughAsync(DatabaseFailure failure, string state)
    {
        var wrong = new List<string>();
        foreach (var useCase in await UseCasesAsync())
        {
            if (await EndAsync(useCase, failure, state, passing: 0) is ({ } error, _))
                wrong.Add($"{useCase.Name}: {error}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>What only reads, whatever it had read before the outage.</summary>
    [Theory]
    [InlineData(DatabaseFailure.Refuses, "25006")]
    [InlineData(DatabaseFailure.Breaks, "")]
    [Trait("Lane", "full")]
    internal async Task Wherever_a_short_outage_falls_what_reads_goes_through_it(DatabaseFailure failure, string state)
    {
        var wrong = new List<string>();
        foreach (var useCase in (await UseCasesAsync()).Where(u => u.Reads))
        {
            for (var passing = 1; ; passing++)
            {
                var (error, hasFailed) = await EndAsync(useCase, failure, state, passing);
                if (!hasFailed)
                    break;
                if (error is not null)
                    wrong.Add($"{useCase.Name} after {passing} round trips: {error}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task An_order_whose_answer_was_lost_is_given_once()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        await FailingWay.ThroughAsync(world, DatabasePatience.Default, async (place, relay) =>
        {
            // The look at the ledger passes.
            relay.Arm(DatabaseFailure.BreaksAfterwards, passing: 1, times: 1);
            var stopped = await new BackfillEngine().SteerAsync(place.Connection, new(run.Id, RunAction.Stop, "a test"), Stop);
            Assert.True(relay.Struck.IsCompleted);
            Assert.Equal(BackfillRunState.Aborted, stopped.State);
        });
        Assert.Single(await run.EventsAsync(), e => e.StartsWith("Stop|", StringComparison.Ordinal));
    }

    /// <summary>One as it was given a moment before, and then lifted; and one that differs in its figure only.</summary>
    [Fact]
    public async Task An_order_that_never_came_through_is_not_taken_for_an_earlier_one()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        var engine = new BackfillEngine();
        await FailingWay.ThroughAsync(world, DatabasePatience.Default, async (place, relay) =>
        {
            await engine.SteerAsync(place.Connection, new(run.Id, RunAction.Suspend, null), Stop);
            await engine.SteerAsync(place.Connection, new(run.Id, RunAction.Resume, null), Stop);
            await engine.SteerAsync(place.Connection, new(run.Id, RunAction.Set, null, ThrottlePerMinute: 10), Stop);
            relay.Arm(DatabaseFailure.Breaks, passing: 1, times: 1);
            var set = await engine.SteerAsync(place.Connection, new(run.Id, RunAction.Set, null, ThrottlePerMinute: 5), Stop);
            Assert.True(relay.Struck.IsCompleted);
            Assert.Equal(5, set.ThrottlePerMinute);
            relay.Arm(DatabaseFailure.Breaks, passing: 1, times: 1);
            var suspended = await engine.SteerAsync(place.Connection, new(run.Id, RunAction.Suspend, null), Stop);
            Assert.Equal(BackfillRunIntent.Suspend, suspended.Intent);
        });
    }

    [Fact]
    public async Task A_worker_that_ends_for_want_of_the_database_leaves_its_run_halted_with_the_cause()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        var patience = DatabasePatience.Default with { Worker = TimeSpan.FromMilliseconds(300) };
        await FailingWay.ThroughAsync(world, patience, async (place, relay) =>
        {
            var error = await Assert.ThrowsAsync<BackfillException>(() => run.ApplyAsync(Around(place.Connection, relay, heals: true)));
            Assert.Equal("DatabaseReadOnly", error.Code);
            Assert.Contains("disk", error.Message, StringComparison.Ordinal);
            Assert.EndsWith($"Invoke-BackfillApply -RunId {run.Id}", error.Message, StringComparison.Ordinal);
        });
        var halted = await run.ReadAsync();
        Assert.Equal((BackfillRunState.Halted, BackfillRunCause.DatabaseUnavailable), (halted.State, halted.Cause));

        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task A_worker_that_can_t_say_that_it_ends_is_seen_to_be_gone()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        await FailingWay.ThroughAsync(world, FailingWay.Hasty, async (place, relay) =>
        {
            var error = await Assert.ThrowsAsync<BackfillException>(() => run.ApplyAsync(Around(place.Connection, relay, heals: false)));
            Assert.Equal("DatabaseReadOnly", error.Code);
        });
        var left = await run.OnceAsync(r => r.State != BackfillRunState.Running);
        Assert.Equal((BackfillRunState.Paused, BackfillRunCause.NoWorker), (left.State, left.Cause));
    }

    [Fact]
    public async Task A_run_goes_through_a_pooler_that_admits_three_clients()
    {
        Assert.SkipUnless(PgBouncer.Program is not null, "pgbouncer is not installed.");
        await world.FreshAsync();
        await using var pooler = await PgBouncer.StartAsync(world.Sandbox.Info.DatabaseUrl, "session", clients: 3);
        var connection = await SupabaseConnector.ConnectAsync(
            new()
            {
                ApiUrl = world.Sandbox.Info.ApiUrl,
                ServiceRoleKey = world.Sandbox.Info.ServiceRoleKey,
                DatabaseUrl = new UriBuilder(world.Sandbox.Info.DatabaseUrl) { Port = pooler.Port }.Uri.ToString(),
                ProjectRef = world.Sandbox.Info.ProjectRef,
            },
            null,
            requireLedger: true,
            Stop);
        await using var target = connection.Target;
        var run = await world.FrozenAsync(24, RunWorld.Quick with { Lease = TimeSpan.FromSeconds(20) });
        await run.ApplyAsync(connection);
        await run.MustHaveSucceededAsync();
    }

    /// <summary>The database turns read-only when the first session is claimed, and is well again when the worker signs off, or never.</summary>
    private static BackfillConnection Around(BackfillConnection connection, FailingRelay relay, bool heals) => OpenTarget.Connect(
        connection.Identity,
        ReplacedTarget.Around(connection.Target, new Around
        {
            Before = (method, _) =>
            {
                if (method == nameof(IRunLedger.ClaimAsync))
                    relay.Arm(DatabaseFailure.Refuses, "25006");
                else if (method == nameof(IRunLedger.EndAsync) && heals)
                    relay.Disarm();
                return Task.CompletedTask;
            },
        }));

    private async Task<IReadOnlyList<UseCase>> UseCasesAsync()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        var gate = await new BackfillEngine().FindGateAsync(world.Connection, run.Id, BackfillGateName.ApplyReview, true, Stop);
        return UseCases.On(run.Ticket.Plan, run.Id, gate);
    }

    /// <returns>The database's failure, where it came out; and whether it was met at all.</returns>
    private async Task<(string? Error, bool HasFailed)> EndAsync(UseCase useCase, DatabaseFailure failure, string state, int passing)
    {
        string? told = null;
        var hasFailed = false;
        await FailingWay.ThroughAsync(world, DatabasePatience.Default, async (place, relay) =>
        {
            relay.Arm(failure, state, passing, times: 1, state == "XX000" ? PoolFull : "the server's words");
            var error = await Record.ExceptionAsync(() => useCase.RunAsync(place, Stop));
            hasFailed = relay.Struck.IsCompleted;
            // A run that is done can't be stopped again, and the like: that is no outage.
            told = error is null or BackfillException { InnerException: null } ? null : error.ToString();
        });
        return (told, hasFailed);
    }
}
