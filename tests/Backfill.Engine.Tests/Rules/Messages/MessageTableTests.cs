using System.Text;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>
/// All messages in one table for review, <c>out/tests/messages.md</c>, and what a test can say of each: its length, its end, no
/// placeholder, and for an error what to do.
/// </summary>
public partial class MessageTableTests
{
    /// <summary>Characters, with typical values.</summary>
    private const int Longest = 200;

    private static readonly IReadOnlyList<SourceMessage> All = SourceMessages.Read();

    [Fact]
    public async Task All_messages_stand_in_one_table()
    {
        var table = new StringBuilder("| kind | code | text | place |\n|---|---|---|---|\n");
        foreach (var message in All.OrderBy(m => m.Kind).ThenBy(m => m.Code, StringComparer.Ordinal))
            table.Append(Invariant($"| {message.Kind} | {message.Code} | {message.Text.Replace("\n", " ", StringComparison.Ordinal)} | {message.Place} |\n"));
        var folder = Directory.CreateDirectory(Path.Combine(TestRepository.Root, "out", "tests"));
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "messages.md"), table.ToString(), TestContext.Current.CancellationToken);

        Assert.True(All.Count(m => m.Kind == MessageKind.Error) > 150, "The errors are no longer found.");
        Assert.True(All.Count(m => m.Kind == MessageKind.Warning) > 30, "The warnings are no longer found.");
    }

    [Fact]
    public void No_message_is_longer_than_two_lines_of_a_wide_console() =>
        None(m => m.Text.Length > Longest);

    [Fact]
    public void Every_message_ends_as_a_sentence_or_with_a_command_or_a_value() =>
        None(m => !End().IsMatch(m.Text));

    [Fact]
    public void No_message_has_a_placeholder() => None(m => Placeholder().IsMatch(m.Text));

    /// <summary>To say no needs no remedy.</summary>
    [Fact]
    public void Every_error_says_what_to_do() =>
        None(m => m.Kind == MessageKind.Error && m.Code != "NotConfirmed" && !Remedy().IsMatch(m.Text));

    private static void None(Func<SourceMessage, bool> isBad)
    {
        var bad = All.Where(isBad).Select(m => Invariant($"{m.Text.Length,4}  {m}")).ToList();
        Assert.True(bad.Count == 0, Invariant($"{bad.Count} of {All.Count}:\n{string.Join('\n', bad)}"));
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>After a colon, or at the very end, a command is pasted: nothing may follow it.</summary>
    [GeneratedRegex(@"[.?!]['""]?$|\u00a4$|\b[A-Z][a-z]+-[A-Z][A-Za-z]+(?: -?[\w./]+)*$|\.[A-Z]\w+$")]
    private static partial Regex End();

    [GeneratedRegex(@"\.\.\.|…|<[a-z]+>|\bTODO\b|\bxxx\b", RegexOptions.IgnoreCase)]
    private static partial Regex Placeholder();

    /// <summary>A cmdlet, an imperative, a duty; or a text of another place at the end, which is looked at there.</summary>
    [GeneratedRegex(
        @"\b[A-Z][a-z]+-[A-Z][A-Za-z]+\b|(?:^|[.;:,] |then |or |and |\n)(?:-\w+ )?(?:Add|Adopt|Allow|Approve|Ask|Begin|Check|Choose|Close|Connect|Copy|Correct|Delete|End|Find|Fix|Free|Give|Grant|Install|Leave|Let|Look|Make|Move|Name|Open|Pass|Pipe|Put|Raise|Read|Remove|Repair|Resume|Review|Run|Say|See|Send|Set|Start|Stop|Take|Try|Update|Upgrade|Use|Wait|Write)\b|\b(?:must|needs?)\b|[:.] [^.]*\u00a4\.?$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Remedy();
}
