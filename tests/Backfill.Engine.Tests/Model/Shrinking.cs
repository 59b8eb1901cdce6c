namespace Backfill.Engine.Tests.Model;

/// <summary>Smaller histories, so that one that disagrees can be told in fewer words.</summary>
internal static class Shrinking
{
    private const int MostRounds = 12;

    /// <summary>The smallest history found that still disagrees; all that may be smaller live through one run together.</summary>
    public static async Task<Trial> ShrinkAsync(ModelWorld world, Trial wrong)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var smaller = Smaller(wrong.History).Distinct().ToList();
            if (smaller.Count == 0)
                return wrong;
            var trials = await world.TryAsync([.. smaller.Take(world.Capacity(smaller))]);
            if (trials.FirstOrDefault(t => Agreement.Check(t).Any()) is not { } still)
                return wrong;
            wrong = still;
        }

        return wrong;
    }

    /// <summary>The smallest first.</summary>
    private static IEnumerable<History> Smaller(History history)
    {
        for (var q = 0; q < history.Operations.Count && history.Operations.Count > 1; q++)
            yield return history with { Operations = Without(history.Operations, q), Steps = Without(history.Steps, q) };
        if (history.Kind is not (Kind.New or Kind.WithoutFc))
            yield return history with { Kind = Kind.New };
        for (var q = 0; q < history.Operations.Count; q++)
        {
            if (history.Operations[q].IfMissing)
                yield return history with { Operations = With(history.Operations, q, history.Operations[q] with { IfMissing = false }) };
            for (var i = 0; i < history.Steps[q].Count; i++)
            {
                yield return history with { Steps = With(history.Steps, q, Without(history.Steps[q], i)) };
                foreach (var step in Smaller(history.Steps[q][i]))
                    yield return history with { Steps = With(history.Steps, q, With(history.Steps[q], i, step)) };
            }
        }
    }

    private static IEnumerable<Step> Smaller(Step step)
    {
        if (step.Death != Death.None)
            yield return step with { Death = Death.None };
        if (step.Rest != Rest.Never)
            yield return step with { Rest = Rest.Never };
        if (step.Rest is Rest.After or Rest.LongAfter)
            yield return step with { Rest = Rest.Within };
        if (step is { Answer: Answer.Ambiguous, Reply: not "504" })
            yield return step with { Reply = "504" };
    }

    private static IReadOnlyList<T> Without<T>(IReadOnlyList<T> list, int place) => [.. list.Where((_, i) => i != place)];

    private static IReadOnlyList<T> With<T>(IReadOnlyList<T> list, int place, T item) => [.. list.Select((old, i) => i == place ? item : old)];
}
