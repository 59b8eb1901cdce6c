using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Health.Store;

/// <summary>What may go wrong with a measurement and is not told well enough by the database alone.</summary>
internal static class HealthErrors
{
    public static BackfillException? Of(Exception exception, PostgresUri where, TimeSpan timeout) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.QueryCanceled } e => new(
            "DatabaseTimeout",
            BackfillErrorKind.Busy,
            $"The database at {where}: {e.MessageText} (SQLSTATE {e.SqlState}). Give more than {(long)timeout.TotalSeconds} s with "
            + "-StatementTimeout, or a later -Since. The query needs an index on (status, completed_at).",
            where.ToString(),
            e),
        _ => DatabaseErrors.Of(exception, where),
    };
}
