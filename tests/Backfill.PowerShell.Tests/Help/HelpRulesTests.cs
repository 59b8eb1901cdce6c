using Backfill.Help;
using Backfill.Help.Facts;
using Backfill.Help.Output;
using Backfill.Help.Pages;

namespace Backfill.PowerShell.Tests.Help;

/// <summary>What is wrong in a page ends the build, with file and line.</summary>
public sealed class HelpRulesTests
{
    private const string File = "docs/cmdlets/Get-Thing.md";

    private const string Sound = """
        # Get-Thing

        Gets things.

        ## Description

        They are `things`, **all** of them.

        ## Parameters

        ### -Name

        Their name.

        ### -Kind

        Their kind.

        ## Outputs

        ### Thing

        One each.

        ## Examples

        ### Get one

        ```powershell
        Get-Thing one
        ```

        ### Get all

        ```powershell
        Get-Thing
        ```

        ## Related

        - [about_Things](../about/about_Things.md)

        """;

    private static readonly CmdletFacts Facts = new(
        "Get-Thing",
        [
            new() { Name = "Name", TypeName = "string", TypeFullName = "System.String", IsMandatory = true },
            new() { Name = "Kind", TypeName = "Kind", TypeFullName = "Things.Kind", Values = ["Old", "New"], Default = "Old" },
        ],
        [],
        ["Things.Thing"]);

    [Fact]
    public void A_sound_page_has_no_problem() => Assert.Empty(Problems(Sound));

    [Fact]
    public void Markdown_becomes_plain_text() =>
        Assert.Equal(["They are things, all of them."], CmdletPageReader.Read(File, Sound).Description);

    [Theory]
    [InlineData("### -Name", "### -Nmae", "(11): error: Get-Thing has no parameter -Nmae.")]
    [InlineData("### -Name", "### -Nmae", "(9): error: Nothing is said about -Name")]
    [InlineData("### -Kind", "### -Name", "(15): error: Name is written about twice.")]
    [InlineData("Their kind.", "Their kind.\n\nDefault: Old.", "(15): error: The default of -Kind is known to be Old")]
    [InlineData("Their name.", "Their name.\n\nDefault: all.", "(11): error: -Name is mandatory")]
    [InlineData("Their kind.", "- `New`: new.\n- `Odd`: odd.", "(15): error: The values of -Kind are, in this order: Old, New.")]
    [InlineData("### Thing", "### Stuff", "(21): error: Get-Thing does not emit Stuff.")]
    [InlineData("### Thing", "### Stuff", "(19): error: Nothing is said about Thing")]
    [InlineData("[about_Things]", "[about_Thing]", "(1): error: Related: 'about_Thing'")]
    [InlineData("# Get-Thing", "# Get-Things", "(1): error: The title is 'Get-Things'")]
    [InlineData("# Get-Thing", "# Get-Things", "(1): error: There is no cmdlet Get-Things")]
    [InlineData("# Get-Thing", "# Get-Things", "(1): error: Get-Thing has no page.")]
    public void What_does_not_fit_the_cmdlet_is_told_with_its_place(string right, string wrong, string told) =>
        Assert.Contains(Problems(Sound.Replace(right, wrong, StringComparison.Ordinal)), p => p.StartsWith(File + told, StringComparison.Ordinal));

    [Theory]
    [InlineData("## Description", "## Descriptoin", 5)]
    [InlineData("Gets things.", "Gets things.\n\nMany.", 1)]
    [InlineData("Their name.", "", 11)]
    [InlineData("Their name.", "| a | b |\n|---|---|\n\n> quoted", 16)]
    [InlineData("### -Name", "### Name", 11)]
    [InlineData("```powershell\nGet-Thing one", "```\nGet-Thing one", 27)]
    [InlineData("```powershell\nGet-Thing one", "```powershell quietly\nGet-Thing one", 27)]
    [InlineData("### Get all", "### Get all of the things that there are, and not one less", 33)]
    [InlineData("Get-Thing one", "Get-Thing one -WithManyParameters -ThatMakeTheLineLonger -ThanATerminalIsWide", 27)]
    [InlineData("## Related", "## Description", 39)]
    [InlineData("# Get-Thing", "Get-Thing", 1)]
    public void What_is_no_page_at_all_is_told_with_its_place(string right, string wrong, int line)
    {
        var page = Sound.Replace(right, wrong, StringComparison.Ordinal);
        var problem = Assert.Throws<HelpException>(() => CmdletPageReader.Read(File, page)).Problem;
        Assert.Equal((File, line), (problem.File, problem.Line));
    }

    [Fact]
    public void A_page_with_one_example_is_not_enough()
    {
        var start = Sound.IndexOf("### Get all", StringComparison.Ordinal);
        var page = Sound.Remove(start, Sound.IndexOf("## Related", StringComparison.Ordinal) - start);
        Assert.Equal([$"{File}(1): error: At least 2 examples are needed."], Problems(page));
    }

    [Fact]
    public void What_is_written_for_all_cmdlets_must_be_a_parameter_of_one()
    {
        var place = new HelpPlace("docs/cmdlets/parameters.md", 7);
        var shared = new HelpItem("Nothing", place, ["Nothing."], [], null);
        var problems = HelpRules.Check([Facts], [CmdletPageReader.Read(File, Sound)], [shared], ["about_Things"], "docs/cmdlets");
        Assert.Equal(["docs/cmdlets/parameters.md(7): error: No cmdlet has a parameter -Nothing."], problems.Select(p => p.ToString()));
    }

    [Fact]
    public void A_topic_is_wrapped_and_its_fifth_line_is_the_synopsis()
    {
        var words = string.Join(' ', Enumerable.Repeat("wrapped", 30));
        var lines = AboutText.Write("about_Things.md", $"# about_Things\n\nAll about `things`.\n\n## More\n\n- {words}\n\n```powershell\nGet-Thing\n```\n").Split('\n');
        Assert.Equal("    All about things.", lines[4]);
        Assert.All(lines, l => Assert.True(l.Length <= 80, l));
        Assert.Contains("MORE", lines);
        Assert.Contains("      wrapped wrapped", lines.Select(l => l.Length > 21 ? l[..21] : l));
        Assert.Contains("        Get-Thing", lines);
    }

    [Fact]
    public void Code_of_a_topic_that_is_too_wide_is_told_with_its_line()
    {
        var text = $"# about_Things\n\nAll.\n\n## More\n\n```powershell\nGet-Thing\n{new string('x', 73)}\n```\n";
        Assert.Equal(9, Assert.Throws<HelpException>(() => AboutText.Write("about_Things.md", text)).Problem.Line);
    }

    private static List<string> Problems(string page) =>
    [
        .. HelpRules.Check([Facts], [CmdletPageReader.Read(File, page)], [], ["about_Things"], "docs/cmdlets").Select(p => p.ToString()),
    ];
}
