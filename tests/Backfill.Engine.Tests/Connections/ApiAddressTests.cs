using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Connections;

public class ApiAddressTests
{
    [Theory]
    [InlineData("https://abc.supabase.co")]
    [InlineData(" https://abc.supabase.co/ ")]
    [InlineData("http://127.0.0.1:54321")]
    [InlineData("http://localhost:54321/")]
    public void An_api_s_address(string text) => Assert.Equal("/", ApiAddress.Parse(text).AbsolutePath);

    [Theory]
    [InlineData(null, "ApiUrlMissing")]
    [InlineData("", "ApiUrlMissing")]
    [InlineData("abc.supabase.co", "ApiUrlInvalid")]
    [InlineData("ftp://abc.supabase.co", "ApiUrlInvalid")]
    [InlineData("https://abc.supabase.co/functions/v1", "ApiUrlInvalid")]
    [InlineData("https://abc.supabase.co/?apikey=hunter2", "ApiUrlInvalid")]
    [InlineData("https://user:hunter2@abc.supabase.co", "ApiUrlInvalid")]
    [InlineData("http://abc.supabase.co", "ApiUrlInvalid")]
    [InlineData("postgresql://postgres:hunter2@db/postgres", "ApiUrlInvalid")]
    public void What_is_none_is_refused_and_not_repeated(string? text, string code)
    {
        var error = Assert.Throws<BackfillException>(() => ApiAddress.Parse(text));

        Assert.Equal(code, error.Code);
        Assert.Contains("SUPABASE_URL", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }
}
