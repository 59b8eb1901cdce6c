namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>What a message is for.</summary>
internal enum MessageKind
{
    /// <summary>Ends a command: says what is wrong and what to do.</summary>
    Error,

    /// <summary>A fault in a plan, or what a remedy follows.</summary>
    Problem,

    /// <summary>Something to look at; the work continues.</summary>
    Warning,

    /// <summary>Progress.</summary>
    Milestone,

    /// <summary>The headline of a question.</summary>
    Caption,

    /// <summary>What stands below a headline, before the answers.</summary>
    Question,

    /// <summary>What to do about a failed check.</summary>
    Remedy,

    /// <summary>What a report says to do next.</summary>
    Step,
}

/// <summary>A message with typical values in it.</summary>
/// <param name="Kind">What it's for.</param>
/// <param name="Code">Its error code or tag, if it has one.</param>
/// <param name="Place">File and line.</param>
/// <param name="Text">The words.</param>
internal sealed record Message(MessageKind Kind, string Code, string Place, string Text);
