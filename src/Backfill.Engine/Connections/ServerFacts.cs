namespace Backfill.Engine.Connections;

/// <summary>What one round trip told about a database.</summary>
/// <param name="VersionNumber">For example 150008.</param>
/// <param name="Version">For example <c>15.8</c>.</param>
/// <param name="Database">Its name.</param>
/// <param name="DatabaseOid">Its oid.</param>
/// <param name="Role">Whom we are there.</param>
/// <param name="IsReplica">Whether it takes no writes.</param>
/// <param name="MissingTables">Tables of the system that are not there.</param>
/// <param name="SystemIdentifier">The cluster's identifier; null where the role may not read it.</param>
internal sealed record ServerFacts(
    int VersionNumber,
    string Version,
    string Database,
    long DatabaseOid,
    string Role,
    bool IsReplica,
    IReadOnlyList<string> MissingTables,
    string? SystemIdentifier)
{
    /// <summary>The oldest version that the target system is known to run on.</summary>
    public const int OldestMajor = 15;

    public int Major => VersionNumber / 10000;
}
