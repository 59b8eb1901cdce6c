using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Connections;

public class ProjectIdentityTests
{
    [Theory]
    [InlineData("https://abc.supabase.co", null, "db.example.com", "postgres", null)]
    [InlineData("https://ABC.supabase.co", "abc", "db.abc.supabase.co", "postgres", "abc")]
    [InlineData("https://api.example.com", "abc", "db.example.com", "postgres", null)]
    [InlineData("http://127.0.0.1:54321", null, "127.0.0.1", "postgres", "abc")]
    [InlineData("http://127.0.0.1:54321", null, "db.abc.supabase.co", "postgres", null)]
    [InlineData("https://api.example.com", null, "aws-0-eu-west-1.pooler.supabase.com", "postgres.abc", null)]
    public void One_source_that_names_the_project_is_enough(string api, string? key, string host, string user, string? parameter) =>
        Assert.Equal("abc", Of(api, key, host, user, parameter).Require());

    [Theory]
    [InlineData("https://xyz.supabase.co", "abc", "db.abc.supabase.co", "postgres", null, "the API address says xyz")]
    [InlineData("https://abc.supabase.co", "xyz", "db.abc.supabase.co", "postgres", null, "the service key says xyz")]
    [InlineData("https://abc.supabase.co", "abc", "db.xyz.supabase.co", "postgres", null, "the database host says xyz")]
    [InlineData("https://abc.supabase.co", "abc", "aws-0-eu.pooler.supabase.com", "postgres.xyz", null, "the database user says xyz")]
    [InlineData("https://abc.supabase.co", "abc", "db.abc.supabase.co", "postgres", "xyz", "-ProjectRef says xyz")]
    public void Sources_that_differ_are_named(string api, string? key, string host, string user, string? parameter, string says)
    {
        var error = Assert.Throws<BackfillException>(() => Of(api, key, host, user, parameter).Require());

        Assert.Equal(("ProjectMismatch", BackfillErrorKind.Refused), (error.Code, error.Kind));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Contains("says abc", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    // A vanity subdomain, with -ProjectRef; a load balancer's host, with and without.
    [InlineData("https://acme.supabase.co", null, "aws-0-eu.pooler.supabase.com", "postgres.abcdefghijklmnopqrst", "abcdefghijklmnopqrst", "acme.supabase.co")]
    [InlineData("https://acme-shop.supabase.co", "abcdefghijklmnopqrst", "127.0.0.1", "postgres", "abcdefghijklmnopqrst", "acme-shop.supabase.co")]
    [InlineData("https://abcdefghijklmnopqrst-all.supabase.co", "abcdefghijklmnopqrst", "127.0.0.1", "postgres", null, null)]
    [InlineData("https://abcdefghijklmnopqrst-all.supabase.co", null, "127.0.0.1", "postgres", "abcdefghijklmnopqrst", null)]
    public void Behind_a_vanity_or_load_balancer_s_host_the_named_project_decides(
        string api, string? key, string host, string user, string? parameter, string? vanity)
    {
        var identity = Of(api, key, host, user, parameter);

        Assert.Equal(("abcdefghijklmnopqrst", vanity), (identity.Require(), identity.VanityHost));
    }

    [Fact]
    public void Without_the_parameter_a_vanity_host_is_told_what_decides()
    {
        var error = Assert.Throws<BackfillException>(() => Of("https://acme.supabase.co", "abcdefghijklmnopqrst", "127.0.0.1", "postgres", null).Require());

        Assert.Contains("vanity subdomain of project abcdefghijklmnopqrst, give -ProjectRef abcdefghijklmnopqrst", error.Message, StringComparison.Ordinal);
    }

    // The name of another project is no vanity subdomain, whatever -ProjectRef says: calls would go there.
    [Theory]
    [InlineData("https://zzzzzzzzzzzzzzzzzzzz.supabase.co")]
    [InlineData("https://zzzzzzzzzzzzzzzzzzzz-all.supabase.co")]
    public void Another_project_s_address_is_refused_also_with_the_parameter(string api)
    {
        var error = Assert.Throws<BackfillException>(() => Of(api, null, "127.0.0.1", "postgres", "abcdefghijklmnopqrst").Require());

        Assert.Equal("ProjectMismatch", error.Code);
        Assert.Contains("the API address says zzzzzzzzzzzzzzzzzzzz", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    // A dot in a user's name means a project behind Supabase's pooler only; a subdomain is no project.
    [InlineData("https://api.example.com", "db.example.com", "first.last")]
    [InlineData("https://a.b.supabase.co", "127.0.0.1", "postgres.abc")]
    public void Where_nobody_names_a_project_it_has_to_be_named(string api, string host, string user)
    {
        var error = Assert.Throws<BackfillException>(() => Of(api, null, host, user, null).Require());

        Assert.Equal("ProjectRefMissing", error.Code);
        Assert.Contains("-ProjectRef", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_given_as_the_project_is_refused_and_not_repeated()
    {
        var error = Assert.Throws<BackfillException>(() => Of("https://abc.supabase.co", null, "h", "u", "eyJhbGci.eyJy.c2ln"));

        Assert.Equal("ProjectRefInvalid", error.Code);
        Assert.DoesNotContain("eyJ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("db.abc.supabase.co", "postgres", "abc")]
    [InlineData("aws-0-eu.pooler.supabase.com", "postgres.abc", "abc")]
    [InlineData("127.0.0.1", "postgres", null)]
    public void The_database_s_own_word_is_kept_apart(string host, string user, string? project) =>
        Assert.Equal(project, Of("https://abc.supabase.co", null, host, user, null).OfDatabase);

    private static ProjectIdentity Of(string api, string? keyRef, string host, string user, string? parameter) => ProjectIdentity.Of(
        new Uri(api),
        keyRef is null ? ProjectKey.RequireService(TestKeys.Secret) : ProjectKey.RequireService(TestKeys.Jwt("service_role", keyRef)),
        null,
        PostgresUri.Parse($"postgresql://{user}:p@{host}/postgres"),
        parameter);
}
