using System.Management.Automation;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Isolation;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Bases;

/// <summary>
/// A cmdlet whose work runs on the pool while the pipeline's thread does what only it may do: write, ask, throw.
/// </summary>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isWorking;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the cmdlet.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _stop.Dispose();
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Guard(OnBegin);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Guard(OnRecord);

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => Guard(OnEnd);

    /// <inheritdoc/>
    protected sealed override void StopProcessing()
    {
        try
        {
            // The pipeline takes nothing more, so it goes straight to the screen: silence would look like a command that hangs.
            if (_isWorking && StoppingWord is { } word)
                Host.UI?.WriteWarningLine(word);
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Ctrl+C after the end.
        }
    }

    /// <summary>What is said at once at Ctrl+C; null where the command ends in no time.</summary>
    private protected virtual string? StoppingWord => null;

    /// <summary>Everything that can be asked; loaded when it is asked for the first time.</summary>
    private protected static IBackfillEngine Engine => EngineGateway.Engine;

    /// <summary>Before the first input object; on the pipeline's thread.</summary>
    protected virtual void OnBegin()
    {
    }

    /// <summary>For each input object, or once without a pipeline; on the pipeline's thread.</summary>
    protected virtual void OnRecord()
    {
    }

    /// <summary>After the last input object; on the pipeline's thread.</summary>
    protected virtual void OnEnd()
    {
    }

    /// <summary>Runs work on the pool and returns when it has ended, whatever happens to the pipeline meanwhile.</summary>
    /// <param name="work">The work; its token is cancelled when the pipeline stops or wants no more.</param>
    private protected void Work(Func<PipelineStreams, CancellationToken, Task> work)
    {
        using var queue = new PipelineQueue();
        var streams = new PipelineStreams(this, queue);
        _isWorking = true;
        var running = queue.StartAsync(() => work(streams, _stop.Token));
        try
        {
            queue.Serve();
            _isWorking = false;
        }
        catch
        {
            // Ctrl+C, `| Select-Object -First 1`, an error downstream: what is in flight ends and is recorded first.
            _stop.Cancel();
            queue.Refuse();
            WaitFor(running);
            throw;
        }

        try
        {
            running.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
#pragma warning disable CA1031 // Whatever it is, it becomes this command's terminating error.
        catch (Exception e)
#pragma warning restore CA1031
        {
            ThrowTerminatingError(ErrorRecords.Of(Explained(e), Subject));
        }
    }

    /// <summary>The error that is shown for one that ended the work; on the pipeline's thread.</summary>
    private protected virtual Exception Explained(Exception error) => error;

    /// <summary>What an error is about that names nothing.</summary>
    private protected virtual object Subject => MyInvocation.MyCommand.Name;

    /// <summary>
    /// Does something for each of several things that were named. One that isn't there is an error of its own, and the others go on.
    /// </summary>
    /// <param name="named">What was named.</param>
    /// <param name="streams">Takes the errors.</param>
    /// <param name="work">What is done for one.</param>
    /// <param name="targetOf">What an error about one is about; by default the thing itself.</param>
    private protected async Task ForEachAsync<T>(
        IEnumerable<T> named, PipelineStreams streams, Func<T, Task> work, Func<T, object?>? targetOf = null)
    {
        foreach (var one in named)
        {
            try
            {
                await work(one).ConfigureAwait(false);
            }
            catch (BackfillException e) when (IsMissing(e))
            {
                var target = (targetOf is null ? one : targetOf(one)) ?? e.TargetObject ?? Subject;
                streams.Error(() => ErrorRecords.OfOne(Explained(e) as BackfillException ?? e, target));
            }
        }
    }

    /// <summary>Whether it says only that something which was named isn't there, or can't be looked at.</summary>
    private static bool IsMissing(BackfillException error) =>
        error.Kind == BackfillErrorKind.NotFound || error.Code is PlanCodes.Unreadable or "GateNotRaised";

    private static void WaitFor(Task running) => ((IAsyncResult)running).AsyncWaitHandle.WaitOne();

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (BackfillException e)
        {
            ThrowTerminatingError(ErrorRecords.Of(e, Subject));
        }
    }
}
