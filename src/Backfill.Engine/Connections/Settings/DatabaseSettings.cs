using Npgsql;

namespace Backfill.Engine.Connections.Settings;

/// <summary>How Npgsql is set up: nothing that a transaction pooler would lose, and TLS wherever the line leaves this machine.</summary>
internal static class DatabaseSettings
{
    /// <summary>The most connections one process opens; Supabase's smallest pooler grants 200 clients.</summary>
    public const int MaxPoolSize = 64;

    /// <summary>Everything but the password, which is kept out of every connection string.</summary>
    public static NpgsqlConnectionStringBuilder From(PostgresUri uri) => new()
    {
        Host = uri.Host,
        Port = uri.Port,
        Username = uri.User,
        Database = uri.Database,
        ApplicationName = uri.Parameters.ApplicationName,
        Timeout = (int)uri.Parameters.ConnectTimeout.TotalSeconds,
        CommandTimeout = 60,
        KeepAlive = 30,
        MaxPoolSize = MaxPoolSize,
        // Named statements live in one server connection, and a transaction pooler changes it under us. Where a connection is proved
        // direct, LedgerBatch prepares what is run for each session.
        MaxAutoPrepare = 0,
        // DISCARD ALL would reach whichever server connection comes next.
        NoResetOnClose = true,
        Multiplexing = false,
        Enlist = false,
        PersistSecurityInfo = false,
        // Details quote the values of rows: personal data.
        IncludeErrorDetail = false,
        LogParameters = false,
        // Supabase offers none; asking costs a round trip a connection.
        GssEncryptionMode = GssEncryptionMode.Disable,
        // Npgsql would take these from PGCLIENTENCODING, PGTZ, PGOPTIONS and PGSSLNEGOTIATION: from whatever else the operator works on.
        // What is left to the environment decides whether a connection is made (PGPASSFILE, PGSSLCERT, …), never what it means; the
        // help of Connect-Backfill lists it.
        ClientEncoding = "UTF8",
        Timezone = "UTC",
        Options = NoOptions,
        SslNegotiation = SslNegotiation.Postgres,
        SslMode = Tls(uri),
        RootCertificate = RootCertificate(uri.Parameters),
    };

    /// <summary>
    /// A blank is an option that sets nothing, and keeps PGOPTIONS away. Poolers may refuse any options, so there are none where there
    /// is nothing to keep away.
    /// </summary>
    private static string? NoOptions => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("PGOPTIONS")) ? null : " ";

    private static SslMode Tls(PostgresUri uri)
    {
        var asked = uri.Parameters.SslMode;
        if (Loopback.Is(uri.Host))
            return asked ?? SslMode.Prefer;
        return asked switch
        {
            SslMode.Disable => throw new BackfillException(
                "DatabaseTlsRequired",
                BackfillErrorKind.Refused,
                $"-DatabaseUrl (SUPABASE_DB_URL) says sslmode=disable, but {uri} is not this machine, and the password would cross the network. Remove sslmode=disable; TLS is then required.",
                uri.ToString()),
            SslMode.VerifyCA or SslMode.VerifyFull => asked.Value,
            // As libpq reads it: 'require' with certificates to trust means that they are checked.
            SslMode.Require when RootCertificate(uri.Parameters) is not null => SslMode.VerifyCA,
            _ => SslMode.Require,
        };
    }

    private static string? RootCertificate(PostgresUriParameters parameters)
    {
        var path = parameters.RootCertificate;
        if (path is null)
            return null;
        // libpq's word for the certificates that this machine trusts: what Npgsql takes where no file is named.
        if (path == "system")
        {
            return parameters.SslMode == SslMode.VerifyFull
                ? null
                : throw PostgresUri.Invalid("sslrootcert=system needs sslmode=verify-full: add it, or leave sslrootcert out");
        }

        return File.Exists(path)
            ? path
            : throw PostgresUri.Invalid("the file that sslrootcert names is not there; download the project's certificate (Database settings, SSL) and name its path");
    }
}
