namespace Backfill.Engine.Tests.Model;

/// <summary>Whether what became of a session is what the model says, and what is promised of every session. Pure.</summary>
internal static class Agreement
{
    /// <summary>A worker knows the database's clock as well as an answer is quick: on a busy machine, so well.</summary>
    private static readonly TimeSpan ClockError = TimeSpan.FromMilliseconds(200);

    /// <returns>What disagrees.</returns>
    public static IEnumerable<string> Check(Trial trial)
    {
        if (trial.Result is not { } result)
            return ["it was not settled"];
        return Outcome(trial, result).Concat(Success(trial, result)).Concat(Quiet(trial)).Concat(Undone(trial));
    }

    private static IEnumerable<string> Outcome(Trial trial, BackfillSessionResult result)
    {
        var seen = new Expected(
            result.Outcome, string.Join(' ', result.Operations.Select(o => o.Outcome)), string.Join(' ', trial.Calls.Select(c => c.Position)));
        var isCurrent = trial.History.Operations.Select(o => trial.Before.Values.Any(r => r.IsOf(o))).ToList();
        if (!ReferenceModel.Allows(seen, trial.Measured, isCurrent, trial.CanBeHeld))
            yield return $"it ended as {seen}; the model says {Words(ReferenceModel.Of(trial.Measured, isCurrent))}";
    }

    /// <summary>No success that is not in the database, and no operation of it that was not called.</summary>
    private static IEnumerable<string> Success(Trial trial, BackfillSessionResult result)
    {
        if (result.Outcome != BackfillOutcome.Succeeded)
            yield break;
        foreach (var (operation, position) in trial.History.Operations.Select((o, i) => (o, i + 1)))
        {
            var wasThere = trial.Before.Values.FirstOrDefault(r => r.IsOf(operation));
            if (operation.IfMissing && wasThere is not null)
                continue;
            var row = trial.After.Values.FirstOrDefault(r => r.IsOf(operation));
            if (row is null)
                yield return $"a success, and the row of {operation} is not there";
            else if (row.Transaction == wasThere?.Transaction)
                yield return $"a success, and the row of {operation} has not been written";
            if (!trial.Calls.Any(c => c.Position == position))
                yield return $"a success, and {operation} was neither called nor spared";
        }
    }

    /// <summary>While a call may still be committed nothing else is called, and nothing is settled.</summary>
    private static IEnumerable<string> Quiet(Trial trial)
    {
        foreach (var (call, next) in trial.Calls.Zip(trial.Calls.Skip(1).Append(null)))
        {
            if (call.Step.Heard != Answer.Ambiguous)
                continue;
            var end = call.SentAt + trial.Quiet - ClockError;
            if (trial.SettledAt < end)
                yield return FormattableString.Invariant($"settled {(end - trial.SettledAt)?.TotalMilliseconds:0} ms before the quiet period of a call was over");
            if (next?.Logged.Logged.ArrivedAt < end)
                yield return FormattableString.Invariant($"operation {next.Position} called {(end - next.Logged.Logged.ArrivedAt).TotalMilliseconds:0} ms before the quiet period of another call was over");
        }
    }

    /// <summary>Every row is as it was, or a named conflict; and conflicts are only where something came too late, or unsaid.</summary>
    private static IEnumerable<string> Undone(Trial trial)
    {
        var named = trial.Conflicts.Select(c => $"{c.Table} {c.Key}").ToHashSet();
        foreach (var row in trial.Before.Keys.Union(trial.After.Keys).Union(trial.Undone.Keys).Where(r => !named.Contains(r)))
        {
            if (trial.Before.GetValueOrDefault(row)?.Content != trial.Undone.GetValueOrDefault(row)?.Content)
                yield return $"after the rollback {row} is {Word(trial.Before, trial.Undone, row)}, and no conflict names it";
        }

        var excused = trial.Calls.Where(IsExcused).SelectMany(c => trial.History.Operations[c.Position - 1].Tables).ToHashSet();
        foreach (var conflict in trial.Conflicts.Where(c => !excused.Contains(c.Table)))
            yield return $"a conflict without a cause: {conflict}";
    }

    /// <summary>What comes after the quiet period, or from a call that said it had done nothing, is nobody's of whom the ledger knows.</summary>
    private static bool IsExcused(TrialCall call) =>
        call.Step.Rest is Rest.After or Rest.LongAfter
        || (call.Step.Written > 0 && call.Step.Heard is Answer.Refused or Answer.TurnedAway or Answer.Paused)
        || (call.Step.IsOld && call.Step.Heard == Answer.Ambiguous);

    private static string Words(IReadOnlyCollection<Expected> expected) =>
        string.Join(", or ", expected.Take(4)) + (expected.Count > 4 ? $", or {expected.Count - 4} others" : "");

    private static string Word(IReadOnlyDictionary<string, ModelRow> before, IReadOnlyDictionary<string, ModelRow> now, string row) =>
        !before.ContainsKey(row) ? "still there" : now.ContainsKey(row) ? "not as it was" : "gone";
}
