namespace Backfill.Sandbox.Functions;

/// <summary>
/// The one place through which every call that was let in passes. A fault wraps the function: it may wait before it,
/// leave it out, call it with another effect, answer something else after it, or end the connection.
/// </summary>
internal interface IFaultSource
{
    /// <returns>The answer to send; one without a status where the connection was ended instead.</returns>
    Task<FunctionAnswer> AnswerAsync(IEdgeFunction function, FunctionRequest request, Call call, HttpContext http);
}
