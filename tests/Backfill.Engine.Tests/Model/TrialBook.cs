using System.Globalization;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Model;

/// <summary>Gathers what became of the histories of one run, from the ledger, the server's log and the rows.</summary>
internal sealed class TrialBook(
    ModelWorld world, TestRun run, MortalWorker workers, IReadOnlyDictionary<Guid, History> histories, TimeSpan quiet)
{
    private const string Sent = """
        select concat_ws('|', o.session_id, o.position, o.attempt, to_char(o.sent_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        from backfill.operation o where o.run_id = $1 and o.sent_at is not null
        """;

    private const string Claimed = """
        select concat_ws('|', o.session_id, o.position, o.attempt, to_char(o.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        from backfill.operation o where o.run_id = $1
        """;

    private const string Settled = """
        select concat_ws('|', i.session_id, to_char(i.settled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
        from backfill.item i where i.run_id = $1 and i.settled_at is not null
        """;

    private ILookup<Guid, TracedCall> _calls = null!;
    private Dictionary<Guid, BackfillSessionResult> _results = [];
    private Dictionary<string, DateTimeOffset> _sentAt = [];
    private Dictionary<string, DateTimeOffset> _claimedAt = [];
    private Dictionary<string, DateTimeOffset> _settledAt = [];

    /// <summary>What the ledger and the server know now.</summary>
    public async Task ReadAsync()
    {
        _calls = (await run.CallsAsync()).ToLookup(c => c.SessionId);
        _results = (await run.ResultsAsync()).ToDictionary(r => r.SessionId);
        _sentAt = Times(await world.LinesAsync(Sent, run.Id));
        _claimedAt = Times(await world.LinesAsync(Claimed, run.Id));
        _settledAt = Times(await world.LinesAsync(Settled, run.Id));
    }

    public IReadOnlyList<Trial> Write(
        ILookup<Guid, ModelRow> before,
        ILookup<Guid, ModelRow> after,
        ILookup<Guid, ModelRow> undone,
        IReadOnlyList<BackfillRollbackConflict> conflicts) =>
        [.. histories.Select(h => Write(h.Key, h.Value) with
        {
            Before = before[h.Key].ToDictionary(r => r.Name),
            After = after[h.Key].ToDictionary(r => r.Name),
            Undone = undone[h.Key].ToDictionary(r => r.Name),
            Conflicts = [.. conflicts.Where(c => c.SessionId == h.Key)],
        })];

    private Trial Write(Guid session, History history)
    {
        var steps = history.Steps.Select(s => s.ToList()).ToList();
        var calls = new List<TrialCall>();
        foreach (var operation in _calls[session].GroupBy(c => c.Position))
        {
            var numbers = workers.SentOf(session, operation.Key);
            foreach (var (call, number) in operation.OrderBy(c => c.Logged.Sequence).Zip(numbers))
            {
                var sentAt = SentAt(call);
                var step = Measured(history.StepOf(operation.Key - 1, number), call, sentAt);
                if (number < steps[operation.Key - 1].Count)
                    steps[operation.Key - 1][number] = step;
                calls.Add(new(operation.Key, step, sentAt, call));
            }
        }

        return new()
        {
            Session = session,
            History = history,
            Measured = history with { Steps = [.. steps] },
            Quiet = quiet,
            CanBeHeld = workers.WasHeld,
            Calls = [.. calls.OrderBy(c => c.Logged.Logged.Sequence)],
            Result = _results.GetValueOrDefault(session),
            SettledAt = _settledAt.TryGetValue($"{session}", out var at) ? at : null,
            Before = null!,
            After = null!,
            Undone = null!,
            Conflicts = [],
        };
    }

    /// <summary>By the ledger, from which the quiet period counts: on a busy machine a call arrives much later.</summary>
    private DateTimeOffset SentAt(TracedCall call)
    {
        var arrived = call.Logged.ArrivedAt;
        var name = FormattableString.Invariant($"{call.SessionId}|{call.Position}|{call.Attempt}");
        // Of a call whose worker was lost, the ledger has only the time of its claim.
        var claimedAt = _claimedAt.TryGetValue(name, out var claim) && claim > arrived - quiet / 2 ? claim : arrived - quiet / 2;
        return !_sentAt.TryGetValue(name, out var sentAt) || sentAt > arrived ? arrived
            : sentAt == claim ? claimedAt
            : sentAt;
    }

    /// <summary>What comes at the very end of the quiet period may be too late: the look at the rows then may have begun already.</summary>
    private Step Measured(Step step, TracedCall call, DateTimeOffset sentAt) =>
        step.Rest == Rest.Never ? step
        : call.Logged.CommittedAt < sentAt + quiet * 0.8 ? step with { Rest = Rest.Within }
        : step.Rest == Rest.Within ? step with { Rest = Rest.After }
        : step;

    private static Dictionary<string, DateTimeOffset> Times(IEnumerable<string> lines) => lines.ToDictionary(
        l => l[..l.LastIndexOf('|')],
        l => DateTimeOffset.Parse(l[(l.LastIndexOf('|') + 1)..], CultureInfo.InvariantCulture));
}
