using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Shows the rows of a session before a run, after it, and now, column by column. Personal data.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillImage")]
[OutputType(typeof(BackfillImage))]
public sealed class GetBackfillImageCommand : ConnectedCmdlet
{
    /// <summary>The run.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [RunIdText]
    [ArgumentCompleter(typeof(RunIdCompleter))]
    public Guid RunId { get; set; }

    /// <summary>The sessions.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SessionIds]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public Guid[] SessionId { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        Work(async (streams, stop) =>
        {
            foreach (var session in SessionId)
            {
                var images = await Engine.ReadImagesAsync(connection, RunId, session, stop).ConfigureAwait(false);
                if (images.Count == 0)
                    streams.Warn($"Run {RunId} has no image of session {session}, and no row of it is there now.");
                foreach (var image in images)
                    streams.Write(image);
            }
        });
    }
}
