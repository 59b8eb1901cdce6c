using System.Text;

namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>All messages in one table, to be read by a person.</summary>
internal static class MessageTable
{
    public static string Write(IEnumerable<Message> messages)
    {
        var text = new StringBuilder("# What the module says\n\nThe values are typical ones. \"Check\" names the rules that a message breaks.\n");
        foreach (var kind in messages.GroupBy(m => m.Kind).OrderBy(k => k.Key))
        {
            text.Append(FormattableString.Invariant($"\n## {kind.Key} ({kind.Count()})\n\n| code | message | characters | check | place |\n|---|---|--:|---|---|\n"));
            foreach (var m in kind)
            {
                text.Append(FormattableString.Invariant(
                    $"| {m.Code} | {Cell(m.Text)} | {m.Text.Length} | {string.Join(", ", MessageChecks.Broken(m))} | {m.Place} |\n"));
            }
        }

        return text.ToString();
    }

    private static string Cell(string text) => text.Trim().ReplaceLineEndings("<br>").Replace("|", "\\|", StringComparison.Ordinal);
}
