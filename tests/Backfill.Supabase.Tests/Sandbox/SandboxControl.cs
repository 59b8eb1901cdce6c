using System.Net.Http.Json;
using System.Text.Json;

namespace Backfill.Supabase.Tests.Sandbox;

/// <summary>A typed client for <c>/sandbox/v1/</c>.</summary>
public sealed class SandboxControl : IDisposable
{
    private readonly HttpClient _http;

    public SandboxControl(SandboxInfo info)
    {
        _http = new HttpClient { BaseAddress = new Uri(info.ApiUrl + "/sandbox/v1/") };
        _http.DefaultRequestHeaders.Add("x-sandbox-key", info.ControlKey);
    }

    /// <summary>The calls that arrived at the functions, in order, those in flight included.</summary>
    /// <param name="after">Only those with a higher sequence number.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<IReadOnlyList<SandboxCall>> CallsAsync(long after = 0, CancellationToken cancellation = default) =>
        (await _http.GetFromJsonAsync<Calls>($"calls?after={after}", SandboxInfo.SnakeCase, cancellation))!.Items;

    /// <summary>Empties the log; sequence numbers go on.</summary>
    public async Task ClearCallsAsync(CancellationToken cancellation = default)
    {
        using var response = await _http.DeleteAsync(new Uri("calls", UriKind.Relative), cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>What the sandbox is: environment, project_ref, postgres_process_id, seed, and so on.</summary>
    public Task<JsonElement> InfoAsync(CancellationToken cancellation = default) =>
        _http.GetFromJsonAsync<JsonElement>("info", cancellation);

    public void Dispose() => _http.Dispose();

    private sealed record Calls([property: System.Text.Json.Serialization.JsonPropertyName("calls")] IReadOnlyList<SandboxCall> Items);
}

/// <summary>One call that arrived.</summary>
/// <param name="Sequence">Counts from 1, in the order of arrival.</param>
/// <param name="ArrivedAt">UTC.</param>
/// <param name="ArrivedTickUs">Microseconds on a monotonic clock with an arbitrary zero.</param>
/// <param name="Method">POST or OPTIONS.</param>
/// <param name="Function">The name in the path.</param>
/// <param name="Headers">Those beginning with x-backfill-, and idempotency-key; names in small letters.</param>
/// <param name="SessionId">As given; null where it was missing or the call was refused.</param>
/// <param name="Params">The other members of the body.</param>
/// <param name="Status">Null while in flight, and where the connection was ended.</param>
/// <param name="Outcome">written, no_fc_responses, no_responses, bad_request, refused, unknown_function, failed or preflight; null while in flight.</param>
/// <param name="DurationMs">Milliseconds; null while in flight.</param>
public sealed record SandboxCall(
    long Sequence,
    DateTimeOffset ArrivedAt,
    long ArrivedTickUs,
    string Method,
    string Function,
    IReadOnlyDictionary<string, string> Headers,
    string? SessionId,
    IReadOnlyDictionary<string, JsonElement>? Params,
    int? Status,
    string? Outcome,
    double? DurationMs);
