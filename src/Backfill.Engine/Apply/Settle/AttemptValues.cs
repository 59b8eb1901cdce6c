using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Settle;

/// <summary>Attempts of one or several claims as the arrays that <c>checkpoint.sql</c> and <c>write_attempts.sql</c> take.</summary>
internal static class AttemptValues
{
    /// <summary>Session, fence, position, attempt, sent at, duration, status, outcome, category, message, response.</summary>
    public static object?[] Of(IReadOnlyList<(ClaimedSession Claim, OperationReport Report)> attempts)
    {
        var reports = attempts.Select(a => a.Report).ToList();
        return
        [
            SqlValue.Uuids(attempts.Select(a => a.Claim.SessionId)),
            SqlValue.BigInts(attempts.Select(a => (long?)a.Claim.Fence)),
            SqlValue.Integers(reports.Select(r => r.Position)),
            SqlValue.Integers(reports.Select(r => r.Attempt)),
            SqlValue.Times(reports.Select(r => r.SentAt)),
            SqlValue.BigInts(reports.Select(r => (long?)r.Duration?.TotalMilliseconds)),
            SqlValue.Integers(reports.Select(r => r.StatusCode)),
            SqlValue.Texts(reports.Select(r => r.Outcome.ToString())),
            SqlValue.Texts(reports.Select(r => r.Category?.ToString())),
            SqlValue.Texts(reports.Select(r => r.Message)),
            SqlValue.Texts(reports.Select(r => r.Reduced)),
        ];
    }
}
