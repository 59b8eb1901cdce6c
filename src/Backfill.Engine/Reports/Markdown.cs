using System.Globalization;
using System.Text;

namespace Backfill.Engine.Reports;

/// <summary>Markdown with text from the target made harmless.</summary>
internal sealed class Markdown
{
    private readonly StringBuilder _text = new();

    public Markdown Line(FormattableString line)
    {
        _text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
        return this;
    }

    public Markdown Line(string line = "")
    {
        _text.Append(line).Append('\n');
        return this;
    }

    public Markdown Row(params object?[] cells)
    {
        _text.Append('|');
        foreach (var cell in cells)
            _text.Append(' ').Append(Cell(cell)).Append(" |");
        _text.Append('\n');
        return this;
    }

    public Markdown Head(params string[] titles)
    {
        Row([.. titles]);
        return Line("|" + string.Concat(Enumerable.Repeat("---|", titles.Length)));
    }

    public override string ToString() => _text.ToString();

    public static string Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>Text from the target, on one line and without tags.</summary>
    public static string Plain(string text) => text
        .Replace("\r", " ", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal);

    private static string Cell(object? cell) =>
        Plain(Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "–").Replace("|", "\\|", StringComparison.Ordinal);
}
