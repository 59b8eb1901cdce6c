using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>Calls a project's edge functions.</summary>
/// <remarks>
/// There is no Supabase client library here. The package registry that this project is built from has none, and the whole
/// contract is one POST: a library would bring its own retries, timeouts and serializer to a place where each of them
/// decides whether a session is called twice.
/// </remarks>
internal sealed class EdgeFunctionCaller : IFunctionCaller, IDisposable
{
    private static readonly TimeSpan WarmUpLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _client;
    private readonly FunctionExchange _exchange;
    private readonly EdgeFunctionSettings _settings;
    private readonly string _key;
    private readonly bool _keyIsNoJwt;

    /// <param name="api">The project's API.</param>
    /// <param name="key">The service role's key; goes into two headers and nowhere else.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="time">The clock of timeouts and durations.</param>
    public EdgeFunctionCaller(Uri api, string key, EdgeFunctionSettings settings, TimeProvider time)
    {
        _key = key;
        _keyIsNoJwt = ProjectKey.TryParse(key) is { IsLegacy: false };
        _settings = settings;
        _client = EdgeFunctionClient.Create(api, settings);
        _exchange = new(_client, new Redaction(key), settings, time);
    }

    /// <summary>Asks for the API's root, as often as there will be calls at once: no function runs, and no key is sent.</summary>
    public async Task WarmUpAsync(int connections, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(WarmUpLimit);
        await Task.WhenAll(Enumerable.Range(0, Math.Clamp(connections, 1, _settings.MaxConnections)).Select(_ => KnockAsync(limit.Token)))
            .ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
    {
        using var request = CallRequest.Of(call, _key);
        return (await SendAsync(request, (JsonBody)request.Content!, call.Timeout, cancellationToken).ConfigureAwait(false)).Reply;
    }

    /// <summary>Posts an empty object: a function that is there refuses it for want of a session id, without effect.</summary>
    public async Task<Exchanged> ProbeAsync(string function, CancellationToken cancellationToken)
    {
        var body = new JsonBody("{}"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, CallRequest.Path(function)) { Content = body };
        request.Authorize(_key);
        return await SendAsync(request, body, null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Exchanged> SendAsync(
        HttpRequestMessage request, JsonBody body, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var exchanged = await _exchange.SendAsync(request, body, timeout, cancellationToken).ConfigureAwait(false);
        return exchanged with { Reply = exchanged.Reply with { KeyIsNoJwt = _keyIsNoJwt } };
    }

    public void Dispose() => _client.Dispose();

    private async Task KnockAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, "/");
            using var _ = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // The first call will meet the same, and say so.
        }
    }
}
