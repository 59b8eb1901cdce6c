namespace Backfill.Engine.Tests.Model;

/// <summary>Histories that are gone through every day: each unclear end at each position, and those that once went wrong.</summary>
internal static class HistoryBook
{
    public static readonly Op Fc = new(Op.ScoreFc, "v1.2");
    public static readonly Op NextFc = new(Op.ScoreFc, "v1.3");
    public static readonly Op Prism = new(Op.ScorePrism, "v1.2.1");

    private static readonly IReadOnlyList<Op> Three = [Fc, Prism, NextFc];

    private static readonly Kind[] Kinds = [Kind.New, Kind.WithProfile, Kind.WithBoth];

    private static readonly Death[] Deaths = Enum.GetValues<Death>();

    /// <summary>Every reply that is unclear, with all that it may hide, at every position; with every death or with one of them in turn.</summary>
    public static IEnumerable<History> EveryUnclearEnd(bool withEveryDeath)
    {
        var count = 0;
        for (var position = 0; position < Three.Count; position++)
        {
            foreach (var reply in Replies.With(Answer.Ambiguous))
            {
                foreach (var step in Hidden(reply, Three[position], withEveryDeath))
                {
                    foreach (var death in withEveryDeath ? Deaths : [Deaths[count % Deaths.Length]])
                        yield return Of(Kinds[count++ % Kinds.Length], Three, position, step with { Death = death });
                }
            }
        }
    }

    /// <summary>Those that the model has found.</summary>
    public static IEnumerable<History> OnceWrong =>
    [
        // Taken for somebody else's rows: the operation before it had nothing to do, and was called again first.
        Of(Kind.WithoutFc, [Fc, Prism], 1, new Step("504", 1, Rest.Within)),
        // Given up one call too early: an announcement that was never sent counted as a call.
        new(Kind.New, [Fc, Prism], [[new("504", Death: Death.BeforeSend)], [.. Enumerable.Repeat(new Step("504", 0), 5)]]),
        // The same announcement explained rows that a refused call had left.
        new(Kind.New, [Fc, Prism], [[new("200", Death: Death.BeforeRecord)], [new("429 with Retry-After")]]),
        // A success, of which the result said that an operation was skipped: a further attempt of it had been announced.
        Of(Kind.WithBoth, [Fc, Prism], 1, new("500"), new(Replies.NotSent, 0)),
        // Failed for a row of another version, which was that of the operation before it.
        Of(Kind.New, [Fc, NextFc], 1, new Step("200", 0)),
    ];

    private static IEnumerable<Step> Hidden(string reply, Op operation, bool withLate)
    {
        yield return new(reply);
        yield return new(reply, 0);
        if (reply == Replies.Cut)
            yield break;
        yield return new(reply, 0, Rest.Within);
        if (withLate)
            yield return new(reply, 0, Rest.After);
        if (operation.IsFc)
            yield break;
        yield return new(reply, 2);
        yield return new(reply, 1, Rest.Within);
        if (withLate)
            yield return new(reply, 1, Rest.LongAfter);
    }

    private static History Of(Kind kind, IReadOnlyList<Op> operations, int position, params Step[] steps) =>
        new(kind, operations, [.. operations.Select((_, i) => i == position ? steps : [])]);
}
