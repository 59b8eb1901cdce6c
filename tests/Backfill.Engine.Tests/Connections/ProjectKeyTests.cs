using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Connections;

public class ProjectKeyTests
{
    [Fact]
    public void A_legacy_key_names_role_and_project()
    {
        var key = ProjectKey.RequireService(TestKeys.Jwt("service_role", "abc") + "\n");

        Assert.Equal((ProjectKeyRole.Service, "abc", true), (key.Role, key.ProjectRef, key.IsLegacy));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(2000000000), key.ExpiresAt);
    }

    [Fact]
    public void An_opaque_key_names_its_role_only()
    {
        Assert.Equal((ProjectKeyRole.Service, null), (ProjectKey.RequireService(TestKeys.Secret).Role, ProjectKey.RequireService(TestKeys.Secret).ProjectRef));
        Assert.Equal(ProjectKeyRole.Anonymous, ProjectKey.ReadAnonymous(TestKeys.Publishable)!.Role);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void A_missing_service_key_names_its_parameter_and_variable(string? text)
    {
        var error = Assert.Throws<BackfillException>(() => ProjectKey.RequireService(text));

        Assert.Equal("ServiceRoleKeyMissing", error.Code);
        Assert.Contains("-ServiceRoleKey", error.Message, StringComparison.Ordinal);
        Assert.Contains("SUPABASE_SERVICE_ROLE_KEY", error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongRoles => new()
    {
        { TestKeys.Jwt("anon", "abc"), "anonymous" },
        { TestKeys.Publishable, "anonymous" },
        { TestKeys.Jwt("authenticated", "abc"), "another role" },
    };

    [Theory]
    [MemberData(nameof(WrongRoles))]
    public void A_key_of_another_role_is_refused_and_not_repeated(string text, string kind)
    {
        var error = Assert.Throws<BackfillException>(() => ProjectKey.RequireService(text));

        Assert.Equal("ServiceRoleKeyWrongRole", error.Code);
        Assert.Contains(kind, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(text, error.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string> Malformed =>
    [
        "hunter2hunter2", "hunter2.hunter2.hunter2", "sb_secret_12", "a b", "eyJ.eyJ.x\r\nx-evil: 1",
        TestKeys.Jwt("[1]"), TestKeys.Jwt("{}"), TestKeys.Jwt("""{"role":1}"""), TestKeys.Jwt("{"), TestKeys.Secret + "é",
    ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public void What_is_no_key_is_refused_and_not_repeated(string text)
    {
        var error = Assert.Throws<BackfillException>(() => ProjectKey.RequireService(text));

        Assert.Equal("ServiceRoleKeyInvalid", error.Code);
        Assert.DoesNotContain(text, error.ToString(), StringComparison.Ordinal);
        Assert.Equal("AnonKeyInvalid", Assert.Throws<BackfillException>(() => ProjectKey.ReadAnonymous(text)).Code);
    }

    [Fact]
    public void A_service_key_in_the_anonymous_key_s_place_is_refused() =>
        Assert.Equal("AnonKeyWrongRole", Assert.Throws<BackfillException>(() => ProjectKey.ReadAnonymous(TestKeys.Secret)).Code);

    [Fact]
    public void An_anonymous_key_may_be_missing() => Assert.Null(ProjectKey.ReadAnonymous(" "));

    [Fact]
    public void Its_text_is_not_the_key() => Assert.Equal("a service key", ProjectKey.RequireService(TestKeys.Secret).ToString());

    [Property(MaxTest = 300)]
    public void Any_text_is_a_key_or_none(string text) => Assert.True(ProjectKey.TryParse(text ?? "") is null or { Value.Length: > 0 });
}
