using Backfill.Engine.Profiles;
using Npgsql;

namespace Backfill.Engine.Connections.Settings;

/// <summary>Options that have been read and found to fit together. Nothing has been opened.</summary>
internal sealed class ConnectionSettings
{
    private ConnectionSettings(ConnectionOptions options, bool measuresOnly)
    {
        Options = options;
        Map = TargetMap.Read(options.TargetProfile);
        ApiUrl = ApiAddress.Parse(SettingText.ApiUrl(options.ApiUrl));
        ServiceKey = measuresOnly && string.IsNullOrWhiteSpace(options.ServiceRoleKey) ? null
            : ProjectKey.RequireService(SettingText.ServiceRoleKey(options.ServiceRoleKey));
        AnonymousKey = ProjectKey.ReadAnonymous(SettingText.AnonKey(options.AnonKey));
        DatabaseUri = ReadDatabaseUri(options.DatabaseUrl);
        Database = DatabaseSettings.From(DatabaseUri);
        Identity = ProjectIdentity.Of(ApiUrl, ServiceKey, AnonymousKey, DatabaseUri, SettingText.ProjectRef(options.ProjectRef));
        ProjectRef = Identity.Require();
    }

    public ConnectionOptions Options { get; }

    /// <summary>How what is known by name lies there.</summary>
    public TargetMap Map { get; }

    public Uri ApiUrl { get; }

    /// <summary>Null only where nothing but measuring is meant: who measures need not hold the key to everything.</summary>
    public ProjectKey? ServiceKey { get; }

    public ProjectKey? AnonymousKey { get; }

    public PostgresUri DatabaseUri { get; }

    public NpgsqlConnectionStringBuilder Database { get; }

    public ProjectIdentity Identity { get; }

    public string ProjectRef { get; }

    /// <summary>Whether API and database both lie on this machine.</summary>
    public bool IsLocal => Loopback.Is(ApiUrl.Host) && Loopback.Is(DatabaseUri.Host);

    public static ConnectionSettings Read(ConnectionOptions options, bool measuresOnly = false) => new(options, measuresOnly);

    public static PostgresUri ReadDatabaseUri(string? text) => string.IsNullOrWhiteSpace(text)
        ? throw new BackfillException(
            "DatabaseUrlMissing",
            BackfillErrorKind.InvalidInput,
            "The database's address is missing. Give -DatabaseUrl, or set SUPABASE_DB_URL: a postgresql:// URI from the project's Connect page, direct or through a pooler.")
        : PostgresUri.Parse(SettingText.DatabaseUrl(text)!);
}
