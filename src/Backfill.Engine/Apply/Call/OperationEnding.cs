namespace Backfill.Engine.Apply.Call;

/// <summary>How one operation of a session ended. Only the first two can be part of a success.</summary>
public enum OperationEnding
{
    /// <summary>Its effect is there, and was written since the claim.</summary>
    Succeeded,

    /// <summary>Not called: <c>if_missing</c>, and its effect was there before.</summary>
    Spared,

    /// <summary>The function said that it had nothing to do, and wrote nothing.</summary>
    NothingToDo,

    /// <summary>The function answered well and wrote nothing, without a reason.</summary>
    NoEffect,

    /// <summary>It did not work.</summary>
    Failed,

    /// <summary>It may have been committed, or may be committed later.</summary>
    Unknown,

    /// <summary>Not called, because an operation before it did not end well, or somebody else changed a row.</summary>
    NotReached,
}

/// <summary>From the endings of operations to outcomes. Pure.</summary>
public static class OperationEndings
{
    /// <summary>The worst first: the session is what its worst operation is.</summary>
    private static readonly OperationEnding[] Worst =
    [
        OperationEnding.Failed, OperationEnding.Unknown, OperationEnding.NoEffect, OperationEnding.NothingToDo, OperationEnding.NotReached,
    ];

    /// <summary>The outcome of one operation.</summary>
    /// <param name="ending">How it ended.</param>
    /// <returns>As results and the ledger show it.</returns>
    public static BackfillOutcome ToOutcome(this OperationEnding ending) => ending switch
    {
        OperationEnding.Succeeded => BackfillOutcome.Succeeded,
        OperationEnding.Spared or OperationEnding.NotReached => BackfillOutcome.Skipped,
        OperationEnding.NothingToDo or OperationEnding.NoEffect => BackfillOutcome.NoEffect,
        OperationEnding.Failed => BackfillOutcome.Failed,
        _ => BackfillOutcome.Unknown,
    };

    /// <summary>Whether the operations after it are not called.</summary>
    /// <remarks>
    /// A session without FC responses has no FC scores, and is scored without them. An answer that claims an effect
    /// which is not there is another matter: what follows would build on it.
    /// </remarks>
    /// <param name="ending">How it ended.</param>
    /// <returns>True if nothing after it may be called.</returns>
    public static bool Stops(this OperationEnding ending) =>
        ending is not (OperationEnding.Succeeded or OperationEnding.Spared or OperationEnding.NothingToDo);

    /// <summary>The outcome of a session, from the endings of all operations of its batch.</summary>
    /// <param name="endings">One for each operation, in order.</param>
    /// <returns>
    /// <c>Succeeded</c> only where each operation succeeded or was spared, and at least one was called; and the place of the
    /// operation that decided it, from 0, or null where all ended well.
    /// </returns>
    public static (BackfillOutcome Outcome, int? Decisive) OfSession(IReadOnlyList<OperationEnding> endings)
    {
        foreach (var bad in Worst)
        {
            for (var i = 0; i < endings.Count; i++)
            {
                if (endings[i] == bad)
                    return (bad == OperationEnding.NotReached ? BackfillOutcome.Unknown : bad.ToOutcome(), i);
            }
        }

        return (endings.Contains(OperationEnding.Succeeded) ? BackfillOutcome.Succeeded : BackfillOutcome.Skipped, null);
    }
}
