using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Sandbox;
using Npgsql;

namespace Backfill.Engine.Tests.Apply;

/// <summary>What the target suffers from is seen, holds the run, and lets it go.</summary>
[Collection(HoldCollection.Name)]
public sealed class TargetGuardTests(RunWorld world, ITestOutputHelper output)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The statement that plants a signal, and from which value on it is there.</summary>
    [Theory]
    [InlineData(BackfillSignal.OldestTransaction, "select pg_sleep(0.05) from public.profiles limit 1", 0.01)]
    [InlineData(BackfillSignal.LockWaits, "lock table public.fc_scores in access exclusive mode", 1)]
    public async Task A_planted_signal_is_read_and_gone_again_when_it_is_taken_back(BackfillSignal signal, string plant, double least)
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        Assert.InRange((await ReadAsync(run)).Single(v => v.Signal == signal).Value!.Value, 0, least / 2);
        await using (var holder = await world.Owner.OpenConnectionAsync(Stop))
        {
            await using var transaction = await holder.BeginTransactionAsync(Stop);
            await ExecuteAsync(holder, plant);
            await using var waiter = await world.Owner.OpenConnectionAsync(Stop);
            var waiting = ExecuteAsync(waiter, "select count(*) from public.fc_scores");
            await Patiently.AskAsync(() => ReadAsync(run), v => v.Single(s => s.Signal == signal).Value >= least);
            await transaction.RollbackAsync(Stop);
            await waiting;
        }

        await Patiently.AskAsync(() => ReadAsync(run), v => v.Single(s => s.Signal == signal).Value < least);
    }

    [Fact]
    public async Task Every_signal_is_read_or_says_why_not()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        var values = await ReadAsync(run);
        Assert.Equal(GuardSettings.Names.Values.Order(), values.Select(v => v.Signal));
        Assert.All(values, v => Assert.True(v.Value is not null || v.Note is not null, $"{v.Signal}"));
        Assert.InRange(values.Single(v => v.Signal == BackfillSignal.Connections).Value!.Value, 0.005, 0.9);
        Assert.Equal("the run has no 50 sessions to compare with yet", values.Single(v => v.Signal == BackfillSignal.FunctionLatency).Note);
    }

    [Fact]
    public async Task A_role_without_the_right_measures_less_and_says_so()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        await world.ExecuteAsync("create role blind login password 'blind' noinherit");
        await world.ExecuteAsync("grant usage on schema public, backfill to blind");
        await world.ExecuteAsync("grant select on all tables in schema backfill to blind");
        try
        {
            await using var blind = NpgsqlDataSource.Create(
                new NpgsqlConnectionStringBuilder(world.Owner.ConnectionString) { Username = "blind", Password = "blind", Pooling = false });
            var (values, _) = await new GuardStore(blind, null!).ReadAsync(run.Ticket, Turn(), Stop);
            Assert.Equal(
                [BackfillSignal.Autovacuum, BackfillSignal.OldestTransaction],
                values.Where(v => v.LacksRight).Select(v => v.Signal).Except([BackfillSignal.ReplicationLag]));
            Assert.NotNull(values.Single(v => v.Signal == BackfillSignal.LockWaits).Value);
        }
        finally
        {
            await world.ExecuteAsync("revoke select on all tables in schema backfill from blind");
            await world.ExecuteAsync("revoke usage on schema public, backfill from blind");
            await world.ExecuteAsync("drop role blind");
        }
    }

    [Fact]
    public async Task A_run_holds_while_a_signal_is_over_its_limit_calls_nothing_and_goes_on_when_it_is_well()
    {
        await world.FreshAsync();
        var settings = RunWorld.Quick with { ThrottlePerMinute = 120, Guard = "{\"oldest_transaction\": {\"hold\": 1}}" };
        var run = await world.FrozenAsync(60, settings);
        Task<ApplyOutcome> working;
        await using (var holder = await world.Owner.OpenConnectionAsync(Stop))
        {
            await using var transaction = await holder.BeginTransactionAsync(Stop);
            await ExecuteAsync(holder, "select from public.profiles limit 1");
            working = run.ApplyAsync();
            var held = await run.OnceAsync(r => r.WaitingFor == "TargetBusy");
            Assert.Equal((BackfillRunState.Running, BackfillSignal.OldestTransaction), (held.State, held.BusySignal));
            Assert.Matches(@"^a transaction that uses tables of the run is \d+ s old \(limit 1 s\)$", held.BusyReason);
            await transaction.RollbackAsync(Stop);
        }

        var well = await run.OnceAsync(r => r.BusySignal is null);
        Assert.True(well.Remaining > 0);
        await run.OrderAsync(RunAction.Set, throttle: 1200);
        var end = await working;
        await run.MustHaveSucceededAsync();
        await NothingMustHaveBeenSentWhileHeldAsync(run);
        Assert.Single(end.Sink.Warnings, w => w.StartsWith("The run holds: a transaction that uses", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(SandboxFaultKind.LongTransaction, BackfillSignal.OldestTransaction, "{\"oldest_transaction\": {\"hold\": 1}}")]
    [InlineData(SandboxFaultKind.TableLock, BackfillSignal.LockWaits, null)]
    [InlineData(SandboxFaultKind.ReplicationLag, BackfillSignal.ReplicationLag, "{\"replication_lag\": {\"hold\": 16777216}}")]
    [InlineData(SandboxFaultKind.ArchiveStuck, BackfillSignal.ArchiveWaiting, "{\"archive_waiting\": {\"hold\": 4}}")]
    [InlineData(SandboxFaultKind.Autovacuum, BackfillSignal.Autovacuum, null)]
    [InlineData(SandboxFaultKind.ConnectionsUsed, BackfillSignal.Connections, "{\"connections\": {\"hold\": 0.8}}")]
    [Trait("Lane", "full")]
    public async Task Each_signal_that_a_sandbox_plants_holds_a_run_and_lets_it_go(SandboxFaultKind kind, BackfillSignal signal, string? guard)
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(60, RunWorld.Quick with { ThrottlePerMinute = 60, CallTimeout = TimeSpan.FromSeconds(30), Guard = guard });
        var working = run.ApplyAsync();
        await run.OnceCalledAsync(c => c.Count > 0);
        await world.SetAsync(new SandboxFault(kind));
        var planted = await world.ScalarAsync<DateTime>("select clock_timestamp()");
        var held = await run.OnceAsync(r => r.WaitingFor == "TargetBusy");
        Assert.Equal(signal, held.BusySignal);
        var wasSeen = await world.ScalarAsync<DateTime>("select max(at) from backfill.run_event where run_id = $1 and event = 'TargetBusy'", run.Id);
        output.WriteLine(FormattableString.Invariant($"{kind}: held {(wasSeen - planted).TotalSeconds:0.0} s after it was planted: {held.BusyReason}"));
        await world.Control.ClearFaultsAsync();
        await run.OnceAsync(r => r.BusySignal is null);
        await run.OrderAsync(RunAction.Set, throttle: 1200);
        await working;
        await run.MustHaveSucceededAsync();
        await NothingMustHaveBeenSentWhileHeldAsync(run);
    }

    [Fact]
    public async Task A_statement_of_the_plan_must_return_true_and_an_order_can_switch_the_guard_off()
    {
        await world.FreshAsync();
        var settings = RunWorld.Quick with { Guard = "{\"query\": \"select count(*) > 1000000 from public.profiles\"}" };
        var run = await world.FrozenAsync(6, settings);
        var working = run.ApplyAsync();
        var held = await run.OnceAsync(r => r.WaitingFor == "TargetBusy");
        Assert.Equal("guard.query returned false", held.BusyReason);
        Assert.Empty(await run.CallsAsync());
        await OrderAsync(run, "{\"enabled\": false}");
        await working;
        await run.MustHaveSucceededAsync();
    }

    [Fact]
    public async Task A_signal_over_its_halting_limit_halts_the_run_and_the_run_can_be_resumed()
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(6, RunWorld.Quick with { Guard = "{\"connections\": {\"hold\": 0.0001, \"halt\": 0.0002}}" });
        var halted = (await run.ApplyAsync()).Run;
        Assert.Equal((BackfillRunState.Halted, BackfillRunCause.TargetBusy, 6), (halted.State, halted.Cause, halted.Remaining));
        Assert.Contains("of the server's connections are in use", halted.Reason, StringComparison.Ordinal);
        Assert.Empty(await run.CallsAsync());
        await OrderAsync(run, "{\"connections\": null}");
        await run.ApplyAsync();
        await run.MustHaveSucceededAsync();
    }

    /// <summary>By the database's clock, in which holds and calls are recorded.</summary>
    private async Task NothingMustHaveBeenSentWhileHeldAsync(TestRun run)
    {
        Assert.NotEqual(0, await world.ScalarAsync<long>("select count(*) from backfill.run_event where run_id = $1 and event = 'TargetWell'", run.Id));
        Assert.Equal(0, await world.ScalarAsync<long>("""
            select count(*)
            from backfill.operation o
            join backfill.run_event b on b.run_id = o.run_id and b.event = 'TargetBusy'
            cross join lateral (
                select min(w.at) as at from backfill.run_event w
                where w.run_id = b.run_id and w.event = 'TargetWell' and w.event_id > b.event_id
            ) w
            where o.run_id = $1 and o.sent_at > b.at + interval '50 milliseconds' and o.sent_at < w.at
            """, run.Id));
    }

    private Task OrderAsync(TestRun run, string guard) => world.Connection.Target.Ledger.ControlAsync(
        new(run.Id, RunAction.Set, "a test", "operator@console", Guard: guard), Stop);

    private static GuardTurn Turn() => new(DateTimeOffset.UnixEpoch, GuardSettings.Default, GuardState.Empty, null, TimeSpan.Zero, null, null);

    private async Task<IReadOnlyList<SignalValue>> ReadAsync(TestRun run) =>
        (await world.Connection.Target.Guard.ReadAsync(run.Ticket, Turn(), Stop)).Values;

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Stop);
    }
}
