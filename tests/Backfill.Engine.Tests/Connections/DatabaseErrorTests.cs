using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Tests.Connections;

/// <summary>What an operator is told when the server refuses: by its SQLSTATE, never by its words.</summary>
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
    [InlineData("57014", "DatabaseTimeout", BackfillErrorKind.Busy)]
    [InlineData("XX000", "DatabaseFailed", BackfillErrorKind.InvalidState)]
    public void A_refusal_has_the_code_and_kind_of_its_SQLSTATE(string state, string code, BackfillErrorKind kind)
    {
        var error = DatabaseErrors.Of(new PostgresException("words of the server", "ERROR", "ERROR", state), Where);
        Assert.Equal((code, kind), (error?.Code, error?.Kind));
        Assert.Contains($"words of the server (SQLSTATE {state})", error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }
}
