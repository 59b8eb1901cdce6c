using Backfill.Engine.Connections;

namespace Backfill.Engine.Gates;

/// <summary>What stands between the sessions of a run: after a review nothing is called without an approval.</summary>
internal static class BatchReviewGate
{
    /// <summary>Demands that a review which is due is approved, without using the approval.</summary>
    /// <exception cref="BackfillException">The gate is closed.</exception>
    public static async Task RequireAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        if (await DueAsync(connection, runId, cancellationToken).ConfigureAwait(false) is not null)
            await new GateService(connection).RequireAsync(runId, BackfillGateName.BatchReview, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the review that is due, by its approval.</summary>
    /// <returns>The gate; null where no review is due.</returns>
    /// <exception cref="BackfillException">The gate is closed.</exception>
    public static async Task<BackfillGate?> PassAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken)
    {
        if (await DueAsync(connection, runId, cancellationToken).ConfigureAwait(false) is not { } due)
            return null;
        var use = ApprovalUse.SessionsAfter(due.AfterOrdinal);
        return await new GateService(connection)
            .UseAsync(runId, BackfillGateName.BatchReview, use, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ReviewFigures?> DueAsync(BackfillConnection connection, Guid runId, CancellationToken cancellationToken) =>
        BatchReviews.Due(await connection.Target.Gates.ReadAsync(runId, cancellationToken).ConfigureAwait(false));
}
