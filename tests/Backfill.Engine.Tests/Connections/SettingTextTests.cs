using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Connections;

public class SettingTextTests
{
    private const string Uri = "postgresql://postgres:hunter2@db.abcdefghijklmnopqrst.supabase.co:5432/postgres";

    public static TheoryData<string, string> Wrong()
    {
        var data = new TheoryData<string, string>();
        var settings = new Dictionary<string, string>
        {
            ["ApiUrl"] = "https://abcdefghijklmnopqrst.supabase.co", ["ServiceRoleKey"] = TestKeys.Secret,
            ["AnonKey"] = TestKeys.Publishable, ["DatabaseUrl"] = Uri, ["ProjectRef"] = "abcdefghijklmnopqrst",
        };
        foreach (var (name, good) in settings)
        {
            foreach (var quote in new[] { "\"", "'", "`", "\u201C" })
            {
                data.Add(name, quote + good + quote);
                data.Add(name, quote + good);
                data.Add(name, good + quote);
            }

            foreach (var blank in new[] { " ", "\t", "\n", "\r\n", "\u00A0" })
            {
                data.Add(name, blank + good);
                data.Add(name, good + blank);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Quotes_and_blanks_around_a_value_are_named(string setting, string text)
    {
        var error = Refusal(setting, text);

        Assert.Equal($"{setting}Invalid", error.Code);
        Assert.Contains($"-{setting}", error.Message, StringComparison.Ordinal);
        Assert.Matches("quotation mark|blank or a line end", error.Message);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DatabaseUrl", "postgresql://postgres:[YOUR-PASSWORD]@db.abcdefghijklmnopqrst.supabase.co:5432/postgres")]
    [InlineData("DatabaseUrl", "postgresql://postgres:%5BYOUR-PASSWORD%5D@db.abcdefghijklmnopqrst.supabase.co:5432/postgres")]
    [InlineData("DatabaseUrl", "postgresql://postgres:YOUR-PASSWORD@127.0.0.1:5432/postgres")]
    [InlineData("DatabaseUrl", "postgresql://postgres:your_db_password@127.0.0.1:5432/postgres")]
    [InlineData("DatabaseUrl", "postgresql://postgres.[YOUR-PROJECT-REF]:hunter2@aws-0-eu.pooler.supabase.com:6543/postgres")]
    [InlineData("DatabaseUrl", "postgresql://postgres:<password>@db.<project-ref>.supabase.co/postgres")]
    [InlineData("DatabaseUrl", "postgresql://postgres:${DB_PASSWORD}@127.0.0.1/postgres")]
    [InlineData("DatabaseUrl", "$env:SUPABASE_DB_URL")]
    [InlineData("ApiUrl", "https://<project-ref>.supabase.co")]
    [InlineData("ApiUrl", "https://[YOUR-PROJECT-REF].supabase.co")]
    [InlineData("ApiUrl", "https://your-project-ref.supabase.co")]
    [InlineData("ApiUrl", "https://xxxxxxxxxxxxxxxxxxxx.supabase.co")]
    [InlineData("ApiUrl", "YOUR_SUPABASE_URL")]
    [InlineData("ServiceRoleKey", "<service-role-key>")]
    [InlineData("ServiceRoleKey", "your-service-role-key")]
    [InlineData("ServiceRoleKey", "sb_secret_...")]
    [InlineData("ServiceRoleKey", "sb_secret_\u2026")]
    [InlineData("AnonKey", "YOUR_ANON_KEY")]
    [InlineData("AnonKey", "${SUPABASE_ANON_KEY}")]
    [InlineData("AnonKey", "{{ anon_key }}")]
    [InlineData("ProjectRef", "[project-ref]")]
    [InlineData("ProjectRef", "your-project-ref")]
    public void Placeholders_are_named(string setting, string text)
    {
        var error = Refusal(setting, text);

        Assert.Equal($"{setting}Invalid", error.Code);
        Assert.Contains("placeholder", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgresql://u:p@[2001:db8::1]:6543/d")]
    [InlineData("postgresql://u:a[b]c@h/d")]
    [InlineData("postgresql://u:[Tr0ub4dor]@h/d")]
    [InlineData("postgresql://u:p%22@h/d?application_name=%22x%22")]
    [InlineData("postgresql://u:my-password@password.example.com/keys")]
    [InlineData("postgresql://u:a$b{c}d@h/d")]
    [InlineData("postgresql://u:yourself@h/d")]
    public void What_a_real_address_may_hold_is_none_of_them(string text) => Assert.Equal(text, SettingText.DatabaseUrl(text));

    [Fact]
    public async Task The_checks_of_a_connection_name_them_where_they_are()
    {
        var checks = await SupabaseConnector.CheckAsync(
            new()
            {
                ApiUrl = "'https://abc.supabase.co'", ServiceRoleKey = $"{TestKeys.Secret}\n", AnonKey = $"\"{TestKeys.Publishable}\"",
                DatabaseUrl = "postgresql://postgres:[YOUR-PASSWORD]@127.0.0.1:1/postgres",
            },
            null,
            TestContext.Current.CancellationToken).ToDictionaryAsync(c => c.Name, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Contains("quotation mark", checks["Project"].Detail, StringComparison.Ordinal);
        Assert.Contains("line end", checks["ServiceRoleKey"].Detail, StringComparison.Ordinal);
        Assert.Contains("quotation mark", checks["AnonKey"].Detail, StringComparison.Ordinal);
        Assert.Contains("placeholder", checks["Database"].Detail, StringComparison.Ordinal);
    }

    private static BackfillException Refusal(string setting, string text)
    {
        var options = new ConnectionOptions
        {
            ApiUrl = setting == "ApiUrl" ? text : "https://abcdefghijklmnopqrst.supabase.co",
            ServiceRoleKey = setting == "ServiceRoleKey" ? text : TestKeys.Secret,
            AnonKey = setting == "AnonKey" ? text : null,
            DatabaseUrl = setting == "DatabaseUrl" ? text : Uri,
            ProjectRef = setting == "ProjectRef" ? text : null,
        };
        return Assert.Throws<BackfillException>(() => ConnectionSettings.Read(options));
    }
}
