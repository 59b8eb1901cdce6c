using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Connections;

/// <summary>One source's word on which project it belongs to.</summary>
/// <param name="Source">In words, for a message.</param>
/// <param name="ProjectRef">The project it names.</param>
internal sealed record ProjectClaim(string Source, string ProjectRef);

/// <summary>Which project API, keys and database say they are of. They must all say the same.</summary>
internal sealed class ProjectIdentity
{
    /// <summary>How long the name is that the platform gives a project: letters a to z only.</summary>
    private const int RefLength = 20;

    /// <summary>What a load balancer's host adds to the project's name.</summary>
    private const string LoadBalancer = "-all";

    private ProjectIdentity(IReadOnlyList<ProjectClaim> claims, string? ofDatabase, string? vanityHost)
    {
        Claims = claims;
        OfDatabase = ofDatabase;
        VanityHost = vanityHost;
    }

    public IReadOnlyList<ProjectClaim> Claims { get; }

    /// <summary>The project that the database's own address names; null for a custom or loopback host.</summary>
    public string? OfDatabase { get; }

    /// <summary>The API's host, where its name is not the project's and <c>-ProjectRef</c> decides; else null.</summary>
    public string? VanityHost { get; }

    /// <summary>The project; null where nobody names one, or not all the same.</summary>
    public string? Agreed => Claims.Select(c => c.ProjectRef).Distinct(StringComparer.Ordinal).ToList() is [var one] ? one : null;

    public static ProjectIdentity Of(Uri? api, ProjectKey? service, ProjectKey? anonymous, PostgresUri? database, string? projectRef)
    {
        var (named, ofApi) = (OfParameter(projectRef), api is null ? null : OfApi(api));
        // A vanity subdomain is any name; only one in the form of a project's could be another project's.
        var isVanity = named is not null && ofApi is not null && ofApi != named && !IsPlatformRef(ofApi);
        List<(string Source, string? Ref)> words =
        [
            ("-ProjectRef", named),
            ("the API address", isVanity ? null : ofApi),
            ("the service key", service?.ProjectRef),
            ("the anonymous key", anonymous?.ProjectRef),
            ("the database host", database is null ? null : OfHost(database.Host)),
            ("the database user", database is null ? null : OfPoolerUser(database)),
        ];
        var claims = words.Where(w => w.Ref is not null && IsRef(w.Ref)).Select(w => new ProjectClaim(w.Source, w.Ref!)).ToList();
        return new(claims, words[^2].Ref ?? words[^1].Ref, isVanity ? api!.Host : null);
    }

    /// <summary>The project; an error where they differ or none names one.</summary>
    public string Require()
    {
        if (Agreed is { } project)
            return project;
        if (Claims.Count > 0)
        {
            throw new BackfillException(
                "ProjectMismatch",
                BackfillErrorKind.Refused,
                $"API, keys and database are not of one project: {this}. {Remedy()}");
        }

        throw new BackfillException(
            "ProjectRefMissing",
            BackfillErrorKind.InvalidInput,
            "Neither the API address nor a key nor the database's address names the project. Name it with -ProjectRef.");
    }

    /// <summary>An API address that alone says something else, and not in a project's form, may be a vanity subdomain.</summary>
    private string Remedy() =>
        Claims.FirstOrDefault(c => c.Source == "the API address") is { } api && !IsPlatformRef(api.ProjectRef)
            && Claims.Where(c => c != api).Select(c => c.ProjectRef).Distinct(StringComparer.Ordinal).ToList() is [var others]
            ? $"If {api.ProjectRef} is a vanity subdomain of project {others}, give -ProjectRef {others}. "
                + "Otherwise take all settings from one project."
            : "Take all settings from one project.";

    /// <summary>Who says what.</summary>
    /// <returns>For example <c>the API address says abc, the service key says xyz</c>.</returns>
    public override string ToString() => string.Join(", ", Claims.Select(c => $"{c.Source} says {c.ProjectRef}"));

    /// <summary>Anything else is no project's name, and might be a secret in the wrong place.</summary>
    private static bool IsRef(string text) =>
        text.Length is > 0 and <= 63 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    private static string? OfParameter(string? text) =>
        string.IsNullOrWhiteSpace(text) ? null
        : IsRef(text.Trim()) ? text.Trim()
        : throw new BackfillException(
            "ProjectRefInvalid",
            BackfillErrorKind.InvalidInput,
            "-ProjectRef is no project's name: that is the first label of the API's host, lower-case letters and digits.");

    /// <summary>The first label of the host; of a load balancer's, the project before <c>-all</c>.</summary>
    private static string? OfApi(Uri api)
    {
        var label = Label(api.Host, ".supabase.co") ?? Label(api.Host, ".supabase.in");
        return label is not null && label.EndsWith(LoadBalancer, StringComparison.Ordinal) && IsPlatformRef(label[..^LoadBalancer.Length])
            ? label[..^LoadBalancer.Length]
            : label;
    }

    private static bool IsPlatformRef(string text) => text.Length == RefLength && text.All(char.IsAsciiLetterLower);

    private static string? OfHost(string host) =>
        !host.StartsWith("db.", StringComparison.OrdinalIgnoreCase) ? null
            : Label(host[3..], ".supabase.co") ?? Label(host[3..], ".supabase.in");

    /// <summary>A shared pooler tells projects apart by the user's name: <c>postgres.ref</c>.</summary>
    private static string? OfPoolerUser(PostgresUri database)
    {
        var dot = database.User.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && dot < database.User.Length - 1 && PoolerHost.IsShared(database.Host) ? database.User[(dot + 1)..] : null;
    }

    private static string? Label(string host, string domain) =>
        host.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && host[..^domain.Length] is { Length: > 0 } label
            && !label.Contains('.', StringComparison.Ordinal)
            ? label.ToLowerInvariant()
            : null;
}
