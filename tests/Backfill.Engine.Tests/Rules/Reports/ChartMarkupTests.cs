using Backfill.Engine.Reports.Html;

namespace Backfill.Engine.Tests.Rules.Reports;

public class ChartMarkupTests
{
    [Fact]
    public void A_drawing_comes_through_without_style_attributes() => Assert.Equal(
        "<svg viewBox=\"0 0 96 54\" role=\"img\" aria-labelledby=\"soak-chart\"><g><rect x=\"1\" fill=\"rgb(0,114,178)\" stroke-width=\"2\"></rect><text>a &lt; b</text></g></svg>",
        ChartMarkup.Of("""
            <?xml version="1.0"?><svg width="96" height="54" xmlns="http://www.w3.org/2000/svg"><g><rect x="1" style="fill:rgb(0,114,178);stroke-width:2"/><text>a &lt; b</text></g></svg>
            """.Trim()));

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("<a href=\"javascript:alert(1)\"><text>x</text></a>")]
    [InlineData("<image href=\"//elsewhere/x.png\"/>")]
    [InlineData("<foreignObject><p>x</p></foreignObject>")]
    [InlineData("<style>* { fill: red }</style>")]
    [InlineData("<use href=\"#x\"/>")]
    [InlineData("<animate attributeName=\"x\"/>")]
    public void What_is_not_drawing_is_left_out(string element) => Assert.Equal(
        "<svg viewBox=\"0 0 1 1\" role=\"img\" aria-labelledby=\"soak-chart\"></svg>",
        ChartMarkup.Of($"<svg viewBox=\"0 0 1 1\" xmlns=\"http://www.w3.org/2000/svg\">{element}</svg>"));

    [Theory]
    [InlineData("onload=\"alert(1)\"")]
    [InlineData("fill=\"url(//elsewhere)\"")]
    [InlineData("style=\"background:url(//elsewhere);behavior:x\"")]
    [InlineData("class=\"bad\"")]
    public void An_attribute_that_could_do_anything_is_left_out(string attribute) => Assert.Equal(
        "<svg viewBox=\"0 0 1 1\" role=\"img\" aria-labelledby=\"soak-chart\"><rect></rect></svg>",
        ChartMarkup.Of($"<svg viewBox=\"0 0 1 1\" xmlns=\"http://www.w3.org/2000/svg\"><rect {attribute}/></svg>"));
}
