using System.Management.Automation;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Bases;

/// <summary>A cmdlet that works on a connected target.</summary>
public abstract class ConnectedCmdlet : AsyncCmdlet
{
    /// <summary>The target; by default this runspace's one open connection.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    [ConnectionText]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public BackfillConnection? Connection { get; set; }

    /// <summary>The open connection that is meant. Ask on the pipeline's thread.</summary>
    /// <param name="writes">Whether the cmdlet writes: with several targets connected it must then be named.</param>
    private protected BackfillConnection OpenConnection(bool writes)
    {
        var connection = Connection ?? ConnectionTable.OfThisRunspace.Default(MyInvocation.MyCommand.Name, writes);
        return connection.IsClosed ? throw ConnectionErrors.Closed(connection) : connection;
    }

    private protected override object Subject => (object?)Connection ?? base.Subject;

    /// <inheritdoc/>
    /// <remarks>What was looked for on the target that was opened last may well be on another.</remarks>
    private protected override Exception Explained(Exception error) =>
        error is BackfillException { Kind: BackfillErrorKind.NotFound } missing && Connection is null
        && ConnectionTable.OfThisRunspace.Open is { } open && open.DistinctBy(c => c.Fingerprint).Count() > 1
            ? ConnectionErrors.NotOnTheLast(missing, open)
            : error;

    /// <summary>The known system's version is no default for another project.</summary>
    private protected void RequireVersion(BackfillConnection? connection)
    {
        if (connection?.SubjectTable is not { } table || MyInvocation.BoundParameters.ContainsKey("EngineVersion"))
            return;
        throw new BackfillException(
            "EngineVersionMissing",
            BackfillErrorKind.InvalidInput,
            $"{connection} is another project ({table}): say with -EngineVersion which version its results must have.",
            connection);
    }
}
