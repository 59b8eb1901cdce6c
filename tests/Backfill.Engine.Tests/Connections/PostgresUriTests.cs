using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using FsCheck.Xunit;
using Npgsql;

namespace Backfill.Engine.Tests.Connections;

public class PostgresUriTests
{
    [Property(MaxTest = 500)]
    public void Any_user_password_and_database_come_through_percent_encoding(string user, string password, string database)
    {
        (user, password, database) = (TextSamples.Name(user), TextSamples.Sendable(password), TextSamples.Name(database));

        foreach (var encode in new Func<string, string>[] { Uri.EscapeDataString, TextSamples.EncodeAll })
        {
            var uri = PostgresUri.Parse($"postgresql://{encode(user)}:{encode(password)}@db.example.com/{encode(database)}");

            Assert.Equal((user, password, database), (uri.User, uri.Password, uri.Database));
            var read = new NpgsqlConnectionStringBuilder(DatabaseSettings.From(uri).ConnectionString);
            Assert.Equal((user, null, database), (read.Username, read.Password, read.Database));
        }
    }

    [Property(MaxTest = 500)]
    public void Whatever_stands_there_is_read_or_refused_in_our_own_words(string text)
    {
        foreach (var uri in new[] { text, $"postgresql://{text}", $"postgresql://u:p@h/d?{text}" })
        {
            try
            {
                PostgresUri.Parse(uri ?? "");
            }
            catch (BackfillException e)
            {
                Assert.Equal("DatabaseUrlInvalid", e.Code);
            }
        }
    }

    [Theory]
    [InlineData("postgres://u:p@h/d", "h", 5432)]
    [InlineData("POSTGRESQL://u:p@h:/d", "h", 5432)]
    [InlineData("  postgresql://u:p@db.abc.supabase.co:6543/d\n", "db.abc.supabase.co", 6543)]
    [InlineData("postgresql://u:p@[2001:db8::1]:6543/d", "2001:db8::1", 6543)]
    [InlineData("postgresql://u:p@[::1]/d", "::1", 5432)]
    public void Hosts_and_ports(string text, string host, int port)
    {
        var uri = PostgresUri.Parse(text);

        Assert.Equal((host, port, "d"), (uri.Host, uri.Port, uri.Database));
    }

    [Fact]
    public void What_a_password_may_hold_without_encoding_is_taken_as_it_is()
    {
        var uri = PostgresUri.Parse("postgresql://u:a:b@c+d&e=f@h/d");

        Assert.Equal(("u", "a:b@c+d&e=f", "h"), (uri.User, uri.Password, uri.Host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Host=h;Username=u;Password=hunter2")]
    [InlineData("https://u:hunter2@h/d")]
    [InlineData("postgresql://h/hunter2")]
    [InlineData("postgresql://:hunter2@h/d")]
    [InlineData("postgresql://u:hunter2@h")]
    [InlineData("postgresql://u:hunter2@h/")]
    [InlineData("postgresql://u:hunter2@/d")]
    [InlineData("postgresql://u:hunter2@h:0/d")]
    [InlineData("postgresql://u:hunter2@h:65536/d")]
    [InlineData("postgresql://u:hunter2@h:hunter2/d")]
    [InlineData("postgresql://u:hunter2@h1,h2/d")]
    [InlineData("postgresql://u:hunter2@%2Ftmp%2Fhunter2/d")]
    [InlineData("postgresql://u:hunter2@::1/d")]
    [InlineData("postgresql://u:hunter2@[::1/d")]
    [InlineData("postgresql://u:hunter2@[hunter2]/d")]
    [InlineData("postgresql://u:hunter2%@h/d")]
    [InlineData("postgresql://u:hunter2%zz@h/d")]
    [InlineData("postgresql://u:hunter2%ff@h/d")]
    [InlineData("postgresql://u:hunter2%00@h/d")]
    [InlineData("postgresql://u%0A:hunter2@h/d")]
    [InlineData("postgresql://u:hunter2@h/d%0A")]
    [InlineData("postgresql://u:hun/ter2@h/d")]
    [InlineData("postgresql://u:hun?ter2@h/d")]
    [InlineData("postgresql://u:hun#ter2@h/d")]
    [InlineData("postgresql://u:p@hun?ter2=x@h/d")]
    [InlineData("postgresql://u:hunter2@h/d?sslmode=hunter2")]
    [InlineData("postgresql://u:hunter2@h/d?connect_timeout=0")]
    [InlineData("postgresql://u:hunter2@h/d?sslmode=require&sslmode=require")]
    [InlineData("postgresql://u:hunter2@h/d?application_name=")]
    public void A_uri_that_can_not_be_used_is_refused_without_repeating_it(string text)
    {
        var error = Assert.Throws<BackfillException>(() => PostgresUri.Parse(text));

        Assert.Equal(("DatabaseUrlInvalid", BackfillErrorKind.InvalidInput), (error.Code, error.Kind));
        Assert.DoesNotContain("hun", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("ter2", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("SUPABASE_DB_URL", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("options=-c%20search_path%3Dx", "'options'")]
    [InlineData("target_session_attrs=any", "'target_session_attrs'")]
    [InlineData("password=hunter2", "'password'")]
    [InlineData("Xy9%21hunter2=1", "(no plain name)")]
    public void An_unknown_parameter_is_refused_by_name(string query, string named)
    {
        var error = Assert.Throws<BackfillException>(() => PostgresUri.Parse($"postgresql://u:p@h/d?{query}"));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_supported_parameters_are_heeded()
    {
        var settings = DatabaseSettings.From(PostgresUri.Parse(
            "postgresql://u:p@db.example.com/d?sslmode=verify-full&connect_timeout=7&application_name=my%20tool&pgbouncer=true"));

        Assert.Equal((SslMode.VerifyFull, 7, "my tool"), (settings.SslMode, settings.Timeout, settings.ApplicationName));
    }

    [Fact]
    public void Its_text_is_host_and_port() =>
        Assert.Equal("[::1]:5432", PostgresUri.Parse("postgresql://u:hunter2@[::1]/d").ToString());
}
