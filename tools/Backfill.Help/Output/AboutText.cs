using System.Text;
using Backfill.Help.Pages;
using Markdig.Syntax;

namespace Backfill.Help.Output;

/// <summary>Writes an about page as <c>Get-Help about_…</c> shows it: plain text, wrapped here, for it is printed as it is.</summary>
internal static class AboutText
{
    private const int Columns = 80;
    private const int Indent = 4;

    public static string Write(string file, string text)
    {
        var page = MarkdownPage.Parse(file, text);
        var place = new HelpPlace(file, page.Line);
        if (page.Title != Path.GetFileNameWithoutExtension(file))
            throw new HelpException(place.Problem($"The title is '{page.Title}', and the file is named otherwise."));
        if (page.Blocks is not [ParagraphBlock summary, ..])
            throw new HelpException(place.Problem("Below the title stands what the page is about: one paragraph."));
        var output = new StringBuilder();
        // Get-Help takes the fifth line for the synopsis.
        output.Append("TOPIC\n").Append(' ', Indent).Append(page.Title).Append("\n\nSHORT DESCRIPTION\n");
        var synopsis = Prose.Of(summary, file);
        if (synopsis.Length > Columns - Indent)
            throw new HelpException(
                place.Problem($"The first paragraph is one line of at most {Columns - Indent} characters; the list of topics shows it."));
        output.Append(' ', Indent).Append(synopsis).Append("\n\nLONG DESCRIPTION\n");
        foreach (var block in page.Blocks.Skip(1))
            Write(output, block, file, Indent);
        foreach (var part in page.Parts)
            Write(output, part, file, 0);
        return output.ToString().TrimEnd() + "\n";
    }

    private static void Write(StringBuilder output, MarkdownPart part, string file, int indent)
    {
        output.Append(' ', indent).Append(indent == 0 ? part.Title.ToUpperInvariant() : part.Title).Append('\n');
        if (indent > 0)
            output.Append(' ', indent).Append('-', part.Title.Length).Append('\n');
        foreach (var block in part.Blocks)
            Write(output, block, file, Indent);
        foreach (var inner in part.Parts)
            Write(output, inner, file, Indent);
    }

    private static void Write(StringBuilder output, Block block, string file, int indent)
    {
        if (block is FencedCodeBlock)
        {
            WriteCode(output, Prose.Of(block, file), new(file, Prose.LineOf(block)), indent);
            return;
        }

        foreach (var line in Prose.Of(block, file).Split('\n'))
            Wrap(output, line, indent, block is ListBlock ? line.IndexOf(' ', StringComparison.Ordinal) + 1 : 0);
        output.Append('\n');
    }

    private static void WriteCode(StringBuilder output, string code, HelpPlace place, int indent)
    {
        var number = 0;
        foreach (var line in code.Split('\n'))
        {
            number++;
            if (indent + line.Length > Columns)
                throw new HelpException(new(place.File, place.Line + number, $"Code of an about page is printed as it is: at most {Columns - indent - Indent} characters a line."));
            output.Append(line.Length == 0 || string.IsNullOrWhiteSpace(line) ? "" : new string(' ', indent) + line).Append('\n');
        }

        output.Append('\n');
    }

    private static void Wrap(StringBuilder output, string text, int indent, int hanging)
    {
        var line = new StringBuilder().Append(' ', indent);
        var isFresh = true;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!isFresh && line.Length + 1 + word.Length > Columns)
            {
                output.Append(line).Append('\n');
                line.Clear().Append(' ', indent + hanging);
                isFresh = true;
            }

            if (!isFresh)
                line.Append(' ');
            line.Append(word);
            isFresh = false;
        }

        output.Append(line).Append('\n');
    }
}
