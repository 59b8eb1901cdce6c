using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Rules;

/// <summary>Commands in messages and reports are copied and pasted: they must run as they stand.</summary>
public sealed partial class CommandTextTests
{
    [Fact]
    public void No_command_has_a_full_stop_or_the_like_behind_a_run_id()
    {
        var found = Lines().Where(l => GluedId().IsMatch(l)).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public void No_command_has_a_placeholder_that_would_be_taken_for_a_value()
    {
        var found = Lines().Where(l => Placeholder().IsMatch(l)).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static IEnumerable<string> Lines() => new[] { "Backfill.Engine", "Backfill.PowerShell" }
        .SelectMany(p => Directory.EnumerateFiles(Path.Combine(TestRepository.Root, "src", p), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .SelectMany(f => File.ReadLines(f).Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)).Select(l => $"{Path.GetFileName(f)}: {l.Trim()}"));

    [GeneratedRegex(@"-RunId \{[^{}]+\}(\{[^{}]*\})?[.,;:)]")]
    private static partial Regex GluedId();

    [GeneratedRegex(@"-(Reason|OutputPath|Path|Connection|EvidenceRunId|RunId) ('?…'?|<|\$\w)")]
    private static partial Regex Placeholder();
}
