using System.Collections.Frozen;
using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>The way of a call: logged, let in or refused, answered.</summary>
internal sealed class FunctionEndpoint(
    IEnumerable<IEdgeFunction> functions, FunctionDatabase database, Gateway gateway, CallLog log, IFaultSource faults)
{
    private readonly FrozenDictionary<string, IEdgeFunction> _functions = functions.ToFrozenDictionary(function => function.Name);

    public async Task HandleAsync(HttpContext http)
    {
        var name = (string)http.Request.RouteValues["name"]!;
        var call = log.Arrived(name, http.Request);
        var answer = await AnswerAsync(name, http, call).ConfigureAwait(false);

        // Logged before it is sent: whoever has the answer finds the call ended.
        call.Ended(answer.Status, answer.Outcome);
        await answer.WriteAsync(http.Response).ConfigureAwait(false);
    }

    private async Task<FunctionAnswer> AnswerAsync(string name, HttpContext http, Call call)
    {
        var function = _functions.GetValueOrDefault(name) ?? await SqlFunction.FindAsync(database, name, call).ConfigureAwait(false);
        if (function is null)
            return FunctionAnswer.Platform(404, "NOT_FOUND", "Requested function was not found", Outcomes.UnknownFunction);
        if (HttpMethods.IsOptions(http.Request.Method)) return Preflight(http.Response);
        if (gateway.Refuse(http.Request) is { } refusal) return refusal;

        try
        {
            var request = await FunctionRequest.ReadAsync(http.Request).ConfigureAwait(false);
            call.Asked(request);
            return await faults.AnswerAsync(function, request, call, http).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            return function.Error(500, e.Message, Outcomes.Failed);
        }
    }

    /// <summary>Browsers ask this first, without a key; the functions answer it themselves.</summary>
    private static FunctionAnswer Preflight(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlAllowHeaders = "authorization, x-client-info, apikey, content-type";
        return FunctionAnswer.Of(200, "\"ok\"", Outcomes.Preflight);
    }
}
