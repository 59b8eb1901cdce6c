using System.Collections.Concurrent;
using System.Reflection;

namespace Backfill.Engine.Ledger;

/// <summary>The statements, from the .sql files embedded beside the classes that run them.</summary>
internal static class SqlText
{
    /// <summary>The one fragment that whole statements share.</summary>
    private const string SettledSessions = "{{settled_sessions}}";

    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>One statement, for example <c>Ledger/claim</c>.</summary>
    public static string Load(string name) => Texts.GetOrAdd(name, Read);

    /// <summary>A statement of settings.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isLocal">Whether they end with the transaction; else with the session.</param>
    public static string Settings(string name, bool isLocal = true) =>
        Load(name).Replace("{{local}}", isLocal ? "true" : "false", StringComparison.Ordinal);

    /// <summary>A name quoted for SQL; a qualified one part by part.</summary>
    public static string Quote(string name) =>
        string.Join('.', name.Split('.').Select(part => $"\"{part.Replace("\"", "\"\"", StringComparison.Ordinal)}\""));

    /// <summary>A text as an SQL literal, which is read in one way whatever standard_conforming_strings is.</summary>
    public static string Literal(string text)
    {
        var quoted = $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        return text.Contains('\\', StringComparison.Ordinal) ? "E" + quoted.Replace(@"\", @"\\", StringComparison.Ordinal) : quoted;
    }

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{name}.sql")
            ?? throw new InvalidOperationException($"The statement {name}.sql is not embedded.");
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return text.StartsWith(SettledSessions, StringComparison.Ordinal)
            ? Load("Ledger/settled_sessions") + text[SettledSessions.Length..]
            : text;
    }
}
