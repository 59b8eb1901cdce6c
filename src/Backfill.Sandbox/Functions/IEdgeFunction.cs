namespace Backfill.Sandbox.Functions;

/// <summary>One edge function. Its effects are rows, committed table by table before it answers.</summary>
internal interface IEdgeFunction
{
    string Name { get; }

    /// <param name="request">What was asked; the session id may be missing or no uuid.</param>
    /// <param name="run">What becomes of the rows, and where the function stops.</param>
    /// <remarks>Not cancelled when the caller goes away: a real worker lives on, and commits.</remarks>
    /// <exception cref="OperationCanceledException">It died where it was interrupted.</exception>
    Task<FunctionAnswer> AnswerAsync(FunctionRequest request, FunctionRun run);

    /// <summary>The shape this function gives its errors.</summary>
    FunctionAnswer Error(int status, string message, string outcome);
}
