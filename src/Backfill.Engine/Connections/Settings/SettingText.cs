using System.Text.RegularExpressions;

namespace Backfill.Engine.Connections.Settings;

/// <summary>
/// What no setting can hold and many get: quotes of a .env file, a placeholder, a line end. Named before anything is tried.
/// </summary>
internal static partial class SettingText
{
    private const string Quotes = "\"'`\u2018\u2019\u201C\u201D\u00AB\u00BB";

    public static string? ApiUrl(string? text) => Check(text, "-ApiUrl (SUPABASE_URL)", "ApiUrlInvalid");

    public static string? ServiceRoleKey(string? text) =>
        Check(text, "-ServiceRoleKey (SUPABASE_SERVICE_ROLE_KEY)", "ServiceRoleKeyInvalid");

    public static string? AnonKey(string? text) => Check(text, "-AnonKey (SUPABASE_ANON_KEY)", "AnonKeyInvalid");

    public static string? DatabaseUrl(string? text) => Check(text, "-DatabaseUrl (SUPABASE_DB_URL)", "DatabaseUrlInvalid");

    public static string? ProjectRef(string? text) => Check(text, "-ProjectRef", "ProjectRefInvalid");

    /// <summary>The text as it is; what is only blank is missing, and told so elsewhere. No message repeats any of it.</summary>
    private static string? Check(string? text, string setting, string code)
    {
        if (string.IsNullOrWhiteSpace(text))
            return text;
        if (char.IsWhiteSpace(text[0]))
            throw Refuse($"{setting} begins with a blank or a line end. Remove it.");
        if (char.IsWhiteSpace(text[^1]))
            throw Refuse($"{setting} ends with a blank or a line end. Remove it: Get-Content -Raw and some secret stores leave one.");
        if (Quotes.Contains(text[0], StringComparison.Ordinal) || Quotes.Contains(text[^1], StringComparison.Ordinal))
            throw Refuse(
                $"{setting} begins or ends with a quotation mark. Remove the quotes: in some .env files they belong to the value.");
        if (IsPlaceholder(text))
            throw Refuse($"{setting} still holds a placeholder, such as [YOUR-PASSWORD]. Put the real value in its place.");
        return text;

        BackfillException Refuse(string what) => new(code, BackfillErrorKind.InvalidInput, what);
    }

    private static bool IsPlaceholder(string text) =>
        text.Contains("...", StringComparison.Ordinal) || text.Contains('\u2026', StringComparison.Ordinal)
        || Placeholder().IsMatch(text) || Placeholder().IsMatch(Uri.UnescapeDataString(text)) || Variable().IsMatch(text);

    /// <summary>A whole part of an address, or all of a key: in brackets with a word that says so, or <c>your-…</c>.</summary>
    [GeneratedRegex(
        """
        (?:^|[:/.@])
        (?: [\[<{(] [^\]>})@/]* (?<![a-z0-9])(?:your|password|project|ref|key|host|region|user|secret|token|insert|replace|x{3,})(?![a-z0-9]) [^\]>})@/]* [\]>})]
          | your[-_\x20](?:[a-z]+[-_\x20])*(?:password|pass|project|ref|id|key|url|host|token|secret|supabase|db|database)
          | (?:project[-_]ref|x{8,})
        )
        (?=[:/.@?]|$)
        """,
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Placeholder();

    /// <summary>A variable that nobody has filled in: <c>${NAME}</c>, <c>{{name}}</c>, <c>$env:NAME</c>.</summary>
    [GeneratedRegex("""^(?:\$env:\w+|\$[A-Z_]{4,})$|\$\{\w+\}|\{\{[^{}]+\}\}""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}
