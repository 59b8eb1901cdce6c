using System.Globalization;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Npgsql;

namespace Backfill.Engine.Rollback.Store;

/// <summary>What a rollback says: conflicts and errors.</summary>
internal static class RollbackText
{
    public static BackfillRollbackConflict Conflict(
        Guid runId, Guid sessionId, string table, string key, string kind, string? detail)
    {
        var known = Enum.Parse<BackfillConflictKind>(kind);
        return new()
        {
            RunId = runId,
            SessionId = sessionId,
            Table = table,
            Key = key,
            Kind = known,
            Reason = detail ?? known switch
            {
                BackfillConflictKind.Changed => "changed since the run",
                BackfillConflictKind.Deleted => "deleted since the run",
                BackfillConflictKind.Added =>
                    "not in any image: it came after its session had settled, or a call that failed wrote it, so whose row it is can't be told",
                BackfillConflictKind.Unsettled => "changed, but its session never settled: whose change it is can't be told",
                _ => known.ToString(),
            },
        };
    }

    public static string Of(RollbackBusy busy)
    {
        var until = busy.Until?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return until is null ? busy.Cause : $"{busy.Cause} (until {until})";
    }

    public static BackfillException SessionNotInRun(Guid runId, Guid session) => new(
        "SessionNotInRun",
        BackfillErrorKind.InvalidInput,
        $"Session {session} is not in run {runId}. Get-BackfillSessionResult -RunId {runId} lists its sessions. Nothing was changed.",
        session);

    /// <summary>The error to show for what the server refused; null where it is not about the rollback itself.</summary>
    public static BackfillException? Of(Guid runId, Exception exception, PostgresUri where) =>
        exception is not PostgresException e ? null : e.SqlState switch
        {
            "BF001" => new("TargetChanged", BackfillErrorKind.Refused, e.MessageText, runId, e),
            "BF003" => new("RollbackNotVerified", BackfillErrorKind.Refused, e.MessageText, runId, e),
            "55P03" => new(
                "RollbackBlocked",
                BackfillErrorKind.Busy,
                $"The database at {where}: another transaction holds rows or a table of run {runId}, and did not end in time. "
                + "Nothing was changed. Look at pg_stat_activity, then try again.",
                runId,
                e),
            _ when e.SqlState.StartsWith("23", StringComparison.Ordinal) => new(
                "RollbackRefused",
                BackfillErrorKind.Refused,
                $"The database refuses the old rows of run {runId}: {e.MessageText} "
                + $"(SQLSTATE {e.SqlState}, table {e.SchemaName}.{e.TableName}). Nothing was changed. "
                + "Leave the session out with -SessionId.",
                runId,
                e),
            _ => null,
        };
}
