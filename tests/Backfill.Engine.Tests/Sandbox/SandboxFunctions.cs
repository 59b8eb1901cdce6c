using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Calls the edge functions with whatever key and body a test wants.</summary>
public sealed class SandboxFunctions(SandboxInfo info) : IDisposable
{
    private readonly HttpClient _http = new();

    /// <summary>A well-formed call with the service role key.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="body">Serialized as it is; null: no body.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<FunctionReply> CallAsync(string function, object? body, CancellationToken cancellation = default) =>
        CallAsync(function, body, info.ServiceRoleKey, info.ServiceRoleKey, [], cancellation);

    /// <param name="function">Its name.</param>
    /// <param name="body">Serialized as it is; null: no body.</param>
    /// <param name="bearer">Null: no Authorization header.</param>
    /// <param name="apiKey">Null: no apikey header.</param>
    /// <param name="headers">More headers.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<FunctionReply> CallAsync(
        string function, object? body, string? bearer, string? apiKey, (string Name, string Value)[] headers, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{info.ApiUrl}/functions/v1/{function}");
        if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        if (apiKey is not null) request.Headers.Add("apikey", apiKey);
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        if (body is not null) request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");

        using var response = await _http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return new FunctionReply(
            (int)response.StatusCode,
            JsonDocument.Parse(text).RootElement,
            response.Headers.TryGetValues("sb-error-code", out var codes) ? codes.Single() : null)
        {
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What came back.</summary>
public sealed record FunctionReply(int Status, JsonElement Body, string? ErrorCode)
{
    /// <summary>The header, where it is a number of seconds.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A member of the body as text; null where it is missing.</summary>
    public string? Text(string member) => Body.TryGetProperty(member, out var value) ? value.ToString() : null;
}
