namespace Backfill.Engine.Connections.Settings;

/// <summary>For whom a key speaks.</summary>
internal enum ProjectKeyRole
{
    /// <summary>The service: past every policy.</summary>
    Service,

    /// <summary>Anybody.</summary>
    Anonymous,

    /// <summary>A legacy key with another role.</summary>
    Other,
}

/// <summary>A key of a Supabase project: a legacy JWT, or an opaque one. Its text form never holds the key.</summary>
internal sealed class ProjectKey
{
    private ProjectKey(string value, ProjectKeyRole role, string? projectRef, DateTimeOffset? expiresAt, bool isLegacy)
    {
        Value = value;
        Role = role;
        ProjectRef = projectRef;
        ExpiresAt = expiresAt;
        IsLegacy = isLegacy;
    }

    /// <summary>The secret itself, for a header.</summary>
    public string Value { get; }

    public ProjectKeyRole Role { get; }

    /// <summary>The project it names; opaque keys name none.</summary>
    public string? ProjectRef { get; }

    public DateTimeOffset? ExpiresAt { get; }

    public bool IsLegacy { get; }

    /// <summary>Reads a key; null where it is none.</summary>
    public static ProjectKey? TryParse(string text)
    {
        text = text.Trim();
        // The length bound keeps a file pasted by mistake out of a header.
        if (text.Length is 0 or > 4096 || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
            return null;
        if (IsOpaque(text, "sb_secret_"))
            return new(text, ProjectKeyRole.Service, null, null, isLegacy: false);
        if (IsOpaque(text, "sb_publishable_"))
            return new(text, ProjectKeyRole.Anonymous, null, null, isLegacy: false);
        if (KeyPayload.TryRead(text) is not { } payload)
            return null;
        var role = payload.Role switch
        {
            "service_role" => ProjectKeyRole.Service,
            "anon" => ProjectKeyRole.Anonymous,
            _ => ProjectKeyRole.Other,
        };
        return new(text, role, payload.ProjectRef, payload.ExpiresAt, isLegacy: true);
    }

    /// <summary>The service key, or what is wrong with it.</summary>
    public static ProjectKey RequireService(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new BackfillException(
                "ServiceRoleKeyMissing",
                BackfillErrorKind.InvalidInput,
                "The service role's key is missing. Give -ServiceRoleKey, or set SUPABASE_SERVICE_ROLE_KEY (project settings, API keys).");
        }

        var key = TryParse(text) ?? throw new BackfillException(
            "ServiceRoleKeyInvalid",
            BackfillErrorKind.InvalidInput,
            "-ServiceRoleKey (SUPABASE_SERVICE_ROLE_KEY) is neither a JWT of three parts nor begins with sb_secret_. "
            + "Copy the whole key again (project settings, API keys).");
        return key.Role == ProjectKeyRole.Service ? key : throw new BackfillException(
            "ServiceRoleKeyWrongRole",
            BackfillErrorKind.InvalidInput,
            $"-ServiceRoleKey (SUPABASE_SERVICE_ROLE_KEY) is {key}, not a service role's key. "
            + "Take the one named service_role, or one that begins with sb_secret_ (project settings, API keys).");
    }

    /// <summary>The anonymous key if one was given, or what is wrong with it.</summary>
    public static ProjectKey? ReadAnonymous(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var key = TryParse(text) ?? throw new BackfillException(
            "AnonKeyInvalid",
            BackfillErrorKind.InvalidInput,
            "-AnonKey (SUPABASE_ANON_KEY) is neither a JWT of three parts nor begins with sb_publishable_. "
            + "Copy the whole key again (project settings, API keys).");
        return key.Role == ProjectKeyRole.Anonymous ? key : throw new BackfillException(
            "AnonKeyWrongRole",
            BackfillErrorKind.InvalidInput,
            $"-AnonKey (SUPABASE_ANON_KEY) is {key}, not an anonymous key. "
            + "Take the one named anon, or one that begins with sb_publishable_ (project settings, API keys).");
    }

    /// <summary>What kind of key it is.</summary>
    public override string ToString() => Role switch
    {
        ProjectKeyRole.Service => "a service key",
        ProjectKeyRole.Anonymous => "an anonymous (publishable) key",
        _ => "a JWT of another role",
    };

    private static bool IsOpaque(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) && text.Length >= prefix.Length + 8
        && !text.Contains('.', StringComparison.Ordinal);
}
