using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Backfill.Sandbox.Control;

/// <summary>The control plane's manners: under <c>/sandbox/v1/</c>, with its own key, in snake_case JSON.</summary>
internal sealed class ControlRoutes(IEndpointRouteBuilder routes, string key)
{
    public const string KeyHeader = "x-sandbox-key";

    public static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly byte[] _key = Encoding.UTF8.GetBytes(key);

    public void Map(string method, string path, Func<HttpContext, object> answer) =>
        Map(method, path, http => ValueTask.FromResult(answer(http)));

    /// <exception cref="JsonException">What was sent is refused; the message goes back with a 400.</exception>
    public void Map(string method, string path, Func<HttpContext, ValueTask<object>> answer) =>
        routes.MapMethods("/sandbox/v1/" + path, [method], http => HandleAsync(http, answer));

    private async Task HandleAsync(HttpContext http, Func<HttpContext, ValueTask<object>> answer)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers[KeyHeader].ToString()), _key))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        object body;
        try
        {
            body = await answer(http).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            body = new { Error = e.Message };
        }

        http.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(http.Response.Body, body, SnakeCase, http.RequestAborted).ConfigureAwait(false);
    }
}
