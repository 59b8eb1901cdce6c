using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Backfill.Sandbox.Functions;

namespace Backfill.Sandbox.Control;

/// <summary>What tests and operators may ask of the sandbox itself, under <c>/sandbox/v1/</c>, with its own key.</summary>
internal sealed class ControlEndpoints(byte[] controlKey, CallLog log, SandboxInfo info)
{
    public const string KeyHeader = "x-sandbox-key";

    public static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/sandbox/v1/calls", ["GET"], Guarded(http =>
        {
            _ = long.TryParse(http.Request.Query["after"], CultureInfo.InvariantCulture, out var after);
            return WriteAsync(http, new { Calls = log.After(after) });
        }));
        routes.MapMethods("/sandbox/v1/calls", ["DELETE"], Guarded(http => WriteAsync(http, new { Removed = log.Clear() })));
        routes.MapMethods("/sandbox/v1/info", ["GET"], Guarded(http => WriteAsync(http, info)));
    }

    private RequestDelegate Guarded(RequestDelegate handle) => http =>
    {
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers[KeyHeader].ToString()), controlKey))
            return handle(http);

        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    };

    private static Task WriteAsync<T>(HttpContext http, T body)
    {
        http.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(http.Response.Body, body, SnakeCase, http.RequestAborted);
    }
}
