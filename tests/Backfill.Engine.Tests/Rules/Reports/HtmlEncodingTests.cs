using System.Net;
using System.Text;
using Backfill.Engine.Reports.Html;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Reports;

/// <summary>Whatever the text: in the page it is that text, and nothing else.</summary>
public class HtmlEncodingTests
{
    // What takes a parser out of the text it is in.
    private static readonly string[] Tokens =
    [
        "<", ">", "&", "\"", "'", "</script>", "<!--", "-->", "]]>", "&lt;", "&#60;", "&amp", "\r", "\n", "\t", "\u2028", "\u2029", "\u202E",
        "\u2067", "\u200F", "\uFEFF", "\0", "\uD800", "\uDC00", "😀", "=", "`", "javascript:", " onload=", "</bdi>", "</td>", "a", "ß", "שלום",
    ];

    [Property(MaxTest = 2000)]
    public Property A_text_comes_back_as_it_was() => Prop.ForAll(Texts().ToArbitrary(), text =>
        Assert.Equal(Storable(text), WebUtility.HtmlDecode(Encoded(text))));

    [Property(MaxTest = 2000)]
    public Property A_text_is_never_markup() => Prop.ForAll(Texts().ToArbitrary(), text =>
        Assert.DoesNotContain(Encoded(text), c => c is '<' or '>' or '"' or '\'' or '\0'));

    [Property(MaxTest = 1000)]
    public Property A_text_of_somebody_else_stays_within_its_own_direction(Guid id) => Prop.ForAll(Texts().ToArbitrary(), text =>
    {
        var html = Written(writer => writer.Write($"<p id=\"{id}\">{new Foreign(text)}</p>"));
        Assert.Equal($"<p id=\"{id}\"><bdi>{Encoded(text)}</bdi></p>\n", html);
    });

    [Fact]
    public void Figures_and_times_are_the_same_in_every_culture()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.GetCultureInfo("ar-EG");
            var at = new DateTimeOffset(2025, 9, 17, 10, 0, 0, 7, TimeSpan.FromHours(2));
            Assert.Equal(
                "1,234,567 0.5 <time datetime=\"2025-09-17T08:00:00.007Z\"><span>2025-09-17</span> <span>08:00:00Z</span></time>\n",
                Written(writer => writer.Write($"{1_234_567:#,0} {0.5} {at}")));
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_text_without_end_is_cut_and_says_so()
    {
        var html = Written(writer => writer.Write($"{new Foreign(new string('x', HtmlWriter.LongestText + 1))}"));
        Assert.Contains($"cut after {HtmlWriter.LongestText} of {HtmlWriter.LongestText + 1} characters", html, StringComparison.Ordinal);
        Assert.True(html.Length < HtmlWriter.LongestText + 100);
    }

    private static Gen<string> Texts() =>
        Gen.Elements(Tokens).Or(ArbMap.Default.GeneratorFor<char>().Select(c => c.ToString())).ArrayOf().Select(string.Concat);

    /// <summary>A NUL, and half of a pair, no document can hold.</summary>
    private static string Storable(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');

    private static string Encoded(string text)
    {
        var html = new StringBuilder();
        HtmlEncoding.Append(html, text);
        return html.ToString();
    }

    private static string Written(Action<HtmlWriter> write)
    {
        using var stream = new MemoryStream();
        var writer = new HtmlWriter(stream);
        write(writer);
        writer.FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}

/// <summary>Choices between generators.</summary>
file static class Generators
{
    public static Gen<T> Or<T>(this Gen<T> one, Gen<T> other) => Gen.OneOf(one, other);
}
