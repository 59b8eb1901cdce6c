using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Sandbox;
using Npgsql;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Sessions whose checkpoints and settlements share a transaction: what happens to one is not the others' concern.</summary>
[Collection(ApplyCollection.Name)]
public sealed class GatheredTests(RunWorld world)
{
    private static readonly RunSettings Patient = RunWorld.Quick with { Lease = TimeSpan.FromMinutes(1) };

    [Fact]
    public async Task Sessions_that_wait_while_one_is_checkpointed_share_the_next_transaction()
    {
        var hand = await TakeAsync(6);
        var checkpoints = await hand.GatheredAsync(c => hand.CheckpointAsync(c));
        await Task.WhenAll(checkpoints);
        Assert.Equal([1, 5], await hand.SharesAsync("operation", "outcome is not null"));
        await Task.WhenAll(await hand.GatheredAsync(c => hand.SettleAsync(c)));
        Assert.Equal([1, 5], await hand.SharesAsync("item", "state = 'settled'"));
    }

    [Fact]
    public async Task A_session_whose_lease_was_lost_fails_alone_among_its_neighbours()
    {
        var hand = await TakeAsync(6);
        var lost = hand.Claims[3];
        await world.ExecuteAsync(
            "update backfill.item set fence = nextval('backfill.fence') where run_id = $1 and session_id = $2", hand.Run.Id, lost.SessionId);
        foreach (var ask in new Func<ClaimedSession, Task>[] { c => hand.CheckpointAsync(c), c => hand.SettleAsync(c) })
        {
            var asked = await hand.GatheredAsync(ask);
            var error = await Assert.ThrowsAsync<LeaseLostException>(() => asked[3]);
            Assert.Equal(lost.SessionId, error.TargetObject);
            await Task.WhenAll(asked.Where((_, i) => i != 3));
        }

        Assert.Equal([1, 4], await hand.SharesAsync("item", "state = 'settled'"));
        // Whoever has the session now finds nothing of ours.
        Assert.Equal(0, await world.ScalarAsync<long>(
            "select count(*) from backfill.operation where session_id = $1 and (outcome is not null or sent_at is not null)", lost.SessionId));
    }

    [Fact]
    public async Task A_session_that_somebody_has_locked_keeps_only_itself_waiting()
    {
        var hand = await TakeAsync(6);
        await using var somebody = await world.Owner.OpenConnectionAsync();
        await using var theirs = await somebody.BeginTransactionAsync();
        await LockAsync(somebody, "select from backfill.item where session_id = $1 for update", hand.Claims[2].SessionId);
        var asked = hand.Claims.Select(hand.SettleAsync).ToList();
        await Task.WhenAll(asked.Where((_, i) => i != 2));
        Assert.False(asked[2].IsCompleted);
        await theirs.RollbackAsync();
        Assert.Equal(hand.Claims[2].SessionId, (await asked[2]).SessionId);
    }

    [Fact]
    public async Task What_cannot_be_recorded_of_one_session_fails_that_one_alone()
    {
        var hand = await TakeAsync(6);
        var asked = await hand.GatheredAsync(c => hand.CheckpointAsync(c, reduced: c == hand.Claims[4] ? "no json" : null));
        var error = await Assert.ThrowsAsync<BackfillException>(() => asked[4]);
        Assert.Contains("22P02", error.Message, StringComparison.Ordinal);
        await Task.WhenAll(asked.Where((_, i) => i != 4));
        Assert.Equal(5, (await hand.SharesAsync("operation", "outcome is not null")).Sum());
    }

    [Fact]
    public async Task A_judgement_that_fails_fails_its_session_alone()
    {
        var hand = await TakeAsync(6);
        var unknown = hand.Run.Ticket.Plan.Batches[0].Operations[0] with { Function = "not_in_the_plan" };
        var asked = await hand.GatheredAsync(c => c == hand.Claims[1]
            ? hand.SettleAsync(c, unknown, Disposition.Verify)
            : hand.SettleAsync(c));
        Assert.Equal("FunctionUnknown", (await Assert.ThrowsAsync<BackfillException>(() => asked[1])).Code);
        await Task.WhenAll(asked.Where((_, i) => i != 1));
        Assert.Equal(5, (await hand.SharesAsync("item", "state = 'settled'")).Sum());
    }

    [Fact]
    public async Task A_connection_that_breaks_under_several_settlements_settles_each_of_them_once()
    {
        var hand = await TakeAsync(6);
        var asked = await hand.GatheredAsync(c => hand.SettleAsync(c), breaks: 2);
        var settled = await Task.WhenAll(asked.Cast<Task<BackfillSessionResult>>());
        Assert.Equal(hand.Claims.Select(c => c.SessionId), settled.Select(s => s.SessionId));
        Assert.Equal(6, (await hand.SharesAsync("item", "state = 'settled'")).Sum());
        Assert.Equal(6, (await hand.Run.ReadAsync()).Succeeded);
    }

    private async Task<Hand> TakeAsync(int sessions)
    {
        await world.FreshAsync();
        var run = await world.FrozenAsync(sessions, Patient);
        var worker = new WorkerIdentity(Guid.NewGuid(), "tester@here", 1);
        var ledger = world.Connection.Target.Ledger;
        await ledger.StartAsync(run.Ticket, worker, CancellationToken.None);
        return new(world, run, await ledger.ClaimAsync(run.Ticket, worker, sessions, CancellationToken.None));
    }

    private static async Task LockAsync(NpgsqlConnection connection, string sql, params object[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Sessions in one worker's hand, called and answered for as far as the ledger knows.</summary>
    private sealed record Hand(RunWorld World, TestRun Run, IReadOnlyList<ClaimedSession> Claims)
    {
        private const string Waiting =
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'with mine%' and pid <> pg_backend_pid()";

        private IRunLedger Ledger => World.Connection.Target.Ledger;

        public Task<IReadOnlyList<RowFact>> CheckpointAsync(ClaimedSession claim, string? reduced = null) =>
            Ledger.CheckpointAsync(Run.Ticket, claim, Report(reduced), [], CancellationToken.None);

        /// <summary>As a success, without a look at rows that nobody wrote.</summary>
        public Task<BackfillSessionResult> SettleAsync(ClaimedSession claim) =>
            SettleAsync(claim, Run.Ticket.Plan.Batches[0].Operations[0], Disposition.Spare);

        public Task<BackfillSessionResult> SettleAsync(ClaimedSession claim, PlanOperation operation, Disposition disposition) =>
            Ledger.SettleAsync(Run.Ticket, claim, [new(operation, new(Report(null), disposition))], [], CancellationToken.None);

        /// <summary>Asks for all of them while the first one is held up, so that the others go together.</summary>
        /// <param name="ask">What is asked for each.</param>
        /// <param name="breaks">So often the connection breaks under what is on its way: first the one, then the others.</param>
        public async Task<IReadOnlyList<Task>> GatheredAsync(Func<ClaimedSession, Task> ask, int breaks = 0)
        {
            await using var somebody = await World.Owner.OpenConnectionAsync();
            await using var theirs = await somebody.BeginTransactionAsync();
            await LockAsync(somebody, "lock table backfill.image in access exclusive mode");
            var asked = Claims.Select(ask).ToList();
            for (var i = 0; i < breaks; i++)
            {
                await OneWaitsAsync();
                await World.ScalarAsync<long>(Waiting.Replace("count(*)", "count(pg_terminate_backend(pid, 5000))", StringComparison.Ordinal));
            }

            await OneWaitsAsync();
            await theirs.RollbackAsync();
            return asked;
        }

        /// <summary>How many of the run's rows each transaction wrote last, the fewest first.</summary>
        public async Task<IReadOnlyList<int>> SharesAsync(string table, string which) =>
            [.. (await World.LinesAsync(
                $"select count(*)::text from backfill.{table} t where t.run_id = $1 and {which} group by t.xmin order by count(*)", Run.Id))
                .Select(n => int.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];

        private async Task OneWaitsAsync() =>
            Assert.Equal(1, await Patiently.AskAsync(() => World.ScalarAsync<long>(Waiting), n => n > 0));

        private static OperationReport Report(string? reduced) => new()
        {
            Position = 1,
            Attempt = 1,
            SentAt = DateTimeOffset.UtcNow,
            Ending = OperationEnding.Succeeded,
            Reduced = reduced,
        };
    }
}
