namespace Backfill.Sandbox.Functions;

/// <summary>Stops a function between two of its tables. It waits there until it may go on, or dies there.</summary>
/// <param name="afterTables">How many tables it writes first. With as many as it has, it isn't stopped.</param>
internal sealed class Interruption(int afterTables)
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the function has stopped. What it wrote so far is committed.</summary>
    public Task Reached => _reached.Task;

    public bool IsDue(int tables) => tables == afterTables;

    /// <summary>Returns when the function may go on.</summary>
    /// <exception cref="OperationCanceledException">It dies here.</exception>
    public Task WaitAsync()
    {
        _reached.TrySetResult();
        return _ended.Task;
    }

    public void GoOn() => _ended.TrySetResult();

    public void Die() => _ended.TrySetCanceled();
}
