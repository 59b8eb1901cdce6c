using System.Text;
using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>What goes back to the caller.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">JSON.</param>
/// <param name="Outcome">One word for the call log; see <see cref="Outcomes"/>.</param>
/// <param name="ErrorCode">The <c>sb-error-code</c> header, which only the platform sets, never a function.</param>
internal sealed record FunctionAnswer(int Status, byte[] Body, string Outcome, string? ErrorCode = null)
{
    public static FunctionAnswer Of<T>(int status, T body, string outcome) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(body), outcome);

    public static FunctionAnswer Of(int status, string json, string outcome) => new(status, Encoding.UTF8.GetBytes(json), outcome);

    /// <summary>An error of the platform: the function was not reached.</summary>
    public static FunctionAnswer Platform(int status, string code, string message, string outcome) =>
        Of(status, new { code, message }, outcome) with { ErrorCode = code };

    public Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = Body.Length;
        if (ErrorCode is not null) response.Headers["sb-error-code"] = ErrorCode;
        return response.Body.WriteAsync(Body).AsTask();
    }
}

/// <summary>The words that the call log uses for how a call ended.</summary>
internal static class Outcomes
{
    public const string Written = "written";
    public const string NoFcResponses = "no_fc_responses";
    public const string NoResponses = "no_responses";
    public const string BadRequest = "bad_request";
    public const string Refused = "refused";
    public const string UnknownFunction = "unknown_function";
    public const string Failed = "failed";
    public const string Preflight = "preflight";
}
