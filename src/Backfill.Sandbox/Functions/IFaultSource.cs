namespace Backfill.Sandbox.Functions;

/// <summary>
/// The one place through which every call that was let in passes. A fault wraps the function: it may wait before it,
/// leave it out, call it with another request, answer something else after it, or end the connection.
/// </summary>
internal interface IFaultSource
{
    /// <returns>The answer to send; null where the connection was ended without one.</returns>
    Task<FunctionAnswer?> AnswerAsync(IEdgeFunction function, FunctionRequest request, HttpContext connection);
}

/// <summary>Every call goes to its function.</summary>
internal sealed class NoFaults : IFaultSource
{
    public async Task<FunctionAnswer?> AnswerAsync(IEdgeFunction function, FunctionRequest request, HttpContext connection) =>
        await function.AnswerAsync(request).ConfigureAwait(false);
}
