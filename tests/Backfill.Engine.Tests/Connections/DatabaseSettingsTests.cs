using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Npgsql;

namespace Backfill.Engine.Tests.Connections;

public class DatabaseSettingsTests
{
    [Fact]
    public void Nothing_is_kept_that_a_transaction_pooler_would_lose()
    {
        var settings = From("db.example.com", "");

        Assert.Equal(0, settings.MaxAutoPrepare);
        Assert.True(settings.NoResetOnClose);
        Assert.False(settings.Multiplexing);
        Assert.False(settings.Enlist);
        Assert.Null(settings.Options);
        Assert.Null(settings.SearchPath);
        Assert.Equal("Backfill.PowerShell", settings.ApplicationName);
        Assert.InRange(settings.MaxPoolSize, 1, 64);
    }

    [Fact]
    public void Nothing_is_told_that_is_secret_or_personal()
    {
        var settings = From("db.example.com", "");

        Assert.False(settings.IncludeErrorDetail);
        Assert.False(settings.PersistSecurityInfo);
        Assert.False(settings.LogParameters);
    }

    [Fact]
    public void Nothing_that_changes_meaning_comes_from_the_environment()
    {
        var settings = From("db.example.com", "");

        Assert.Equal(("UTF8", "UTC"), (settings.ClientEncoding, settings.Timezone));
        Assert.Equal((GssEncryptionMode.Disable, SslNegotiation.Postgres), (settings.GssEncryptionMode, settings.SslNegotiation));
    }

    // A new version of the driver may read more: each of these is set by us, or told in the help of Connect-Backfill.
    [Fact]
    public void No_variable_is_read_by_the_driver_that_nobody_has_thought_of()
    {
        var read = typeof(NpgsqlConnection).Assembly.GetType("Npgsql.PostgresEnvironment", throwOnError: true)!
            .GetProperties(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic)
            .Select(p => p.Name).Order(StringComparer.Ordinal);

        Assert.Equal(
            [
                "AppName", "ClientEncoding", "GssEncryptionMode", "Options", "PassFile", "PassFileDefault", "Password", "RequireAuth",
                "SslCert", "SslCertDefault", "SslCertRoot", "SslCertRootDefault", "SslKey", "SslKeyDefault", "SslNegotiation",
                "TargetSessionAttributes", "TimeZone", "User",
            ],
            read);
        var help = File.ReadAllText(Path.Combine(TestRepository.Root, "docs", "cmdlets", "Connect-Backfill.md"));
        Assert.All(
            new[] { "PGPASSWORD", "PGPASSFILE", "PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGREQUIREAUTH" },
            name => Assert.Contains($"`{name}`", help, StringComparison.Ordinal));
        Assert.Equal("u", From("db.example.com", "").Username);
    }

    [Theory]
    [InlineData("", SslMode.Require)]
    [InlineData("?sslmode=allow", SslMode.Require)]
    [InlineData("?sslmode=prefer", SslMode.Require)]
    [InlineData("?sslmode=require", SslMode.Require)]
    [InlineData("?sslmode=verify-ca", SslMode.VerifyCA)]
    [InlineData("?sslmode=verify-full", SslMode.VerifyFull)]
    [InlineData("?sslmode=verify-full&sslrootcert=system", SslMode.VerifyFull)]
    public void Off_this_machine_tls_is_required(string query, SslMode mode) =>
        Assert.Equal(mode, From("db.example.com", query).SslMode);

    [Theory]
    [InlineData("", SslMode.Prefer)]
    [InlineData("?sslmode=disable", SslMode.Disable)]
    [InlineData("?sslmode=require", SslMode.Require)]
    [InlineData("?sslmode=verify-full", SslMode.VerifyFull)]
    public void On_this_machine_tls_is_as_asked(string query, SslMode mode)
    {
        foreach (var host in new[] { "127.0.0.1", "127.8.8.8", "localhost", "[::1]", "[::ffff:127.0.0.1]" })
            Assert.Equal(mode, From(host, query).SslMode);
    }

    [Fact]
    public void Off_this_machine_tls_can_not_be_switched_off()
    {
        var error = Assert.Throws<BackfillException>(() => From("127.0.0.1.example.com", "?sslmode=disable"));

        Assert.Equal("DatabaseTlsRequired", error.Code);
    }

    [Fact]
    public void Certificates_to_trust_are_used_even_with_require()
    {
        var path = Path.GetTempFileName();
        try
        {
            var settings = From("db.example.com", $"?sslmode=require&sslrootcert={Uri.EscapeDataString(path)}");

            Assert.Equal((SslMode.VerifyCA, path), (settings.SslMode, settings.RootCertificate));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("?sslrootcert=/nowhere/ca.crt")]
    [InlineData("?sslrootcert=system")]
    public void Certificates_that_can_not_be_used_are_refused(string query) =>
        Assert.Equal("DatabaseUrlInvalid", Assert.Throws<BackfillException>(() => From("db.example.com", query)).Code);

    private static NpgsqlConnectionStringBuilder From(string host, string query) =>
        DatabaseSettings.From(PostgresUri.Parse($"postgresql://u:p@{host}/d{query}"));
}
