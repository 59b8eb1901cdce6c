namespace Backfill.Sandbox.Functions;

/// <summary>One edge function. Its effects are rows, committed before it answers.</summary>
internal interface IEdgeFunction
{
    string Name { get; }

    /// <param name="request">What was asked; the session id may be missing or no uuid.</param>
    /// <param name="effect">What becomes of the rows; the answer is the same in any case.</param>
    /// <remarks>Not cancelled when the caller goes away: a real worker lives on, and commits.</remarks>
    Task<FunctionAnswer> AnswerAsync(FunctionRequest request, Effect effect);

    /// <summary>The shape this function gives its errors.</summary>
    FunctionAnswer Error(int status, string message, string outcome);
}
