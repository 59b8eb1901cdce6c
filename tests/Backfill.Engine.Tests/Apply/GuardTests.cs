using Backfill.Engine.Apply;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.TestWorker;

namespace Backfill.Engine.Tests.Apply;

/// <summary>What lies between a slot, a claim and a call: others who write, run or wait meanwhile.</summary>
[Collection(ApplyCollection.Name)]
public sealed class GuardTests(RunWorld world)
{
    private const string InsertScores =
        "insert into public.fc_scores (session_id, version, fc_kind, scores_json, blocks_answered) values ($1, 'v1.2', 'functions', '{}', 1)";

    [Fact]
    public async Task A_slower_run_keeps_its_share_beside_a_faster_one_and_neither_is_faster_than_its_own_pace()
    {
        await world.FreshAsync();
        var ledger = world.Connection.Target.Ledger;
        var fast = await world.FrozenAsync(
            ApplyWorld.PlanOf([.. world.WithBoth.Take(1)]), RunWorld.Quick with { ThrottlePerMinute = 1200 });
        var slow = await world.FrozenAsync(
            ApplyWorld.PlanOf([.. world.WithBoth.Skip(1).Take(1)]), RunWorld.Quick with { ThrottlePerMinute = 600 });
        var slots = new List<(TestRun Run, DateTimeOffset At)>();
        while (slots.Count < 60)
        {
            foreach (var run in new[] { fast, slow })
            {
                var grant = await ledger.ReserveSlotsAsync(run.Ticket, 1, TimeSpan.Zero, CancellationToken.None);
                if (grant.Count > 0)
                    slots.Add((run, grant.DatabaseNow + grant.Delay));
            }
        }

        var (ofFast, ofSlow) = (Of(fast), Of(slow));
        Assert.True(ofSlow.Count >= 15, $"The slower run got {ofSlow.Count} of {slots.Count} slots.");
        MustBeApart(slots.Select(s => s.At).Order(), 60.0 / 1200);
        MustBeApart(ofFast, 60.0 / 1200);
        MustBeApart(ofSlow, 60.0 / 600);

        List<DateTimeOffset> Of(TestRun run) => [.. slots.Where(s => s.Run == run).Select(s => s.At).Order()];
    }

    [Fact]
    public async Task A_row_written_by_others_during_a_refused_call_is_not_taken_for_ours()
    {
        await world.FreshAsync();
        var session = world.New[0];
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick);
        await world.SetAsync(new Sandbox.SandboxFault(Sandbox.SandboxFaultKind.Status) { StatusCode = 400 });
        var writes = new Around
        {
            Before = (name, _) => name == nameof(IFunctionCaller.CallAsync) ? world.ExecuteAsync(InsertScores, session) : Task.CompletedTask,
        };
        await run.ApplyAsync(world.Around(functions: writes));

        var result = Assert.Single(await run.ResultsAsync());
        Assert.Equal((BackfillOutcome.Failed, BackfillCategory.ForeignChange, 0), (result.Outcome, result.Category, result.RowsInserted));
        Assert.Empty(await world.LinesAsync(
            "select key from backfill.image where run_id = $1 and table_name = 'public.fc_scores' and after_version is not null", run.Ticket.RunId));
    }

    [Fact]
    public async Task A_claim_that_comes_too_late_for_its_slot_is_looked_at_again_before_it_is_called()
    {
        await world.FreshAsync();
        var session = world.New[1];
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick);
        var first = true;
        var late = new Around
        {
            After = async (name, _, _) =>
            {
                if (name != nameof(IRunLedger.ClaimAsync) || !first)
                    return;
                first = false;
                await world.ExecuteAsync(InsertScores, session);
                // The slot is long over when the claim is known: no clock can be turned here, for the pace is the database's.
                await Task.Delay(300);
            },
        };
        await run.ApplyAsync(world.Around(ledger: late));

        var result = Assert.Single(await run.ResultsAsync());
        Assert.Equal(BackfillOutcome.Succeeded, result.Outcome);
        // The row that came in between is the state before our first call: it is in the images, and was written over.
        Assert.Single(await world.LinesAsync(
            "select before_record from backfill.image where run_id = $1 and table_name = 'public.fc_scores' and before_record is not null and after_version <> before_version",
            run.Ticket.RunId));
    }

    [Fact]
    public async Task What_an_aborted_run_may_still_commit_is_waited_out_by_the_next()
    {
        await world.FreshAsync();
        var session = world.New[2];
        var ledger = world.Connection.Target.Ledger;
        var run = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick with { QuietPeriod = TimeSpan.FromMinutes(5) });
        var worker = new WorkerIdentity(Guid.NewGuid(), "tester@here", 1);
        await ledger.StartAsync(run.Ticket, worker, CancellationToken.None);
        Assert.Single(await ledger.ClaimAsync(run.Ticket, worker, 1, CancellationToken.None));
        // The worker is gone for good, its call perhaps not.
        await world.ExecuteAsync("update backfill.worker set ended_at = clock_timestamp()");
        await ledger.ControlAsync(new(run.Ticket.RunId, RunAction.Stop, "gone", "tester@here"), CancellationToken.None);
        Assert.Equal(BackfillOutcome.Unknown, Assert.Single(await run.ResultsAsync()).Outcome);

        var next = await world.FrozenAsync(ApplyWorld.PlanOf(session), RunWorld.Quick);
        await ledger.StartAsync(next.Ticket, worker with { WorkerId = Guid.NewGuid() }, CancellationToken.None);
        Assert.Empty(await ledger.ClaimAsync(next.Ticket, worker, 1, CancellationToken.None));
        var grant = await ledger.ReserveSlotsAsync(next.Ticket, 0, TimeSpan.Zero, CancellationToken.None);
        Assert.True(grant.NextIn > TimeSpan.FromMinutes(4), $"It may be claimed in {grant.NextIn}.");
    }

    [Fact]
    public async Task A_preview_of_a_run_lists_what_is_left_of_it()
    {
        await world.FreshAsync();
        var plan = ApplyWorld.PlanOf(world.New[3], world.New[4]);
        var request = new ApplyRequest { Plan = plan, OutputPath = ApplyWorld.NewFolder(), Selected = new HashSet<Guid> { world.New[3] } };
        await world.ApplyAsync(request with { ThrottlePerMinute = 60_000 });
        var phase = new ApplyPhase(world.Connection, TimeProvider.System);
        var left = await phase.PreviewAsync(request with { Selected = null }, CancellationToken.None);
        Assert.Equal([world.New[4]], left.Calls.Select(c => c.SessionId).Distinct());
        Assert.Contains("1 more session settled already", Assert.Single(left.Batches), StringComparison.Ordinal);
        var all = await phase.PreviewAsync(
            request with { Selected = null, Reprocess = BackfillReprocess.All }, CancellationToken.None);
        Assert.Equal(4, all.Calls.Count);
    }

    private static void MustBeApart(IEnumerable<DateTimeOffset> slots, double seconds)
    {
        var ordered = slots.ToList();
        Assert.All(ordered.Zip(ordered.Skip(1)), s => Assert.True(
            (s.Second - s.First).TotalSeconds >= seconds, $"{s.First:O} and {s.Second:O} are too near."));
    }
}
