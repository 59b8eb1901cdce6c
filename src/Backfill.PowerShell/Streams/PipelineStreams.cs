using System.Management.Automation;

namespace Backfill.PowerShell.Streams;

/// <summary>A cmdlet's streams and questions, for work on other threads.</summary>
internal sealed class PipelineStreams(Cmdlet cmdlet, PipelineQueue queue)
{
    /// <summary>How many objects may wait for the pipeline where a reader could fill the memory.</summary>
    private const int ReadAhead = 256;

    public void Write(object item) => queue.Post(() => cmdlet.WriteObject(item));

    public void Error(ErrorRecord record) => queue.Post(() => cmdlet.WriteError(record));

    /// <summary>An error that only the pipeline's thread can explain.</summary>
    public void Error(Func<ErrorRecord> record) => queue.Post(() => cmdlet.WriteError(record()));

    public void Warn(string message) => queue.Post(() => cmdlet.WriteWarning(message));

    public void Explain(string message) => queue.Post(() => cmdlet.WriteVerbose(message));

    public void Milestone(string message, string tag) => queue.Post(() => cmdlet.WriteInformation(message, [tag]));

    public void Progress(ProgressRecord record) => queue.Post(() => cmdlet.WriteProgress(record));

    public Task<bool> ShouldProcessAsync(string target, string action) =>
        queue.AskAsync(() => cmdlet.ShouldProcess(target, action));

    /// <summary>Does something that only the pipeline's thread may do, and waits for it.</summary>
    public Task AskAsync(Action question) => queue.AskAsync(() =>
    {
        question();
        return true;
    });

    /// <summary>Asks with a description of its own: what <c>-WhatIf</c> prints and <c>-Confirm</c> asks.</summary>
    public Task<bool> ShouldProcessAsync(string description, string question, string caption) =>
        queue.AskAsync(() => cmdlet.ShouldProcess(description, question, caption));

    /// <summary>Writes items as they come, never far ahead of the pipeline.</summary>
    public async Task WriteAllAsync<T>(IAsyncEnumerable<T> items, CancellationToken cancellationToken)
        where T : notnull
    {
        var count = 0;
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            Write(item);
            if (++count % ReadAhead == 0)
                await queue.AskAsync(() => true).ConfigureAwait(false);
        }
    }
}
