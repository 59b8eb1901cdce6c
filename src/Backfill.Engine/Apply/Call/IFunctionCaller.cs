namespace Backfill.Engine.Apply.Call;

/// <summary>Calls one edge function once. No retry, no judgement.</summary>
public interface IFunctionCaller
{
    /// <summary>Opens connections, so that the first slot is not spent on handshakes. Failures are left to the first call.</summary>
    /// <param name="connections">How many calls will be in flight at once.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When the connections are open, or could not be opened.</returns>
    Task WarmUpAsync(int connections, CancellationToken cancellationToken);

    /// <summary>Posts the session and the params.</summary>
    /// <param name="call">What to call.</param>
    /// <param name="cancellationToken">Gives the call up; it may have been committed by then.</param>
    /// <returns>What came back, or why nothing did.</returns>
    Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken);
}

/// <summary>One call.</summary>
/// <param name="RunId">The run, for tracing.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Function">The edge function.</param>
/// <param name="Params">What is sent with the session id.</param>
/// <param name="Position">The operation's place in its batch, from 1.</param>
/// <param name="Attempt">Which attempt at this operation, from 1.</param>
/// <param name="Fence">The claim it belongs to.</param>
/// <param name="Timeout">How long an answer is waited for; null for the caller's own limit.</param>
public sealed record FunctionCall(
    Guid RunId,
    Guid SessionId,
    string Function,
    FunctionParams Params,
    int Position,
    int Attempt,
    long Fence,
    TimeSpan? Timeout = null);

/// <summary>Why there was no HTTP answer that could be read.</summary>
public enum ReplyFault
{
    /// <summary>There was one.</summary>
    None,

    /// <summary>The request never left: no connection could be made.</summary>
    NotSent,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>The connection broke after the request may have been sent.</summary>
    Reset,

    /// <summary>The call was given up because the run was stopped.</summary>
    Cancelled,

    /// <summary>A success was answered, but its body was cut or is no JSON: whether the function came to its end is open.</summary>
    Broken,
}

/// <summary>What one call brought.</summary>
public sealed record FunctionReply
{
    /// <summary>The HTTP status; null where no answer came.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The platform's <c>sb-error-code</c> header, if any.</summary>
    public string? PlatformCode { get; init; }

    /// <summary>The <c>Retry-After</c> header as a time to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Why there was no answer that could be read.</summary>
    public ReplyFault Fault { get; init; }

    /// <summary>Whether the key that was sent is no JWT (<c>sb_secret_…</c>): functions that verify JWTs refuse it.</summary>
    public bool KeyIsNoJwt { get; init; }

    /// <summary>The function's own words: <c>error</c> or <c>info</c> of its answer, shortened, or the fault's.</summary>
    public string? Message { get; init; }

    /// <summary>Whether the function said that there was nothing for it to do: an <c>info</c>, and no <c>error</c>.</summary>
    public bool HadNothingToDo { get; init; }

    /// <summary>The answer without scores and profile: JSON, a few hundred bytes at most.</summary>
    public string? Reduced { get; init; }

    /// <summary>From sending to the end of the answer.</summary>
    public TimeSpan Duration { get; init; }
}
