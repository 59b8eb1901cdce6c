using System.Management.Automation;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;

namespace Backfill.PowerShell.Bases;

/// <summary>A cmdlet that selects what a rollback is of.</summary>
public abstract class RollbackCmdlet : ConnectedCmdlet
{
    private protected const string RunSet = "Run";

    private HashSet<string> _given = [];

    /// <summary>The run.</summary>
    [Parameter(ParameterSetName = RunSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid RunId { get; set; }

    /// <summary>Only these sessions.</summary>
    /// <remarks>By its alias, whatever came from a <see cref="BackfillRollback"/> still carries its selection.</remarks>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("SessionIds")]
    [SessionIds]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public Guid[] SessionId { get; set; } = [];

    /// <summary>Only sessions started at that time or later.</summary>
    [Parameter]
    [UtcTime]
    public DateTimeOffset? After { get; set; }

    /// <summary>Only sessions started before that time.</summary>
    [Parameter]
    [UtcTime]
    public DateTimeOffset? Before { get; set; }

    private protected RollbackSelections Selected { get; } = new();

    /// <inheritdoc/>
    protected override void OnBegin() => _given = [.. MyInvocation.BoundParameters.Keys];

    /// <summary>Takes one input object, or the parameters, in.</summary>
    private protected void AddRun()
    {
        var named = MyInvocation.BoundParameters.ContainsKey(nameof(SessionId));
        // A run on the command line and an object without a session: that object selects nothing.
        if (MyInvocation.ExpectingInput && !IsFromInput(nameof(RunId)) && !IsFromInput(nameof(SessionId)))
            throw RollbackSelections.Nothing("An input object names neither a run nor a session.");
        if (MyInvocation.ExpectingInput && !IsFromInput(nameof(RunId)) && !named)
            throw RollbackSelections.Nothing("An input object names no session.");
        Selected.Add(OpenConnection(writes: true), RunId, named ? SessionId : null);
    }

    private protected bool IsFromInput(string name) => !_given.Contains(name) && MyInvocation.BoundParameters.ContainsKey(name);
}
