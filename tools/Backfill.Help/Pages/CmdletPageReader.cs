using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace Backfill.Help.Pages;

/// <summary>Reads <c>docs/cmdlets/Verb-Noun.md</c>.</summary>
internal static class CmdletPageReader
{
    private const string DefaultMark = "Default:";

    /// <summary>A terminal of 80 columns, less what Get-Help indents: a line that is broken there is two commands when pasted.</summary>
    private const int WidestCode = 76;

    /// <summary>What a title may have beside its dashes and its number.</summary>
    private const int LongestTitle = 45;

    private static readonly string[] Order = ["Description", "Parameters", "Outputs", "Notes", "Examples", "Related"];

    public static CmdletPage Read(string file, string text)
    {
        var page = MarkdownPage.Parse(file, text);
        var sections = Sections(page, file);
        var place = new HelpPlace(file, page.Line);
        if (page.Blocks is not [ParagraphBlock synopsis])
            throw new HelpException(place.Problem("Below the title stands the synopsis, and only that: one paragraph."));
        var parameters = sections.GetValueOrDefault("Parameters");
        var outputs = sections.GetValueOrDefault("Outputs");
        return new()
        {
            Name = page.Title,
            Place = place,
            Synopsis = Prose.Of(synopsis.Inline),
            Description = Prose.Of(Needed(sections, "Description", place).Blocks, file),
            ParametersPlace = new(file, parameters?.Line ?? page.Line),
            Parameters = parameters is null ? [] : Parameters(parameters, file),
            OutputsPlace = new(file, outputs?.Line ?? page.Line),
            Outputs = outputs is null ? [] : [.. outputs.Parts.Select(p => Item(p, p.Title, file))],
            Notes = sections.TryGetValue("Notes", out var notes) ? Prose.Of(notes.Blocks, file) : [],
            Examples = [.. Needed(sections, "Examples", place).Parts.Select(p => Example(p, file))],
            Related = Related(Needed(sections, "Related", place), file),
        };
    }

    /// <summary>Parameters, each below a heading <c>-Name</c>.</summary>
    public static IReadOnlyList<HelpItem> Parameters(MarkdownPart part, string file)
    {
        var place = new HelpPlace(file, part.Line);
        if (part.Parts.FirstOrDefault(p => !p.Title.StartsWith('-')) is { } odd)
            throw new HelpException(new(file, odd.Line, $"'{odd.Title}' is no parameter; write ### -Name."));
        return [.. part.Parts.Select(p => Item(p, p.Title[1..], file))];
    }

    private static Dictionary<string, MarkdownPart> Sections(MarkdownPart page, string file)
    {
        var last = -1;
        foreach (var part in page.Parts)
        {
            var index = Array.IndexOf(Order, part.Title);
            if (index <= last)
                throw new HelpException(new(file, part.Line, $"'{part.Title}' is not a section, or not here. The sections are, in this order: {string.Join(", ", Order)}."));
            last = index;
        }

        return page.Parts.ToDictionary(p => p.Title);
    }

    private static MarkdownPart Needed(Dictionary<string, MarkdownPart> sections, string name, HelpPlace page) =>
        sections.TryGetValue(name, out var part) ? part : throw new HelpException(page.Problem($"The section ## {name} is missing."));

    private static HelpItem Item(MarkdownPart part, string name, string file)
    {
        var place = new HelpPlace(file, part.Line);
        var paragraphs = Prose.Of(part.Blocks, file).ToList();
        var standard = paragraphs.Find(p => p.StartsWith(DefaultMark, StringComparison.Ordinal));
        if (standard is not null)
            paragraphs.Remove(standard);
        if (paragraphs.Count == 0)
            throw new HelpException(place.Problem($"Nothing is said about {part.Title}."));
        return new(name, place, paragraphs, Values(part), standard?[DefaultMark.Length..].Trim().TrimEnd('.'));
    }

    /// <summary>Items of lists that begin with code are values.</summary>
    private static List<string> Values(MarkdownPart part) =>
    [
        .. part.Blocks.OfType<ListBlock>().SelectMany(l => l).OfType<ListItemBlock>()
            .Select(i => (i[0] as ParagraphBlock)?.Inline?.FirstChild).OfType<CodeInline>().Select(c => c.Content),
    ];

    private static HelpExample Example(MarkdownPart part, string file)
    {
        var place = new HelpPlace(file, part.Line);
        if (part.Blocks.OfType<FencedCodeBlock>().ToList() is not [{ Info: "powershell" } code] || part.Blocks[0] != code)
            throw new HelpException(place.Problem("An example is a heading, one block of ```powershell, and what is to be seen."));
        if (code.Arguments is not (null or ""))
            throw new HelpException(place.Problem($"'{code.Arguments}' means nothing after ```powershell."));
        if (part.Title.Length > LongestTitle)
            throw new HelpException(place.Problem($"The title of an example is at most {LongestTitle} characters long."));
        var text = Prose.CodeOf(code);
        if (text.Split('\n').Any(l => l.Length > WidestCode))
            throw new HelpException(place.Problem($"A line of an example is at most {WidestCode} characters long, or Get-Help breaks it."));
        return new(part.Title, place, text, Prose.Of(part.Blocks.Skip(1), file));
    }

    private static List<string> Related(MarkdownPart part, string file)
    {
        if (part.Blocks is not [ListBlock list])
            throw new HelpException(new(file, part.Line, "Related is a list of links."));
        return [.. list.Select(i => i is ListItemBlock item ? Prose.Of(item[0], file) : "")];
    }
}
