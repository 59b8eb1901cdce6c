using System.Collections.Concurrent;

namespace Backfill.PowerShell.Streams;

/// <summary>What workers want done on the pipeline's thread, in order. It has no limit: a slow reader never slows a run.</summary>
internal sealed class PipelineQueue : IDisposable
{
    private readonly BlockingCollection<Request> _requests = [];

    /// <summary>Asks for something and goes on.</summary>
    public void Post(Action action) => Add(new(action, static () => { }));

    /// <summary>Asks for something and waits for its answer.</summary>
    /// <exception cref="OperationCanceledException">The pipeline is gone.</exception>
    public Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new(() => Answer(question, answer), () => answer.TrySetCanceled()));
        return answer.Task;
    }

    /// <summary>Runs <paramref name="work"/> on the pool; nothing can be asked for after its end.</summary>
    public Task StartAsync(Func<Task> work) => Task.Run(async () =>
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            _requests.CompleteAdding();
        }
    });

    /// <summary>Does what is asked for, on the caller's thread, until the work has ended.</summary>
    public void Serve()
    {
        foreach (var request in _requests.GetConsumingEnumerable())
            request.Run();
    }

    /// <summary>Turns down what is asked for until the work has ended.</summary>
    public void Refuse()
    {
        foreach (var request in _requests.GetConsumingEnumerable())
            request.Refuse();
    }

    public void Dispose() => _requests.Dispose();

    private void Add(Request request)
    {
        try
        {
            _requests.Add(request);
        }
        catch (InvalidOperationException)
        {
            // A timer's last tick may come after the end of the work.
            request.Refuse();
        }
    }

    private static void Answer<T>(Func<T> question, TaskCompletionSource<T> answer)
    {
        try
        {
            answer.SetResult(question());
        }
        finally
        {
            // Does nothing after a result. Otherwise the exception belongs to the pipeline, and the worker only stops.
            answer.TrySetCanceled();
        }
    }

    private sealed record Request(Action Run, Action Refuse);
}
