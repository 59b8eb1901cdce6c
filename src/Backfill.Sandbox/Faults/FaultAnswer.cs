using Backfill.Sandbox.Functions;

namespace Backfill.Sandbox.Faults;

/// <summary>What a fault answers in a function's place.</summary>
internal static class FaultAnswer
{
    /// <summary>With what the platform sends the statuses that it makes itself (SYSTEM.md). Any other one is the function's own.</summary>
    private static readonly Dictionary<int, (string Code, string Message)> OfThePlatform = new()
    {
        [401] = ("UNAUTHORIZED_LEGACY_JWT", "Invalid JWT"),
        // Of a whole project. The platform's documentation names no code for these two: only the status is certain.
        [402] = ("PROJECT_RESTRICTED", "Service for this project is restricted due to the following violations: exceed_egress_quota."),
        [540] = ("PROJECT_PAUSED", "Project paused"),
        [403] = ("FORBIDDEN", "The service role key is required"),
        [404] = ("NOT_FOUND", "Requested function was not found"),
        [429] = ("RATE_LIMITED", "Too many requests"),
        [503] = ("BOOT_ERROR", "Worker boot error"),
        [504] = ("IDLE_TIMEOUT", "The request was not answered in time"),
        [546] = ("WORKER_LIMIT", "Worker exceeded its resource limit"),
    };

    public static FunctionAnswer Of(FaultOrder order, int otherwise, IEdgeFunction function, string outcome)
    {
        var status = order.StatusCode ?? otherwise;
        var known = OfThePlatform.GetValueOrDefault(status, ("", "The sandbox was told to fail."));
        var code = order.ErrorCode ?? known.Item1;
        var answer = code.Length > 0
            ? FunctionAnswer.Platform(status, code, known.Item2, outcome)
            : function.Error(status, known.Item2, outcome);
        return answer with { RetryAfterS = order.RetryAfterS };
    }

    /// <summary>What a function says that takes a call and works on after its answer.</summary>
    public static FunctionAnswer Accepted() => FunctionAnswer.Of(202, """{"status":"accepted"}""", Outcomes.Pending);
}
