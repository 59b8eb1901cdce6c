using System.Collections.Immutable;

namespace Backfill.Engine.Tests.Model;

/// <summary>One way in which a session may end.</summary>
/// <param name="Outcome">The session's.</param>
/// <param name="Operations">Those of its operations, in order, with a star for any; null where none of them matters.</param>
/// <param name="Calls">The calls that arrive, by the operation's place, from 1.</param>
internal sealed record Expected(BackfillOutcome Outcome, string? Operations, string Calls)
{
    public bool Allows(Expected seen) =>
        Outcome == seen.Outcome && Calls == seen.Calls
        && (Operations is null || Operations.Split(' ').Zip(seen.Operations!.Split(' ')).All(o => o.First == "*" || o.First == o.Second));

    public override string ToString() => $"{Outcome} ({Operations ?? "any"}), calls {(Calls.Length == 0 ? "none" : Calls)}";
}

/// <summary>
/// What must become of a session, by the rules that the product promises, written without a look at its code. Pure. It knows which
/// rows of a session have been written, and what its worker has heard; nothing else of a database or of HTTP.
/// </summary>
/// <remarks>
/// The rules. A call is clear or it is not. After an unclear one nothing happens before its quiet period is over; then an operation
/// whose row has been written is done, and any other is called again. An operation is called only once all before it are done. Rows
/// that come otherwise than our calls explain fail the session. What comes later than the quiet period may be met anywhere, so
/// then there are several ways to end.
/// </remarks>
/// <param name="history">What was done, with each commit in the place where it really came.</param>
/// <param name="isCurrent">For each operation whether its row was there before the run.</param>
/// <param name="seen">The calls that were seen, where only ends with these are wanted.</param>
/// <param name="canBeHeld">Whether the whole run may have waited, so that a session was given back between two calls.</param>
internal sealed class ReferenceModel(History history, IReadOnlyList<bool> isCurrent, string? seen, bool canBeHeld)
{
    /// <summary>So many calls without a clear answer, with no effect read back, are given up.</summary>
    private const int MostUnclear = 5;

    /// <summary>So often an answer that allows it is followed by another call at once.</summary>
    private const int MostAttempts = 4;

    private readonly int _operations = history.Operations.Count;

    /// <summary>Every way in which it may end, where no other session holds up the run.</summary>
    public static IReadOnlySet<Expected> Of(History history, IReadOnlyList<bool> isCurrent) =>
        new ReferenceModel(history, isCurrent, null, canBeHeld: false).Ends();

    /// <summary>Whether it may end so.</summary>
    public static bool Allows(Expected seen, History history, IReadOnlyList<bool> isCurrent, bool canBeHeld) =>
        new ReferenceModel(history, isCurrent, seen.Calls, canBeHeld).Ends().Any(e => e.Allows(seen));

    private HashSet<Expected> Ends()
    {
        var none = Enumerable.Repeat(0, _operations).ToImmutableArray();
        return [.. Claimed(new(none, none, [], [], [], [], [], IsDisturbed: false, IsGivenBack: false))];
    }

    /// <summary>Somebody takes the session up, from the beginning. What may have come by now may explain what is strange.</summary>
    private IEnumerable<Expected> Claimed(State s) => Landings(s).SelectMany(TakenUp);

    private IEnumerable<Expected> TakenUp(State s)
    {
        var strange = s.Strange.Where(q => !HasLeftItsRow(s, q)).ToList();
        if (strange.Exists(q => !MayBeExplained(s, q)))
            return [Foreign(s)];
        var ends = From(s with { Known = s.Rows }, 0);
        return s.IsDisturbed || strange.Count > 0 ? ends.Prepend(Foreign(s)) : ends;
    }

    private IEnumerable<Expected> From(State s, int q)
    {
        if (q == _operations)
            return [Settled(s)];
        var operation = history.Operations[q];
        if (s.Tried.Contains(q) && s.Known.Contains(operation.Row))
            return From(s.Ended(BackfillOutcome.Succeeded), q + 1);
        if (operation.IfMissing && isCurrent[q])
            return From(s.Ended(BackfillOutcome.Skipped), q + 1);
        if (s.Unclear[q] >= MostUnclear)
            return [Settled(s.Ended(BackfillOutcome.Unknown))];
        return Called(s, q, 1);
    }

    private IEnumerable<Expected> Called(State s, int q, int attempt)
    {
        if (s.IsDisturbed)
            yield return Foreign(s);
        // Once between two calls is as good as often.
        if (canBeHeld && !s.IsGivenBack)
        {
            foreach (var end in Claimed(s.Reclaimed() with { IsGivenBack = true }))
                yield return end;
        }

        foreach (var end in CalledNow(s, q, attempt))
            yield return end;
    }

    private IEnumerable<Expected> CalledNow(State before, int q, int attempt)
    {
        var step = history.StepOf(q, before.Next[q]);
        var s = before with { Next = before.Next.SetItem(q, before.Next[q] + 1) };
        if (step.Answer == Answer.NotSent)
            return Claimed(s.Reclaimed());
        s = s with { Tried = s.Tried.Add(q) };
        if (step.Death == Death.BeforeSend)
            return Claimed(s.LeftOpen(q).Reclaimed());
        s = Written(s with { Calls = s.Calls.Add(q + 1), IsGivenBack = false }, step, q);
        if (seen?.StartsWith(Text(s), StringComparison.Ordinal) == false)
            return [];
        var ends = Heard(s, step, q, attempt);
        return s.IsDisturbed ? ends.Append(Foreign(s)) : ends;
    }

    private IEnumerable<Expected> Heard(State s, Step step, int q, int attempt)
    {
        var wrote = step.Written > 0 && history.TablesOf(q) > 0;
        // Dead once it has written down what it heard, unless that was the last word.
        var diesThen = step.Death == Death.AfterRecord;
        switch (step.Heard)
        {
            case Answer.Ambiguous:
                // Rows that are not the expected effect are nobody's of whom we know.
                if (step.IsOld && wrote)
                    s = s with { Strange = s.Strange.Add(q) };
                return Claimed(s.LeftOpen(q).Reclaimed());
            case Answer.Refused:
                return [wrote ? Foreign(s) : Settled(s.Ended(BackfillOutcome.Failed))];
            case Answer.Paused:
                return Claimed((wrote ? s with { Strange = s.Strange.Add(q) } : s).Reclaimed());
            case Answer.TurnedAway when wrote && !diesThen:
                return [Foreign(s)];
            case Answer.TurnedAway or Answer.Broke:
                if (step.Answer == Answer.TurnedAway && wrote)
                    s = s with { Strange = s.Strange.Add(q) };
                return diesThen ? Claimed(s.Reclaimed())
                    : attempt == MostAttempts ? [Settled(s.Ended(BackfillOutcome.Failed))]
                    : Called(s, q, attempt + 1);
            default:
                return Landings(s).SelectMany(l => Answered(l, step, q, diesThen && q < _operations - 1));
        }
    }

    /// <summary>After a clean 200 the rows decide.</summary>
    private IEnumerable<Expected> Answered(State s, Step step, int q, bool diesThen)
    {
        // What was recorded is a good answer, so the operations after it may have been called, for all that anybody knows.
        if (diesThen)
            return Claimed(s.Reclaimed() with { Tried = s.Tried.Union(Enumerable.Range(q + 1, _operations - q - 1)) });
        if (s.Rows.Contains(Row(q)))
            return From(s.Ended(BackfillOutcome.Succeeded), q + 1);
        if (history.TablesOf(q) == 0)
            return From(s.Ended(BackfillOutcome.NoEffect), q + 1);
        var settled = Settled(s.Ended(step.IsOld ? BackfillOutcome.Failed : BackfillOutcome.NoEffect));
        // What comes between the look and the settlement proves the effect too late: the operations after it were not called.
        return q < _operations - 1 && s.Perhaps.Contains(Row(q))
            ? [settled, Settled(s.Ended(BackfillOutcome.Succeeded)) with { Outcome = BackfillOutcome.Unknown }]
            : [settled];
    }

    /// <summary>What a call leaves behind, at once or until its quiet period is over, and what may come any time after it.</summary>
    private State Written(State s, Step step, int q)
    {
        var all = history.TablesOf(q);
        var written = Math.Min(step.Written, all);
        if (step.IsOld)
            return all > 0 && !history.Operations[q].IsFc ? s with { Rows = s.Rows.Remove(Row(q)) } : s;
        if (written > 0 || (step.Rest == Rest.Within && all > 0))
            s = s with { Rows = s.Rows.Add(Row(q)) };
        if (step.Rest is not (Rest.After or Rest.LongAfter) || written >= all)
            return s;
        return s with { IsDisturbed = true, Perhaps = written == 0 ? s.Perhaps.Add(Row(q)) : s.Perhaps };
    }

    private bool HasLeftItsRow(State s, int q) => s.Unclear[q] > 0 && s.Rows.Contains(Row(q));

    /// <summary>Whether an unclear call of another operation makes the same table's rows ours; it depends on what was read back when.</summary>
    private bool MayBeExplained(State s, int q) => Enumerable.Range(0, _operations)
        .Any(other => history.Operations[other].Function == history.Operations[q].Function && HasLeftItsRow(s, other));

    /// <summary>Every choice of what has come by now, of that which may come any time.</summary>
    private static IEnumerable<State> Landings(State s) => s.Perhaps.Except(s.Rows).Aggregate(
        new[] { s }.AsEnumerable(), (states, row) => states.SelectMany(t => new[] { t, t with { Rows = t.Rows.Add(row) } }));

    private Expected Settled(State s)
    {
        // In a success each operation has done its work, or was spared. Nothing else is part of one.
        // What was called before, and is not reached now, is shown as it was then.
        var all = s.Ends.Select(e => $"{e}")
            .Concat(Enumerable.Range(s.Ends.Count, _operations - s.Ends.Count).Select(q => s.Tried.Contains(q) ? "*" : "Skipped"));
        var isReached = s.Ends.Count == _operations;
        var bad = s.Ends.Where(e => e is not (BackfillOutcome.Succeeded or BackfillOutcome.Skipped)).ToList();
        var outcome = bad.Count > 0 ? bad[^1]
            : isReached && s.Ends.Contains(BackfillOutcome.Succeeded) ? BackfillOutcome.Succeeded
            : BackfillOutcome.Skipped;
        return new(outcome, string.Join(' ', all), Text(s));
    }

    private static Expected Foreign(State s) => new(BackfillOutcome.Failed, null, Text(s));

    private static string Text(State s) => string.Join(' ', s.Calls);

    private string Row(int q) => history.Operations[q].Row;

    /// <summary>Where a session is.</summary>
    /// <param name="Next">For each operation, which of its steps comes next.</param>
    /// <param name="Unclear">For each operation, how many of its calls had no clear answer.</param>
    /// <param name="Tried">The operations that were called, or may have been.</param>
    /// <param name="Rows">The rows that have been written since the run began.</param>
    /// <param name="Known">Those of them that were there when it was taken up.</param>
    /// <param name="Perhaps">The rows that may come any time.</param>
    /// <param name="Strange">The operations whose calls have left what they say they have not.</param>
    /// <param name="IsDisturbed">Whether anything comes after its quiet period.</param>
    /// <param name="IsGivenBack">Whether it was given back since its last call, though nothing was wrong with it.</param>
    private sealed record State(
        ImmutableArray<int> Next,
        ImmutableArray<int> Unclear,
        ImmutableHashSet<int> Tried,
        ImmutableHashSet<string> Rows,
        ImmutableHashSet<string> Known,
        ImmutableHashSet<string> Perhaps,
        ImmutableHashSet<int> Strange,
        bool IsDisturbed,
        bool IsGivenBack)
    {
        public ImmutableList<int> Calls { get; init; } = [];

        /// <summary>How the operations ended, as far as this worker has come.</summary>
        public ImmutableList<BackfillOutcome> Ends { get; init; } = [];

        public State Ended(BackfillOutcome end) => this with { Ends = Ends.Add(end) };

        public State LeftOpen(int q) => this with { Unclear = Unclear.SetItem(q, Unclear[q] + 1) };

        public State Reclaimed() => this with { Ends = [] };
    }
}
