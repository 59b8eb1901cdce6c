namespace Backfill;

/// <summary>What a connection shows of its target. The engine keeps it up to date: a ledger that is installed changes it.</summary>
public interface IConnectedTarget
{
    /// <summary>The ledger's label; null where no ledger is installed.</summary>
    BackfillEnvironment? Environment { get; }

    /// <summary>The API's address.</summary>
    Uri ApiUrl { get; }

    /// <summary>The project.</summary>
    string ProjectRef { get; }

    /// <summary>Host and port of the database.</summary>
    string DatabaseHost { get; }

    /// <summary>The database's name.</summary>
    string Database { get; }

    /// <summary>PostgreSQL's version.</summary>
    string ServerVersion { get; }

    /// <summary>Ledger uuid, cluster identifier and database oid.</summary>
    string Fingerprint { get; }

    /// <summary>Whether the ledger marks it as a sandbox and it lies on this machine.</summary>
    bool IsSandbox { get; }

    /// <summary>Whether it was opened for measuring only, without the ledger.</summary>
    bool MeasuresOnly { get; }

    /// <summary>The table whose rows are backfilled, as the target profile names it; null for the known system.</summary>
    string? SubjectTable { get; }

    /// <summary>Whether the connection was closed.</summary>
    bool IsClosed { get; }

    /// <summary>How commands that are shown name a connection to it; null while it's the only target that is connected.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>For example <c>Staging</c>.</returns>
    string? NameInCommands(BackfillConnection connection);
}
