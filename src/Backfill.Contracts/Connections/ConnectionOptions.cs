namespace Backfill;

/// <summary>Where a target is and what opens it. Never printed: its text names the API's host only.</summary>
public sealed class ConnectionOptions
{
    /// <summary>The project's API, for example <c>https://abcdefghijklmnopqrst.supabase.co</c>.</summary>
    public string? ApiUrl { get; init; }

    /// <summary>The service role's key: a JWT, or <c>sb_secret_…</c>.</summary>
    public string? ServiceRoleKey { get; init; }

    /// <summary>The anonymous key: a JWT, or <c>sb_publishable_…</c>. Needed by checks only.</summary>
    public string? AnonKey { get; init; }

    /// <summary>The database: a <c>postgresql://</c> URI, direct or through a pooler.</summary>
    public string? DatabaseUrl { get; init; }

    /// <summary>The project, where the API's host does not name it.</summary>
    public string? ProjectRef { get; init; }

    /// <summary>A file that says what tables, columns and functions the target has, as a full path; null for the known system.</summary>
    public string? TargetProfile { get; init; }

    /// <summary>
    /// How commands that are shown name the connection after <c>-Connection</c>; null while it's the only one, so that they need no name.
    /// Asked whenever a command is shown: connections come and go.
    /// </summary>
    public Func<BackfillConnection, string?>? NameInCommands { get; init; }

    /// <summary>The API's host.</summary>
    /// <returns>Never a secret.</returns>
    public override string ToString() =>
        Uri.TryCreate(ApiUrl, UriKind.Absolute, out var uri) ? uri.Host : "(no API address)";
}
