using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Connections;

/// <summary>A database that has been reached, and the project it is taken for.</summary>
internal sealed record TargetPlace(ServerFacts Facts, ProjectIdentity Identity, string ProjectRef)
{
    private const string UnknownCluster = "project:";

    /// <summary>Whether the cluster is told by the project's name alone, for want of a right.</summary>
    public bool HasDoubtfulCluster => Facts.SystemIdentifier is null;

    /// <summary>What a ledger here writes down of the cluster: its identifier, or the project where the role can't read that.</summary>
    public string Cluster => Facts.SystemIdentifier ?? UnknownCluster + ProjectRef;

    /// <summary>Whether a ledger was installed by a role that could not read the cluster's identifier.</summary>
    public static bool IsUnknownCluster(string identifier) => identifier.StartsWith(UnknownCluster, StringComparison.Ordinal);

    /// <summary>What stands against using the database at all; null where nothing does.</summary>
    public BackfillException? Refusal()
    {
        if (Facts.Major < ServerFacts.OldestMajor)
        {
            return new(
                "ServerTooOld",
                BackfillErrorKind.Refused,
                $"The database runs PostgreSQL {Facts.Version}; {ServerFacts.OldestMajor} or newer is needed. Upgrade the project (infrastructure settings).",
                ProjectRef);
        }

        if (Facts.IsReplica)
        {
            return new(
                "DatabaseReadOnly",
                BackfillErrorKind.Refused,
                "The database is a read replica, and a ledger has to be written. Name the primary in -DatabaseUrl (SUPABASE_DB_URL).",
                ProjectRef);
        }

        if (Facts.MissingTables.Count > 0)
        {
            return new(
                "TablesMissing",
                BackfillErrorKind.NotFound,
                $"Database '{Facts.Database}' lacks {string.Join(", ", Facts.MissingTables)}. Check that -DatabaseUrl (SUPABASE_DB_URL) is the project's, and that its migrations have run.",
                ProjectRef);
        }

        return Facts.SystemIdentifier is null && Identity.OfDatabase is null
            ? new(
                "SystemIdentifierUnreadable",
                BackfillErrorKind.Permission,
                $"Role '{Facts.Role}' can't call pg_catalog.pg_control_system(), so this database can't be told from a copy. "
                + $"Have a superuser run: GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO {QuotedRole}",
                ProjectRef)
            : null;
    }

    /// <summary>What is known of the target, with the ledger if it is the target's own.</summary>
    public TargetIdentity ToIdentity(ConnectionSettings settings, LedgerInstall? install) => new(
        install?.Environment,
        settings.ApiUrl,
        ProjectRef,
        settings.DatabaseUri.ToString(),
        Facts.Database,
        Facts.Version,
        install?.InstallId,
        // The ledger's word, so that the fingerprint is the same for every role: not each can read the identifier.
        install?.SystemIdentifier ?? Cluster,
        Facts.DatabaseOid,
        install is { IsSandbox: true } && settings.IsLocal);

    /// <summary>What is known of a target that is only measured; its label is the operator's word where no ledger gives one.</summary>
    public TargetIdentity ToMeasured(ConnectionSettings settings, LedgerInstall? install, BackfillEnvironment environment) =>
        ToIdentity(settings, install) with
        {
            Environment = install?.Environment ?? environment,
            MeasuresOnly = true,
            IsLabelGiven = install is null,
        };

    private string QuotedRole => $"\"{Facts.Role.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
