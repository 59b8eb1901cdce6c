using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Selections;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists who ordered what and when: orders, changes of state, and decisions on gates, oldest first.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillEvent")]
[OutputType(typeof(BackfillEvent))]
public sealed class GetBackfillEventCommand : ConnectedCmdlet
{
    /// <summary>The runs; by default all.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid[] RunId { get; set; } = [];

    /// <summary>Only so many of the newest.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Last { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        Work(async (streams, stop) =>
        {
            if (RunId.Length == 0)
                await streams.WriteAllAsync(Engine.ReadEventsAsync(connection, null, Last, stop), stop).ConfigureAwait(false);
            await ForEachAsync(RunId, streams, async id =>
            {
                var run = await connection.FindRunAsync(id, stop).ConfigureAwait(false);
                await streams.WriteAllAsync(Engine.ReadEventsAsync(connection, run.RunId, Last, stop), stop).ConfigureAwait(false);
            }).ConfigureAwait(false);
        });
    }
}
