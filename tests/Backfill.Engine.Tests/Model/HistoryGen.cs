using FsCheck;
using FsCheck.Fluent;
using static Backfill.Engine.Tests.Model.HistoryBook;

namespace Backfill.Engine.Tests.Model;

/// <summary>Histories at random.</summary>
internal static class HistoryGen
{
    /// <summary>So many from one seed.</summary>
    public static IReadOnlyList<History> Some(ulong seed, int count) => [.. One.Sample(count, new Rnd(seed), 10)];

    private static Gen<History> One =>
        from kind in Gen.Frequency((4, Gen.Constant(Kind.New)), (4, Gen.Constant(Kind.WithProfile)), (6, Gen.Constant(Kind.WithBoth)), (2, Gen.Constant(Kind.WithoutFc)))
        from operations in Operations
        from steps in Gen.CollectToList(operations, StepsOf)
        select new History(kind, operations, [.. steps]);

    /// <summary>The plan's own two, most of the time.</summary>
    private static Gen<IReadOnlyList<Op>> Operations =>
        from shape in Gen.Frequency<Op[]>(
            (6, Gen.Constant<Op[]>([Fc, Prism])),
            (2, Gen.Elements<Op[]>([Fc], [Prism])),
            (4, Gen.Elements<Op[]>([Fc, Prism, NextFc], [NextFc, Fc, Prism], [Fc, NextFc, Prism], [Prism, Fc, NextFc])),
            (1, Gen.Elements<Op[]>([Prism, Fc], [Fc, NextFc])))
        from spared in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true))).ListOf(shape.Length)
        select (IReadOnlyList<Op>)[.. shape.Zip(spared, (o, s) => o with { IfMissing = s })];

    /// <summary>Most operations need one call or two; few meet the end of all patience.</summary>
    private static Gen<IReadOnlyList<Step>> StepsOf(Op operation) => Gen.Frequency(
        (60, StepOf(operation).ListOf(0, 2)),
        (4, StepOf(operation).ListOf(3, 3)),
        (2, With(Answer.Broke, operation).ListOf(4, 5)),
        (1, Nothing.ListOf(5, 6))).Select(l => (IReadOnlyList<Step>)[.. l]);

    private static Gen<IList<T>> ListOf<T>(this Gen<T> one, int least, int most) =>
        Gen.Choose(least, most).SelectMany(n => one.ListOf(n).Select(l => (IList<T>)[.. l]));

    private static Gen<Step> StepOf(Op operation) =>
        from step in Gen.Frequency(
            (10, Ambiguous(operation)),
            (2, Gen.Constant(Step.Well)),
            (1, Gen.Elements(Step.Well with { Written = 0 }, Step.Well with { IsOld = true })),
            (1, With(Answer.Refused, operation)),
            (2, With(Answer.Broke, operation)),
            (2, With(Answer.TurnedAway, operation)),
            // Each of these holds up the whole run.
            (1, Gen.Frequency((7, Gen.Constant(Step.Well)), (2, With(Answer.Paused, operation)), (1, With(Answer.NotSent, operation)))))
        from death in Gen.Frequency((3, Gen.Constant(Death.None)), (1, Gen.Elements(Enum.GetValues<Death>())))
        select step.Answer == Answer.NotSent ? step : step with { Death = death };

    /// <summary>Everything an unclear end can hide.</summary>
    private static Gen<Step> Ambiguous(Op operation) =>
        from reply in Gen.Elements<string>(Replies.With(Answer.Ambiguous))
        from written in Gen.Frequency((2, Gen.Constant(Step.All)), (2, Gen.Constant(0)), (3, Gen.Choose(0, operation.Tables.Count - 1)))
        from rest in Gen.Frequency((4, Gen.Constant(Rest.Never)), (5, Gen.Constant(Rest.Within)), (1, Gen.Elements(Rest.After, Rest.LongAfter)))
        // A cut body comes from a function that has come to its end.
        select reply == Replies.Cut ? new Step(reply, written == 0 ? 0 : Step.All)
            : written == Step.All ? new Step(reply)
            : new Step(reply, written, rest);

    private static Gen<Step> Nothing => Gen.Elements<string>(Replies.With(Answer.Ambiguous)).Select(r => new Step(r, 0));

    /// <summary>Answers that say what was done; a few of them lie.</summary>
    private static Gen<Step> With(Answer answer, Op operation) =>
        from reply in Gen.Elements<string>(Replies.With(answer))
        from written in answer switch
        {
            Answer.NotSent => Gen.Constant(0),
            Answer.Broke => Gen.Frequency((2, Gen.Constant(0)), (1, Gen.Choose(0, operation.Tables.Count - 1)), (1, Gen.Constant(Step.All))),
            _ => Gen.Frequency((7, Gen.Constant(0)), (1, Gen.Constant(Step.All))),
        }
        select new Step(reply, written);
}
