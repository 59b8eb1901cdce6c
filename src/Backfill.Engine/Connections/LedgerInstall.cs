namespace Backfill.Engine.Connections;

/// <summary>The one row of <c>backfill.install</c>.</summary>
/// <param name="Environment">The label.</param>
/// <param name="InstallId">The ledger's uuid.</param>
/// <param name="SystemIdentifier">The cluster it was installed in.</param>
/// <param name="DatabaseOid">The database it was installed in.</param>
/// <param name="ProjectRef">The project it was installed for.</param>
/// <param name="IsSandbox">Whether it marks a sandbox.</param>
/// <param name="SchemaVersion">The newest migration that has run.</param>
public sealed record LedgerInstall(
    BackfillEnvironment Environment,
    Guid InstallId,
    string SystemIdentifier,
    long DatabaseOid,
    string ProjectRef,
    bool IsSandbox,
    int SchemaVersion);
