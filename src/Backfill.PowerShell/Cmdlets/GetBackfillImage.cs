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

    private readonly OrderedDictionary<(Guid RunId, BackfillConnection Connection), HashSet<Guid>> _selected = [];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var key = (RunId, OpenConnection(writes: false));
        if (!_selected.TryGetValue(key, out var sessions))
            _selected.Add(key, sessions = []);
        sessions.UnionWith(SessionId);
    }

    /// <inheritdoc/>
    protected override void OnEnd() => Work((streams, stop) => ForEachAsync(
        _selected,
        streams,
        async run =>
        {
            var seen = new HashSet<Guid>();
            var images = Engine.ReadImagesAsync(run.Key.Connection, run.Key.RunId, run.Value, stop).Select(image =>
            {
                seen.Add(image.SessionId);
                return image;
            });
            await streams.WriteAllAsync(images, stop).ConfigureAwait(false);
            foreach (var session in run.Value.Except(seen))
                streams.Warn($"Run {run.Key.RunId} has no image of session {session}, and no row of it is there now.");
        },
        run => run.Key.RunId));
}
