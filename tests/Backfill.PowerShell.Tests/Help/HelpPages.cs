using Backfill.Help;
using Backfill.Help.Pages;

namespace Backfill.PowerShell.Tests.Help;

/// <summary>What is written under <c>docs/</c>.</summary>
internal static class HelpPages
{
    private const string PlaceToTry = "A place to try it";

    public static HelpDocs Docs { get; } = HelpDocs.Read(Path.Combine(Repository.Root, "docs"));

    /// <summary>What examples go on from, line by line; the sandbox is started by the first.</summary>
    public static IReadOnlyList<string> Beginning { get; } = ReadBeginning();

    private static string[] ReadBeginning()
    {
        var file = Docs.Abouts.Single(a => Path.GetFileName(a.Name) == "about_Backfill.md");
        var part = MarkdownPage.Parse(file.Name, file.Text).Parts.Single(p => p.Title == PlaceToTry);
        return Prose.CodeOf(part.Blocks.OfType<Markdig.Syntax.FencedCodeBlock>().Single()).Split('\n');
    }
}
