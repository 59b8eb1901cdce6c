namespace Backfill;

/// <summary>An open connection to one target: its database and its edge functions.</summary>
/// <remarks>Holds no secret in any property; the text form names the target only.</remarks>
public sealed class BackfillConnection
{
    private readonly IConnectedTarget _target;

    /// <summary>Shows a target that was connected to.</summary>
    /// <param name="target">What is known of it; it may change while the connection is open.</param>
    public BackfillConnection(IConnectedTarget target) => _target = target;

    /// <summary>
    /// What the target's ledger says it is; before a ledger is installed there is none. Of a connection that only measures, it
    /// may be the operator's word.
    /// </summary>
    public BackfillEnvironment? Environment => _target.Environment;

    /// <summary>The address of the project's API, without a trailing slash.</summary>
    public Uri ApiUrl => _target.ApiUrl;

    /// <summary>The project: the first label of the API host, or what <c>-ProjectRef</c> named.</summary>
    public string ProjectRef => _target.ProjectRef;

    /// <summary>Host and port of the database.</summary>
    public string DatabaseHost => _target.DatabaseHost;

    /// <summary>The database's name.</summary>
    public string Database => _target.Database;

    /// <summary>PostgreSQL's version, for example <c>15.8</c>.</summary>
    public string ServerVersion => _target.ServerVersion;

    /// <summary>Ledger uuid, cluster identifier and database oid, joined by <c>/</c>: the same through any pooler.</summary>
    public string Fingerprint => _target.Fingerprint;

    /// <summary>Whether the target is a disposable sandbox.</summary>
    public bool IsSandbox => _target.IsSandbox;

    /// <summary>Whether it only measures: the ledger is out of its reach, and nothing can be run or undone through it.</summary>
    public bool MeasuresOnly => _target.MeasuresOnly;

    /// <summary>The table whose rows are backfilled, as the target profile names it; null for the known system.</summary>
    public string? SubjectTable => _target.SubjectTable;

    /// <summary>Whether <c>Disconnect-Backfill</c> has closed it.</summary>
    public bool IsClosed => _target.IsClosed;

    /// <summary>What <c>-Connection</c> takes for it in this session.</summary>
    /// <returns>For example <c>Staging</c>.</returns>
    public string GetName() => _target.NameInCommands(this) ?? Environment?.ToString() ?? ProjectRef;

    /// <summary>What a command that is shown must say to reach it, a blank before it.</summary>
    /// <returns>For example <c> -Connection Staging</c>; empty while it's the only target that is connected.</returns>
    public string GetArgument() => _target.NameInCommands(this) is { } name ? $" -Connection {name}" : "";

    /// <summary>Environment and project, and whether it's a sandbox: questions, messages and views show this.</summary>
    /// <returns>For example <c>Staging abcdefghijklmnopqrst (sandbox)</c>.</returns>
    public override string ToString() =>
        $"{Environment?.ToString() ?? "(no ledger)"} {ProjectRef}{(IsSandbox ? " (sandbox)" : "")}{(MeasuresOnly ? " (measuring only)" : "")}";
}
