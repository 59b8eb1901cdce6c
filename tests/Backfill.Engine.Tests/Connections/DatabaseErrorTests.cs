using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Tests.Connections;

/// <summary>What an operator is told when the server refuses: by its SQLSTATE; by its words only where poolers have no SQLSTATE of their own.</summary>
public sealed class DatabaseErrorTests
{
    private static readonly PostgresUri Where = PostgresUri.Parse("postgresql://user:secret@db.example.com/postgres");

    [Theory]
    [InlineData("28P01", "DatabaseAuthenticationFailed", BackfillErrorKind.Authentication)]
    [InlineData("3D000", "DatabaseNotFound", BackfillErrorKind.NotFound)]
    [InlineData("42P01", "TablesMissing", BackfillErrorKind.NotFound)]
    [InlineData("42501", "PermissionDenied", BackfillErrorKind.Permission)]
    [InlineData("25006", "DatabaseReadOnly", BackfillErrorKind.Refused)]
    [InlineData("53100", "DatabaseDiskFull", BackfillErrorKind.Storage)]
    [InlineData("53300", "DatabaseBusy", BackfillErrorKind.Unreachable)]
    [InlineData("57P01", "DatabaseRestarting", BackfillErrorKind.Unreachable)]
    [InlineData("57P03", "DatabaseRestarting", BackfillErrorKind.Unreachable)]
    [InlineData("57014", "DatabaseTimeout", BackfillErrorKind.Busy)]
    [InlineData("XX000", "DatabaseFailed", BackfillErrorKind.InvalidState)]
    public void A_refusal_has_the_code_and_kind_of_its_SQLSTATE(string state, string code, BackfillErrorKind kind)
    {
        var error = DatabaseErrors.Of(new PostgresException("words of the server", "ERROR", "ERROR", state), Where);
        Assert.Equal((code, kind), (error?.Code, error?.Kind));
        Assert.Contains($"words of the server (SQLSTATE {state})", error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("XX000", "(EMAXCONNSESSION) max clients reached in session mode - max clients are limited to pool_size: 15")]
    [InlineData("XX000", "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited to pool_size")]
    [InlineData("XX000", "Max client connections reached")]
    [InlineData("XX000", "(ECHECKOUTTIMEOUT) unable to check out connection from the pool after 60000ms")]
    [InlineData("08P01", "no more connections allowed (max_client_conn)")]
    [InlineData("08P01", "query_wait_timeout")]
    [InlineData("53300", "sorry, too many clients already")]
    public void A_full_pool_is_waited_for_and_told_with_every_remedy(string state, string words)
    {
        var said = new PostgresException(words, "FATAL", "FATAL", state);
        Assert.True(PassingFailures.IsOutage(said));
        var error = DatabaseErrors.Of(said, Where)!;
        Assert.Equal("DatabaseBusy", error.Code);
        Assert.All(["pool size", "6543", "-ConcurrencyLimit"], remedy => Assert.Contains(remedy, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("57P01", true)]
    [InlineData("57P03", true)]
    [InlineData("08006", true)]
    [InlineData("25006", true)]
    [InlineData("53100", false)]
    [InlineData("57014", false)]
    [InlineData("42501", false)]
    [InlineData("XX000", false)]
    public void What_passes_by_itself_is_waited_for(string state, bool passes) =>
        Assert.Equal(passes, PassingFailures.IsOutage(new PostgresException("words of the server", "ERROR", "ERROR", state)));
}
