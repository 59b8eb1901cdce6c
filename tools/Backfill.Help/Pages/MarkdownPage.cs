using Markdig;
using Markdig.Syntax;

namespace Backfill.Help.Pages;

/// <summary>A heading and what stands below it, down to the next one of its rank.</summary>
internal sealed record MarkdownPart(string Title, int Line, IReadOnlyList<Block> Blocks, IReadOnlyList<MarkdownPart> Parts);

/// <summary>A file as headings: one of the first rank, then parts, and parts of these.</summary>
internal static class MarkdownPage
{
    private const int Deepest = 3;

    public static MarkdownPart Parse(string file, string text)
    {
        var blocks = Markdown.Parse(text).Where(b => b is not LinkReferenceDefinitionGroup and not HtmlBlock { Type: HtmlBlockType.Comment }).ToList();
        if (blocks is not [HeadingBlock { Level: 1 } title, ..])
            throw new HelpException(new(file, 1, "A page begins with its title: # Verb-Noun, or # about_Topic."));
        var tooDeep = blocks.OfType<HeadingBlock>().Skip(1).FirstOrDefault(h => h.Level is 1 or > Deepest);
        if (tooDeep is not null)
            throw new HelpException(new(file, Prose.LineOf(tooDeep), "After the title, headings are of rank 2 and 3."));
        return Part(title, blocks[1..]);
    }

    private static MarkdownPart Part(HeadingBlock heading, List<Block> below)
    {
        var rank = heading.Level + 1;
        var first = below.FindIndex(b => b is HeadingBlock);
        var parts = new List<MarkdownPart>();
        for (var i = first; i >= 0 && i < below.Count;)
        {
            var next = below.FindIndex(i + 1, b => b is HeadingBlock h && h.Level <= rank);
            var end = next < 0 ? below.Count : next;
            parts.Add(Part((HeadingBlock)below[i], below[(i + 1)..end]));
            i = end;
        }

        return new(Prose.Of(heading.Inline), Prose.LineOf(heading), first < 0 ? below : below[..first], parts);
    }
}
