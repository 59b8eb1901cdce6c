namespace Backfill.Engine.Connections;

/// <summary>What is known of a target once it has been reached.</summary>
/// <param name="Environment">The ledger's label, or null where no ledger is installed.</param>
/// <param name="ApiUrl">The API's address.</param>
/// <param name="ProjectRef">The project.</param>
/// <param name="DatabaseHost">Host and port.</param>
/// <param name="Database">The database's name.</param>
/// <param name="ServerVersion">PostgreSQL's version.</param>
/// <param name="InstallId">The ledger's uuid, or null where no ledger is installed.</param>
/// <param name="SystemIdentifier">The cluster's identifier, from <c>pg_control_system()</c>.</param>
/// <param name="DatabaseOid">The database's oid.</param>
/// <param name="IsSandbox">Whether the ledger marks it as a sandbox and it lies on this machine.</param>
public sealed record TargetIdentity(
    BackfillEnvironment? Environment,
    Uri ApiUrl,
    string ProjectRef,
    string DatabaseHost,
    string Database,
    string ServerVersion,
    Guid? InstallId,
    string SystemIdentifier,
    long DatabaseOid,
    bool IsSandbox)
{
    /// <summary>Whether it was opened for measuring only, without the ledger.</summary>
    public bool MeasuresOnly { get; init; }

    /// <summary>Whether the label is the operator's word: the ledger was not there, or could not be read.</summary>
    public bool IsLabelGiven { get; init; }

    /// <summary>Ledger uuid, cluster identifier and database oid.</summary>
    public string Fingerprint => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{InstallId?.ToString() ?? "none"}/{SystemIdentifier}/{DatabaseOid}");
}
