using Backfill.Help.Pages;

namespace Backfill.Help;

/// <summary>All that is written under <c>docs/</c>, and what is wrong with it by itself.</summary>
internal sealed class HelpDocs
{
    private HelpDocs(string folder)
    {
        Folder = folder;
        Pages = [.. ReadAll("cmdlets", "*-*.md").Select(f => Read(() => CmdletPageReader.Read(f.Name, f.Text))).OfType<CmdletPage>()];
        Shared = Read(ReadShared) ?? [];
        Abouts = [.. ReadAll("about", "about_*.md")];
    }

    /// <summary>The folder, as problems name it.</summary>
    public string Folder { get; }

    /// <summary>A page a cmdlet.</summary>
    public IReadOnlyList<CmdletPage> Pages { get; }

    /// <summary>Parameters that mean the same everywhere.</summary>
    public IReadOnlyList<HelpItem> Shared { get; }

    /// <summary>The pages about something that is no cmdlet.</summary>
    public IReadOnlyList<(string Name, string Text)> Abouts { get; }

    /// <summary>What could not be read.</summary>
    public List<HelpProblem> Problems { get; } = [];

    /// <summary>The names of the about pages.</summary>
    public IReadOnlyList<string> AboutNames => [.. Abouts.Select(a => Path.GetFileNameWithoutExtension(a.Name))];

    public static HelpDocs Read(string folder) => new(folder);

    /// <summary>Reads one file; what is wrong there is kept, so that all of it is told at once.</summary>
    public T? Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (HelpException e)
        {
            Problems.Add(e.Problem);
            return null;
        }
    }

    private IReadOnlyList<HelpItem> ReadShared()
    {
        var file = Path.Combine(Folder, "cmdlets", "parameters.md");
        return File.Exists(file)
            ? [.. MarkdownPage.Parse(file, File.ReadAllText(file)).Parts.SelectMany(p => CmdletPageReader.Parameters(p, file))]
            : [];
    }

    private IEnumerable<(string Name, string Text)> ReadAll(string kind, string pattern)
    {
        var folder = Path.Combine(Folder, kind);
        return Directory.Exists(folder)
            ? Directory.GetFiles(folder, pattern).Order(StringComparer.Ordinal).Select(f => (f, File.ReadAllText(f)))
            : [];
    }
}
