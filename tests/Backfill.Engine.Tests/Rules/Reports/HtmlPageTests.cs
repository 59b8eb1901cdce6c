using System.Text;
using System.Text.RegularExpressions;
using Backfill.Engine.Reports.Files;
using Backfill.Engine.Reports.Html;

namespace Backfill.Engine.Tests.Rules.Reports;

public partial class HtmlPageTests
{
    private static readonly Guid Run = new("01a20665-09da-706f-a70b-06d5748fea08");

    [Fact]
    public void The_policy_allows_this_style_and_this_script_and_nothing_else()
    {
        var page = Page();
        var policy = Policy().Match(page).Groups[1].Value.Replace("&#39;", "'", StringComparison.Ordinal);
        Assert.Equal(
            $"default-src 'none'; style-src '{HtmlPage.HashOf(Between(page, "style"))}'; script-src '{HtmlPage.HashOf(Between(page, "script"))}'; base-uri 'none'; form-action 'none'",
            policy);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        // It holds for what comes after it only.
        Assert.True(page.IndexOf("Content-Security-Policy", StringComparison.Ordinal) < page.IndexOf("<style", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_in_the_frame_names_a_place_to_load_from()
    {
        Assert.DoesNotMatch(Outside(), Page());
        Assert.DoesNotContain("{{", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_title_with_markup_in_it_is_text() =>
        Assert.Contains("<title>&lt;/title&gt;&lt;script&gt;</title>", Page("</title><script>"), StringComparison.Ordinal);

    [Fact]
    public void The_run_that_a_page_tells_of_is_found_again()
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Page());
            Assert.Equal(Run, ArtifactFile.OwnerOf(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Between(string page, string element) =>
        page[(page.IndexOf($"<{element}>", StringComparison.Ordinal) + element.Length + 2)..page.IndexOf($"</{element}>", StringComparison.Ordinal)];

    private static string Page(string title = "A run")
    {
        using var stream = new MemoryStream();
        var html = new HtmlWriter(stream);
        HtmlPage.WriteHead(html, Run, title);
        HtmlPage.WriteTail(html);
        html.FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [GeneratedRegex("Content-Security-Policy\" content=\"([^\"]*)\"")]
    private static partial Regex Policy();

    [GeneratedRegex("https?:|url\\(|@import|src=|fetch\\(|XMLHttpRequest|innerHTML|eval\\(", RegexOptions.IgnoreCase)]
    private static partial Regex Outside();
}
