using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists the runs of a target, newest first, as its ledger has them at this moment.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillRun", DefaultParameterSetName = ListSet)]
[OutputType(typeof(BackfillRun))]
public sealed class GetBackfillRunCommand : ConnectedCmdlet
{
    private const string ListSet = "List";
    private const string RunSet = "Run";
    private const string LatestSet = "Latest";

    /// <summary>The runs to look at.</summary>
    [Parameter(ParameterSetName = RunSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <summary>The newest run that the other conditions leave.</summary>
    [Parameter(ParameterSetName = LatestSet, Mandatory = true)]
    public SwitchParameter Latest { get; set; }

    /// <summary>Only runs in that environment.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [Parameter(ParameterSetName = LatestSet)]
    [ValidateNotNull]
    public BackfillEnvironment? Environment { get; set; }

    /// <summary>Only runs in one of those states.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [Parameter(ParameterSetName = LatestSet)]
    [ValidateNotNullOrEmpty]
    public BackfillRunState[] State { get; set; } = [];

    /// <summary>Only runs with that name; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [Parameter(ParameterSetName = LatestSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Name { get; set; }

    /// <summary>Only runs with that ticket; wildcards are allowed.</summary>
    [Parameter(ParameterSetName = ListSet)]
    [Parameter(ParameterSetName = LatestSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string? Ticket { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        Work(async (streams, stop) =>
        {
            if (ParameterSetName != RunSet)
            {
                await streams.WriteAllAsync(ListAsync(connection, stop), stop).ConfigureAwait(false);
                return;
            }

            await ForEachAsync(RunId, streams, async id => streams.Write(await connection.FindRunAsync(id, stop).ConfigureAwait(false)))
                .ConfigureAwait(false);
        });
    }

    private IAsyncEnumerable<BackfillRun> ListAsync(BackfillConnection connection, CancellationToken stop)
    {
        var state = State is [var only] ? only : (BackfillRunState?)null;
        var runs = Engine
            .ListRunsAsync(connection, new RunFilter(State: state), stop)
            .Where(r => (Environment is null || r.Environment == Environment) && (State.Length == 0 || State.Contains(r.State))
            && IsLike(Name, r.Name) && IsLike(Ticket, r.Ticket));
        return Latest ? runs.Take(1) : runs;
    }

    private static bool IsLike(string? pattern, string? value) =>
        pattern is null || new WildcardPattern(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(value ?? "");
}
