namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>Every message is short, whole, free of placeholders, and an error says what to do. The table is out/tests/messages.md.</summary>
public sealed class MessageRuleTests
{
    /// <summary>Messages that another text fills, or that are no sentences. Each has its reason; a fixed one must leave the list.</summary>
    private static readonly HashSet<(string File, string Rule)> Known =
    [
        // The criteria of a gate are listed in the message, and there can be several.
        ("DecisionRules.cs", "long"),
        ("GateText.cs", "long"), ("GateText.cs", "no full stop"), ("SoakPhase.cs", "long"),
        // It repeats the question.
        ("Question.cs", "long"),
        // The reason of the halt names the remedy, and the next steps follow on lines of their own.
        ("RunErrors.cs", "no full stop"), ("RunErrors.cs", "no remedy"),
        // The sandbox program's own words.
        ("SandboxReply.cs", "no full stop"), ("SandboxReply.cs", "no remedy"),
        // A line of figures, and a program's usage.
        ("WatchBackfillRun.cs", "no full stop"), ("SandboxOptions.cs", "long"), ("SandboxOptions.cs", "long sentence"),
    ];

    private static readonly IReadOnlyList<Message> Messages = new MessageSource(Path.Combine(TestRepository.Root, "src")).Read();

    [Fact]
    public void All_messages_are_found_and_written_into_one_table()
    {
        var folder = Directory.CreateDirectory(Path.Combine(TestRepository.Root, "out", "tests"));
        File.WriteAllText(Path.Combine(folder.FullName, "messages.md"), MessageTable.Write(Messages));
        Assert.All(
            new Dictionary<MessageKind, int>
            {
                [MessageKind.Error] = 250, [MessageKind.Problem] = 80, [MessageKind.Warning] = 30, [MessageKind.Milestone] = 15,
                [MessageKind.Caption] = 4, [MessageKind.Remedy] = 40, [MessageKind.Step] = 10,
            },
            least => Assert.True(Messages.Count(m => m.Kind == least.Key) >= least.Value, $"{least.Key}: fewer than {least.Value}"));
    }

    [Fact]
    public void Messages_keep_the_rules() => Assert.Empty(Broken()
        .Where(b => !Known.Contains((b.File, b.Rule)))
        .Select(b => $"{b.Rule}: {b.Message.Place}: {b.Message.Text}"));

    [Fact]
    public void Exceptions_from_the_rules_are_still_needed() =>
        Assert.Empty(Known.Except(Broken().Select(b => (b.File, b.Rule))));

    [Theory]
    [InlineData("The key is wrong.", "no remedy")]
    [InlineData("The key is wrong. Copy it again", "no full stop")]
    [InlineData("The key <key> is wrong. Copy it again.", "placeholder")]
    [InlineData("The key is wrong... Copy it again.", "placeholder")]
    [InlineData("Run 7f2c3a-5b7d halted.", "no remedy")]
    [InlineData("Run 7f2c3a-5b7d halted. Resume it: Invoke-BackfillApply -RunId 7f2c3a", null)]
    [InlineData("-ExpiresIn must be over 0.", null)]
    public void A_broken_rule_is_named(string text, string? rule) =>
        Assert.Equal(rule is null ? [] : [rule], MessageChecks.Broken(new(MessageKind.Error, "KeyInvalid", "here", text)));

    private static IEnumerable<(string File, string Rule, Message Message)> Broken() =>
        Messages.SelectMany(m => MessageChecks.Broken(m).Select(rule => (Path.GetFileName(m.Place.Split('(')[0]), rule, m)));
}
