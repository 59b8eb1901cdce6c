using System.Globalization;

namespace Backfill.Engine.Connections.Settings;

/// <summary>A <c>postgresql://</c> URI, taken apart. No error of it repeats any of its text but a parameter's name.</summary>
/// <remarks>Npgsql reads its own key=value form only, and <see cref="Uri"/> changes and refuses passwords that libpq takes.</remarks>
internal sealed class PostgresUri
{
    private const string Form = "postgresql://user:password@host:5432/database";

    private PostgresUri(string user, string password, string host, int port, string database, PostgresUriParameters parameters)
    {
        User = user;
        Password = password;
        Host = host;
        Port = port;
        Database = database;
        Parameters = parameters;
    }

    public string User { get; }

    public string Password { get; }

    /// <summary>The host; an IPv6 address without its brackets.</summary>
    public string Host { get; }

    public int Port { get; }

    public string Database { get; }

    public PostgresUriParameters Parameters { get; }

    public static PostgresUri Parse(string text)
    {
        text = text.Trim();
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || text[..scheme].ToLowerInvariant() is not ("postgresql" or "postgres"))
            throw Invalid($"it must begin with postgresql://, in the form {Form}");
        var rest = text[(scheme + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        var authority = end < 0 ? rest : rest[..end];
        var tail = end < 0 ? "" : rest[end..];
        // A password with a raw '/', '?' or '#' splits here; what follows is password, and must not be named.
        if (tail.Contains('@', StringComparison.Ordinal) || tail.Contains('#', StringComparison.Ordinal))
            throw Invalid("in user name and password, write '/', '?', '#' and '@' as %2F, %3F, %23 and %40");

        // The last '@': a host can't hold one, a password may.
        var at = authority.LastIndexOf('@');
        if (at < 0)
            throw Invalid($"it names no user; write it as {Form}");
        var (user, password) = ReadUser(authority[..at]);
        var (host, port) = ReadHost(authority[(at + 1)..]);
        var query = tail.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? tail : tail[..query];
        var database = Decode(path.Length > 0 ? path[1..] : "", "database name");
        if (database.Length == 0)
            throw Invalid($"it names no database; write it as {Form}, and on Supabase the database is 'postgres'");
        if (user.Any(char.IsControl) || database.Any(char.IsControl))
            throw Invalid("the user or database name holds a control character, such as a line end: remove it");
        return new(user, password, host, port, database, PostgresUriParameters.Parse(query < 0 ? "" : tail[(query + 1)..]));
    }

    /// <summary>Host and port, nothing else.</summary>
    public override string ToString() => Host.Contains(':', StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    internal static BackfillException Invalid(string what) => new(
        "DatabaseUrlInvalid",
        BackfillErrorKind.InvalidInput,
        $"-DatabaseUrl (SUPABASE_DB_URL) can't be used: {what}.");

    internal static string Decode(string text, string part) => PercentText.TryDecode(text, out var decoded)
        ? decoded
        : throw Invalid($"the {part} is not percent-encoded well; write a '%' of its own as %25");

    private static (string User, string Password) ReadUser(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var user = Decode(colon < 0 ? text : text[..colon], "user name");
        if (user.Length == 0)
            throw Invalid($"it names no user; write it as {Form}");
        return (user, colon < 0 ? "" : Decode(text[(colon + 1)..], "password"));
    }

    private static (string Host, int Port) ReadHost(string text)
    {
        var bracket = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) : -1;
        var colon = text.IndexOf(':', Math.Max(0, bracket));
        var host = Decode(colon < 0 ? text : text[..colon], "host");
        if (bracket > 0)
            host = host.Length == bracket + 1 && System.Net.IPAddress.TryParse(host[1..bracket], out _) ? host[1..bracket] : "";
        else if (!host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
            throw Invalid("name one host; sockets and lists of hosts are not supported, and an IPv6 address needs [brackets]");
        if (host.Length == 0)
            throw Invalid($"it names no host; write it as {Form}");
        if (colon < 0 || colon == text.Length - 1)
            return (host, 5432);
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= 65535
            ? (host, port)
            : throw Invalid("the port must be a number from 1 to 65535; an IPv6 address needs [brackets]");
    }
}
