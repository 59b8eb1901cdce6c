using System.Net.Sockets;
using System.Security.Authentication;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>From what Npgsql throws to what an operator can act on. The server's words are kept: they hold no secret.</summary>
internal static class DatabaseErrors
{
    private const string Unreachable = "DatabaseUnreachable";

    private const string Silent = "Check host and port, that the project is not paused, and the firewalls between.";

    private const string Broken = "Try again; if it stays so, check that a PostgreSQL server or pooler answers there.";

    /// <summary>Where PostgreSQL refuses to leave rows out silently. Its message is translated, this name is not.</summary>
    private const string RefusesToHide = "check_enable_rls";

    private static readonly Finding Otherwise = new(
        "DatabaseFailed", BackfillErrorKind.InvalidState,
        "Look its SQLSTATE up in PostgreSQL's documentation, and look at the server's log.");

    private static readonly Finding TlsFailed = new(
        "DatabaseTlsFailed", BackfillErrorKind.Unreachable,
        "TLS could not be set up, and a remote database requires it. With sslmode=verify-ca or verify-full, name the project's "
        + "certificate as sslrootcert; verify-full also checks the host's name.");

    private static readonly Finding UnknownTenant = new(
        "DatabaseAuthenticationFailed", BackfillErrorKind.Authentication,
        "The pooler does not know the project. Take the URI from the project's Connect page: its user is, for example, postgres.abcdefghijklmnopqrst.");

    private static readonly Finding FullPool = new(
        "DatabaseBusy", BackfillErrorKind.Unreachable,
        "No connection is free. Lower -ConcurrencyLimit, end other clients, or raise the pool size in the database settings. "
        + "The transaction pooler (port 6543) admits more.");

    private static readonly Finding RowsHidden = new(
        "RowsHidden", BackfillErrorKind.Permission,
        "Row-level security would hide rows from this role, and figures would be too good. Connect as the owner of the tables. "
        + "To measure only, a role with BYPASSRLS and SELECT is enough.");

    private static readonly IReadOnlyList<(string[] States, Finding Finding)> ByState =
    [
        (["28P01", "28000"], new(
            "DatabaseAuthenticationFailed", BackfillErrorKind.Authentication,
            "Check user and password in -DatabaseUrl (SUPABASE_DB_URL). Percent-encode all but letters and digits, for example @ as %40.")),
        (["3D000"], new(
            "DatabaseNotFound", BackfillErrorKind.NotFound,
            "Name the right database at the end of -DatabaseUrl (SUPABASE_DB_URL); on Supabase it is 'postgres'.")),
        (["42P01", "42703", "3F000", "42883"], new(
            "TablesMissing", BackfillErrorKind.NotFound,
            "Check that -DatabaseUrl (SUPABASE_DB_URL) is the project's; Test-BackfillConnection names everything that is missing.")),
        (["42501"], new(
            "PermissionDenied", BackfillErrorKind.Permission,
            "Connect as the owner of the tables (on Supabase 'postgres'), or have the right granted.")),
        (["25006"], new(
            "DatabaseReadOnly", BackfillErrorKind.Refused,
            "Its disk may be full: a hosted database turns read-only at 95 %. Free space or enlarge the disk. "
            + "Otherwise connect to the primary, and check default_transaction_read_only.")),
        (["53100"], new(
            "DatabaseDiskFull", BackfillErrorKind.Storage,
            "The database's own disk is full: free space there or have it enlarged, then try again.")),
        (["57P01", "57P02", "57P03"], new(
            "DatabaseRestarting", BackfillErrorKind.Unreachable,
            "The server stops or starts. Try again in a moment; if it stays so, look at the project's status and the server's log.")),
        (["57014", "55P03"], new(
            "DatabaseTimeout", BackfillErrorKind.Busy,
            "Something holds it up: look at pg_stat_activity, then try again.")),
    ];

    /// <summary>Runs <paramref name="work"/>; what the database throws comes out as a <see cref="BackfillException"/>.</summary>
    public static async Task<T> GuardAsync<T>(PostgresUri where, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (Of(e, where) is { } error)
        {
            throw error;
        }
    }

    /// <summary>
    /// The error to show; null where it is not the database's. A file's errors never come here as they are: see <c>FileErrors</c>.
    /// </summary>
    public static BackfillException? Of(Exception exception, PostgresUri where)
    {
        if (exception is not (NpgsqlException or SocketException or TimeoutException or IOException or AuthenticationException))
            return null;
        var chain = Chain(exception).ToList();
        var (finding, words) = chain.OfType<PostgresException>().FirstOrDefault() is { } server
            ? (OfServer(server), $"{server.MessageText} (SQLSTATE {server.SqlState})")
            : OfLine(chain);
        return new(
            finding.Code, finding.Kind, $"The database at {where}: {words.TrimEnd('.')}. {finding.Remedy}", where.ToString(), exception);
    }

    private static Finding OfServer(PostgresException e)
    {
        if (e.MessageText.Contains("tenant", StringComparison.OrdinalIgnoreCase)
            && e.MessageText.Contains("not found", StringComparison.OrdinalIgnoreCase))
            return UnknownTenant;
        if (PassingFailures.IsFullPool(e))
            return FullPool;
        if (e.SqlState == "28000" && IsAboutTls(e.MessageText))
            return TlsFailed;
        if (e is { SqlState: PostgresErrorCodes.InsufficientPrivilege, Routine: RefusesToHide })
            return RowsHidden;
        return ByState.FirstOrDefault(r => r.States.Contains(e.SqlState)).Finding ?? Otherwise;
    }

    private static (Finding Finding, string Words) OfLine(List<Exception> chain)
    {
        // The innermost says most: whether it is the name, the issuer or the protocol.
        if (chain.FindLast(x => x is AuthenticationException || IsAboutTls(x.Message)) is { } tls)
            return (TlsFailed, tls.Message);
        if (chain.OfType<SocketException>().FirstOrDefault() is { } socket)
        {
            var remedy = socket.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain
                ? "Check the host's name. A direct host, such as db.abcdefghijklmnopqrst.supabase.co, has IPv6 only; the pooler has IPv4."
                : "Check host and port, that the project is not paused, and that its network restrictions admit this machine.";
            return (new(Unreachable, BackfillErrorKind.Unreachable, remedy), socket.Message);
        }

        return chain.Exists(x => x is TimeoutException)
            ? (new(Unreachable, BackfillErrorKind.Unreachable, Silent), "no answer in time")
            : (new(Unreachable, BackfillErrorKind.Unreachable, Broken), "the connection broke");
    }

    private static bool IsAboutTls(string message) =>
        message.Contains("SSL", StringComparison.Ordinal) || message.Contains("no encryption", StringComparison.Ordinal);

    private static IEnumerable<Exception> Chain(Exception e)
    {
        for (var x = e; x is not null; x = x.InnerException)
            yield return x;
    }

    private sealed record Finding(string Code, BackfillErrorKind Kind, string Remedy);
}
