using Backfill.Connections;

namespace Backfill;

/// <summary>An open connection to one target: its database and its edge functions.</summary>
/// <remarks>Holds no secret in any property; the text form names the target only.</remarks>
public sealed class BackfillConnection
{
    internal BackfillConnection(TargetIdentity identity, ITarget target)
    {
        Identity = identity;
        Target = target;
    }

    /// <summary>
    /// What the target's ledger says it is; before a ledger is installed there is none. Of a connection that only measures, it
    /// may be the operator's word.
    /// </summary>
    public BackfillEnvironment? Environment => Identity.Environment;

    /// <summary>The address of the project's API, without a trailing slash.</summary>
    public Uri ApiUrl => Identity.ApiUrl;

    /// <summary>The project: the first label of the API host, or what <c>-ProjectRef</c> named.</summary>
    public string ProjectRef => Identity.ProjectRef;

    /// <summary>Host and port of the database.</summary>
    public string DatabaseHost => Identity.DatabaseHost;

    /// <summary>The database's name.</summary>
    public string Database => Identity.Database;

    /// <summary>PostgreSQL's version, for example <c>15.8</c>.</summary>
    public string ServerVersion => Identity.ServerVersion;

    /// <summary>Ledger uuid, cluster identifier and database oid, joined by <c>/</c>: the same through any pooler.</summary>
    public string Fingerprint => Identity.Fingerprint;

    /// <summary>Whether the target is a disposable sandbox.</summary>
    public bool IsSandbox => Identity.IsSandbox;

    /// <summary>Whether it only measures: the ledger is out of its reach, and nothing can be run or undone through it.</summary>
    public bool MeasuresOnly => Identity.MeasuresOnly;

    /// <summary>Whether <c>Disconnect-Backfill</c> has closed it.</summary>
    public bool IsClosed { get; internal set; }

    internal TargetIdentity Identity { get; set; }

    internal ITarget Target { get; }

    /// <summary>Environment and project.</summary>
    /// <returns>For example <c>Staging abcdefghijklmnopqrst</c>.</returns>
    public override string ToString() =>
        $"{Environment?.ToString() ?? "(no ledger)"} {ProjectRef}{(MeasuresOnly ? " (measuring only)" : "")}";
}
