using System.Globalization;
using Npgsql;

namespace Backfill.Engine.Connections.Settings;

/// <summary>What may follow the <c>?</c> of a database URI. Anything else is refused by its name.</summary>
/// <param name="SslMode">How the URI wants TLS; null where it does not say.</param>
/// <param name="RootCertificate">A file of certificates to trust; null for those of this machine.</param>
/// <param name="ConnectTimeout">How long to wait for a connection.</param>
/// <param name="ApplicationName">What the server shows for us.</param>
internal sealed record PostgresUriParameters(
    SslMode? SslMode, string? RootCertificate, TimeSpan ConnectTimeout, string ApplicationName)
{
    private static readonly PostgresUriParameters Default =
        new(null, null, TimeSpan.FromSeconds(15), "Backfill.PowerShell");

    public static PostgresUriParameters Parse(string query)
    {
        var result = Default;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var name = PostgresUri.Decode(equals < 0 ? pair : pair[..equals], "name of a parameter");
            var value = PostgresUri.Decode(equals < 0 ? "" : pair[(equals + 1)..], "value of a parameter");
            if (!seen.Add(name))
                throw PostgresUri.Invalid($"the parameter {Quote(name)} is there twice: remove one");
            result = result.With(name, value);
        }

        return result;
    }

    private PostgresUriParameters With(string name, string value) => name switch
    {
        "sslmode" => this with { SslMode = ReadSslMode(value) },
        "sslrootcert" => this with { RootCertificate = value.Length > 0 ? value : null },
        "connect_timeout" => this with { ConnectTimeout = ReadTimeout(value) },
        "application_name" => this with { ApplicationName = ReadName(value) },
        // A mark that some tools want there for a transaction pooler. We always behave as if it were.
        "pgbouncer" => this,
        "options" => throw PostgresUri.Invalid(
            "the parameter 'options' sets session state, which does not survive a transaction pooler; remove it"),
        _ => throw PostgresUri.Invalid(
            $"the parameter {Quote(name)} is not supported; remove it. Supported are sslmode, sslrootcert, connect_timeout, application_name and pgbouncer"),
    };

    private static SslMode ReadSslMode(string value) => value switch
    {
        "disable" => Npgsql.SslMode.Disable,
        "allow" => Npgsql.SslMode.Allow,
        "prefer" => Npgsql.SslMode.Prefer,
        "require" => Npgsql.SslMode.Require,
        "verify-ca" => Npgsql.SslMode.VerifyCA,
        "verify-full" => Npgsql.SslMode.VerifyFull,
        _ => throw PostgresUri.Invalid("sslmode must be disable, allow, prefer, require, verify-ca or verify-full"),
    };

    private static TimeSpan ReadTimeout(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 300
            ? TimeSpan.FromSeconds(seconds)
            : throw PostgresUri.Invalid("connect_timeout must be a number of seconds from 1 to 300");

    private static string ReadName(string value) =>
        value.Length is > 0 and < 64 && value.All(c => c is >= ' ' and <= '~')
            ? value
            : throw PostgresUri.Invalid("application_name must be 1 to 63 printable ASCII characters");

    /// <summary>A name is repeated only if it looks like one: it might be part of a password written without encoding.</summary>
    private static string Quote(string name) =>
        name.Length is > 0 and <= 32 && name.All(c => char.IsAsciiLetterLower(c) || c == '_') ? $"'{name}'" : "(no plain name)";
}
