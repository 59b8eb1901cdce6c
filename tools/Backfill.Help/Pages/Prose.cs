using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Backfill.Help.Pages;

/// <summary>Plain text of Markdown: what a terminal shows of it.</summary>
internal static class Prose
{
    /// <summary>A paragraph each; a list is one paragraph, a line an item; code stands indented.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<Block> blocks, string file) => [.. blocks.Select(b => Of(b, file))];

    public static string Of(Block block, string file) => block switch
    {
        ParagraphBlock paragraph => Of(paragraph.Inline),
        ListBlock list => string.Join('\n', list.Cast<ListItemBlock>().Select((item, i) => Bullet(list, i) + Item(item, file))),
        FencedCodeBlock code => string.Join('\n', CodeOf(code).Split('\n').Select(l => $"    {l}")),
        _ =>
            throw new HelpException(
                new(file, LineOf(block), "Only paragraphs, lists and fenced code are turned into help. Write it as one of these.")),
    };

    public static string Of(ContainerInline? inline) => string.Concat((inline ?? []).Select(Of)).Trim();

    public static string CodeOf(FencedCodeBlock code) => code.Lines.ToString().ReplaceLineEndings("\n").TrimEnd();

    public static int LineOf(Block block) => block.Line + 1;

    private static string Bullet(ListBlock list, int index) => list.IsOrdered ? $"{index + 1}. " : "- ";

    private static string Item(ListItemBlock item, string file) => item is [ParagraphBlock only]
        ? Of(only.Inline)
        : throw new HelpException(
            new(file, LineOf(item), "An item of a list is one paragraph. Write nested text as paragraphs of its own."));

    private static string Of(Inline inline) => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        LineBreakInline => " ",
        HtmlEntityInline entity => entity.Transcoded.ToString(),
        AutolinkInline link => link.Url,
        LinkInline { Url: { } url } link when url.Contains("://", StringComparison.Ordinal) => $"{Of((ContainerInline)link)} ({url})",
        ContainerInline container => string.Concat(container.Select(Of)),
        _ => "",
    };
}
