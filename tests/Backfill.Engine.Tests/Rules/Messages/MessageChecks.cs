using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>What a message must be: short, whole sentences, no placeholder, and for an error something to do.</summary>
internal static partial class MessageChecks
{
    public const int Longest = 200;
    public const int MostWords = 25;

    private static readonly HashSet<string> Verbs = new(StringComparer.OrdinalIgnoreCase)
    {
        "add", "adopt", "answer", "apply", "ask", "change", "check", "choose", "clear", "close", "compare", "connect", "copy", "correct", "create", "decide",
        "delete", "deploy", "enable", "end", "export", "find", "finish", "fix", "free", "freeze", "get", "give", "grant", "increase",
        "install", "keep", "leave", "let", "limit", "look", "lower", "make", "move", "name", "narrow", "open", "pick", "pipe", "plan", "put",
        "raise", "read", "register", "remove", "rename", "repair", "repeat", "replace", "request", "restart", "resume", "review", "roll", "run",
        "save", "say", "see", "send", "set", "shorten", "show", "start", "stop", "take", "test", "try", "turn", "undo", "unpause", "update",
        "upgrade", "use", "wait", "watch", "widen", "write",
    };

    /// <summary>The rules that a message breaks.</summary>
    public static IEnumerable<string> Broken(Message message)
    {
        var text = message.Text.Trim();
        if (Read(text).Length > Longest)
            yield return "long";
        if (message.Kind is not (MessageKind.Caption or MessageKind.Question) && !IsEnded(text))
            yield return "no full stop";
        if (Placeholder().IsMatch(text))
            yield return "placeholder";
        if (message.Kind is MessageKind.Error && !SaysWhatToDo(text))
            yield return "no remedy";
        if (Sentences(text).Any(s => s.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length > MostWords))
            yield return "long sentence";
    }

    /// <summary>An imperative where a sentence or a clause begins, a command of the module, or a limit that a parameter must keep.</summary>
    public static bool SaysWhatToDo(string text) =>
        Command().IsMatch(text) || Limit().IsMatch(text) || Clause().Matches(text).Any(m => Verbs.Contains(m.Groups[1].Value));

    /// <summary>Without the command at the end, which is copied and not read.</summary>
    private static string Read(string text) => LastCommand().Replace(text, "");

    private static string[] Sentences(string text) => SentenceEnd().Split(Read(text));

    private static bool IsEnded(string text) => text[^1] is '.' or '?' or '!' or ':' || LastCommand().IsMatch(text);

    [GeneratedRegex(@"\.\.\.|…|<[a-z]\w*>")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\b[A-Z][a-z]+-(?:Backfill|StagingSoak|ProdHealth)\w*")]
    private static partial Regex Command();

    [GeneratedRegex(@"(?::\s+|\n\s*)(?:\(?[A-Z][a-z]+-[A-Z]\w+|GRANT\b|supabase\b)(?:(?!\. [A-Z])[^\n])*$")]
    private static partial Regex LastCommand();

    [GeneratedRegex(@"^-\w+ .*\bmust\b|\bmust (?:be|have|name|lie|end)\b")]
    private static partial Regex Limit();

    [GeneratedRegex(@"(?:^|[.:;,?]\s+(?:then |or |and |first |otherwise |instead |once \w+,? )?|\bor |\bthen |\band |- )(?!Runs? \S*\d)([A-Za-z]+)")]
    private static partial Regex Clause();

    [GeneratedRegex(@"(?<=[.!?])\s+")]
    private static partial Regex SentenceEnd();
}
