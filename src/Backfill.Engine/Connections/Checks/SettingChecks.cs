using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Connections.Checks;

/// <summary>What can be told without asking anybody: keys, and whether everything names one project.</summary>
internal static class SettingChecks
{
    public static BackfillCheck ServiceKey(Part<ProjectKey> key, TimeProvider time) =>
        key.Error is { } error ? CheckFailure.Of("ServiceRoleKey", error) : Key("ServiceRoleKey", key.Value!, "service_role", time);

    public static BackfillCheck AnonymousKey(Part<ProjectKey> key, TimeProvider time) =>
        key.Error is { } error ? CheckFailure.Of("AnonKey", error)
        : key.Value is { } value ? Key("AnonKey", value, "anon", time)
        : BackfillCheck.Warn(
            "AnonKey", "No anonymous key was given.", "Give -AnonKey, or set SUPABASE_ANON_KEY; only checks of shared profiles need it.");

    public static BackfillCheck Project(Part<Uri> api, Part<PostgresUri> database, Part<ProjectIdentity> identity)
    {
        if ((api.Error ?? identity.Error) is { } error)
            return CheckFailure.Of("Project", error);
        try
        {
            var project = identity.Value!.Require();
            var words = $"{project}, after {string.Join(", ", identity.Value.Claims.Select(c => c.Source))}.";
            if (identity.Value.VanityHost is { } vanity)
                words += $" -ProjectRef decides: {vanity} is taken for a vanity subdomain of it.";
            return database.Value is not null && identity.Value.OfDatabase is null
                ? BackfillCheck.Pass("Project", $"{words} The database's address names no project; its ledger does.")
                : BackfillCheck.Pass("Project", words);
        }
        catch (BackfillException e)
        {
            return CheckFailure.Of("Project", e);
        }
    }

    private static BackfillCheck Key(string name, ProjectKey key, string role, TimeProvider time)
    {
        if (key.ExpiresAt < time.GetUtcNow())
            return BackfillCheck.Fail(name, $"The key expired at {key.ExpiresAt:u}.", "Take a new one (project settings, API keys).");
        var kind = key.IsLegacy ? "a legacy JWT" : "an opaque key";
        return BackfillCheck.Pass(
            name, $"{role}, {kind}, {(key.ProjectRef is { } project ? $"of project {project}" : "which names no project")}.");
    }
}
