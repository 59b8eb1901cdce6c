using Backfill.Engine.Ledger;
using Backfill.Engine.Plans.Json;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Rollback;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Model;

/// <summary>A world in which one run lives through many histories, a session each, in the hands of two workers.</summary>
public sealed class ModelWorld : RollbackWorld, IAsyncLifetime
{
    /// <summary>How long after it was sent a call may be committed.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>A worker that lives loses no lease on a busy machine, and failures halt nothing.</summary>
    private static readonly RunSettings Patient = new(
        QuickPace, 100, TimeSpan.FromMinutes(2), Quiet, TimeSpan.FromSeconds(60), new(1_000_000, 1, 1_000_000));

    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);

    private Dictionary<Kind, IReadOnlyList<Guid>> _sessions = [];

    protected override string[] SandboxArguments => ["--candidates", "90", "--sessions", "350"];

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var without = await LinesAsync("""
            select s.id::text from public.assessment_sessions s
            where s.status = 'completed'
              and exists (select from public.assessment_responses r where r.session_id = s.id)
              and not exists (select from public.fc_responses r where r.session_id = s.id)
            order by s.id
            """);
        _sessions = new()
        {
            [Kind.New] = New,
            [Kind.WithProfile] = WithProfile,
            [Kind.WithBoth] = WithBoth,
            [Kind.WithoutFc] = [.. without.Select(Guid.Parse)],
        };
    }

    /// <summary>As many of the histories, from the first one, as one run can carry.</summary>
    internal int Capacity(IEnumerable<History> histories)
    {
        var left = _sessions.ToDictionary(s => s.Key, s => s.Value.Count);
        return histories.TakeWhile(h => left[h.Kind]-- > 0).Count();
    }

    /// <summary>Lives through the histories in one run, then rolls it back.</summary>
    internal async Task<IReadOnlyList<Trial>> TryAsync(IReadOnlyList<History> histories)
    {
        await FreshAsync();
        var free = _sessions.ToDictionary(s => s.Key, s => new Queue<Guid>(s.Value));
        var bySession = histories.ToDictionary(h => free[h.Kind].Dequeue());
        var run = await FrozenAsync(PlanOf(bySession), Patient);
        var before = await ModelRow.ReadAsync(this, bySession.Keys);

        var workers = new MortalWorker(this, bySession, Quiet);
        await WorkAsync(run, workers);
        await Patiently.AskAsync(run.CallsAsync, calls => calls.All(c => c.Logged.Outcome is not (null or "pending")));
        var trials = new TrialBook(this, run, workers, bySession, Quiet);
        await trials.ReadAsync();
        var after = await ModelRow.ReadAsync(this, bySession.Keys);
        // The last calls may still be committed for a moment.
        await Patiently.AskAsync(() => LookAsync(run.Id), look => look.Busy is null);
        var done = await UndoAsync(run.Id, BackfillConflictRule.Skip);
        Assert.All(done.Results, r => Assert.True(r.Verified, $"{r}"));
        return trials.Write(before, after, await ModelRow.ReadAsync(this, bySession.Keys), done.Conflicts);
    }

    private static async Task WorkAsync(TestRun run, MortalWorker workers)
    {
        using var patience = new CancellationTokenSource(LongestRun);
        await using var givingUp = patience.Token.Register(workers.GiveUp);
        var ends = await Task.WhenAll(
            run.ApplyAsync(workers.Connection, stop: patience.Token), run.ApplyAsync(workers.Connection, stop: patience.Token));
        Assert.All(ends, e => Assert.True(
            e.Run is { State: BackfillRunState.Completed, Remaining: 0 }, $"The run is {e.Run.State} ({e.Run.Reason}), {e.Run.Remaining} sessions are left."));
    }

    private static BackfillPlan PlanOf(IReadOnlyDictionary<Guid, History> histories) => ReadPlan(
        $$"""
        {
          "backfill_plan": {
            "version": "{{Guid.NewGuid()}}", "timestamp": "2025-09-17T08:00:00Z", "environment": "staging",
            "engine_version": "v1.2.1", "fc_version": "v1.2",
            "throttle_per_minute": 20, "batch_size": 5, "total_candidates": 1, "expected_runtime_minutes": 1
          },
          "batches": [{{string.Join(",\n", histories.Select((h, i) => Batch($"history{i}", h.Key, h.Value)))}}]
        }
        """);

    private static string Batch(string id, Guid session, History history) =>
        $$"""
        {"batch_id": "{{id}}", "description": "", "sessions": ["{{session}}"], "operations": [{{string.Join(", ", history.Operations.Select(o => o.Json))}}]}
        """;
}
