using System.Net.Http.Json;
using System.Text.Json;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>A typed client for <c>/sandbox/v1/</c>.</summary>
public sealed class SandboxControl : IDisposable
{
    private readonly HttpClient _http;

    public SandboxControl(SandboxInfo info)
    {
        _http = new HttpClient { BaseAddress = new Uri(info.ControlUrl + "/sandbox/v1/") };
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

    /// <summary>Adds a fault to those that are set; the first that hits a call is the only one.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="HttpRequestException">The sandbox refuses it; the message is its own.</exception>
    public async Task<long> SetFaultAsync(SandboxFault fault, CancellationToken cancellation = default)
    {
        using var response = await _http.PostAsJsonAsync("faults", fault, SandboxFault.Json, cancellation);
        var reply = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        return response.IsSuccessStatusCode
            ? reply.GetProperty("id").GetInt64()
            : throw new HttpRequestException(reply.GetProperty("error").GetString(), null, response.StatusCode);
    }

    /// <summary>The faults that are set, in order, with how often each has fired.</summary>
    public async Task<IReadOnlyList<SandboxFaultState>> FaultsAsync(CancellationToken cancellation = default) =>
        (await _http.GetFromJsonAsync<Faults>("faults", SandboxFault.Json, cancellation))!.Items;

    /// <summary>Clears all faults, or one. What is hanging hangs on, and a late commit still comes.</summary>
    public async Task ClearFaultsAsync(long? id = null, CancellationToken cancellation = default)
    {
        using var response = await _http.DeleteAsync(new Uri(id is null ? "faults" : $"faults/{id}", UriKind.Relative), cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Restarts PostgreSQL (a fast shutdown), and returns when it takes connections again.</summary>
    public async Task RestartDatabaseAsync(CancellationToken cancellation = default)
    {
        using var response = await _http.PostAsync(new Uri("database/restart", UriKind.Relative), null, cancellation);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Starts traffic, in the place of what is running.</summary>
    /// <exception cref="HttpRequestException">The sandbox refuses it; the message is its own.</exception>
    public async Task<SandboxTrafficState> StartTrafficAsync(SandboxTrafficOrder order, CancellationToken cancellation = default)
    {
        using var response = await _http.PutAsJsonAsync("traffic", order, SandboxFault.Json, cancellation);
        if (response.IsSuccessStatusCode) return (await response.Content.ReadFromJsonAsync<SandboxTrafficState>(SandboxInfo.SnakeCase, cancellation))!;

        var reply = await response.Content.ReadFromJsonAsync<JsonElement>(cancellation);
        throw new HttpRequestException(reply.GetProperty("error").GetString(), null, response.StatusCode);
    }

    /// <summary>Stops it, and mends the tokens. Nothing is written any more when this returns.</summary>
    public async Task<SandboxTrafficState> StopTrafficAsync(CancellationToken cancellation = default) =>
        (await _http.DeleteFromJsonAsync<SandboxTrafficState>("traffic", SandboxInfo.SnakeCase, cancellation))!;

    /// <summary>All traffic since the sandbox began.</summary>
    public async Task<SandboxTrafficState> TrafficAsync(CancellationToken cancellation = default) =>
        (await _http.GetFromJsonAsync<SandboxTrafficState>("traffic", SandboxInfo.SnakeCase, cancellation))!;

    /// <summary>What the sandbox is: environment, project_ref, postgres_process_id, seed, and so on.</summary>
    public Task<JsonElement> InfoAsync(CancellationToken cancellation = default) =>
        _http.GetFromJsonAsync<JsonElement>("info", cancellation);

    public void Dispose() => _http.Dispose();

    private sealed record Faults([property: System.Text.Json.Serialization.JsonPropertyName("faults")] IReadOnlyList<SandboxFaultState> Items);

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
/// <param name="Outcome">
/// written, no_fc_responses, no_responses, bad_request, refused, unknown_function, failed or preflight; under a fault also
/// not_run, not_written, partial, and pending, whose place is taken by what a late commit came to. Null while in flight.
/// </param>
/// <param name="DurationMs">Milliseconds to the answer; null while in flight.</param>
/// <param name="Fault">The kind of the fault that it met; null: none.</param>
/// <param name="FaultId">That fault's id.</param>
/// <param name="CommittedAt">When all its rows were known to be committed; null: not yet, or never.</param>
/// <param name="CommittedTickUs">The same on the clock of <paramref name="ArrivedTickUs"/>.</param>
/// <param name="TablesWritten">How many tables have rows of it that are committed.</param>
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
    double? DurationMs,
    string? Fault = null,
    long? FaultId = null,
    DateTimeOffset? CommittedAt = null,
    long? CommittedTickUs = null,
    int TablesWritten = 0);
