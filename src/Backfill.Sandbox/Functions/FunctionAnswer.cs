using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>What goes back to the caller.</summary>
/// <param name="Status">The HTTP status; null: the connection ends without an answer.</param>
/// <param name="Body">JSON.</param>
/// <param name="Outcome">One word for the call log; see <see cref="Outcomes"/>.</param>
/// <param name="ErrorCode">The <c>sb-error-code</c> header, which only the platform sets, never a function.</param>
internal sealed record FunctionAnswer(int? Status, byte[] Body, string Outcome, string? ErrorCode = null)
{
    /// <summary>The <c>Retry-After</c> header, in seconds.</summary>
    public int? RetryAfterS { get; init; }

    public static FunctionAnswer None(string outcome) => new(null, [], outcome);

    public static FunctionAnswer Of<T>(int status, T body, string outcome) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(body), outcome);

    public static FunctionAnswer Of(int status, string json, string outcome) => new(status, Encoding.UTF8.GetBytes(json), outcome);

    /// <summary>An error of the platform: the function was not reached.</summary>
    public static FunctionAnswer Platform(int status, string code, string message, string outcome) =>
        Of(status, new { code, message }, outcome) with { ErrorCode = code };

    public Task WriteAsync(HttpResponse response)
    {
        if (Status is not { } status) return Task.CompletedTask;

        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = Body.Length;
        if (ErrorCode is not null) response.Headers["sb-error-code"] = ErrorCode;
        if (RetryAfterS is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
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

    /// <summary>A fault stood in the function's place.</summary>
    public const string NotRun = "not_run";

    /// <summary>It was run, and nothing of it is written.</summary>
    public const string NotWritten = "not_written";

    /// <summary>It died between two tables: the rows of the first ones are written, and the others never will be.</summary>
    public const string Partial = "partial";

    /// <summary>Answered; what the function does comes later, and its outcome then takes this one's place.</summary>
    public const string Pending = "pending";
}
