using Backfill.Sandbox.Functions;

namespace Backfill.Sandbox;

/// <summary>As much of the REST API as a connection check asks for: whether the key opens it, and what time it is there.</summary>
internal sealed class RestEndpoint(Gateway gateway)
{
    public Task HandleAsync(HttpContext http)
    {
        var answer =
            gateway.RoleOfApiKey(http.Request) != KeyRole.None ? FunctionAnswer.Of(
                200, """{"swagger":"2.0","info":{"title":"standard public schema"}}""", "")
            : http.Request.Headers.ContainsKey("apikey") ? Refused(
                "Invalid API key", "Double check your Supabase `anon` or `service_role` API key.")
            : Refused("No API key found in request", "No `apikey` request header or url param was found.");
        return answer.WriteAsync(http.Response);
    }

    private static FunctionAnswer Refused(string message, string hint) => FunctionAnswer.Of(401, new { message, hint }, "");
}
