using System.Net;
using System.Net.Http.Headers;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>The HTTP client of one project: kept connections, nothing followed, nothing remembered.</summary>
internal static class EdgeFunctionClient
{
    public static HttpClient Create(Uri api, EdgeFunctionSettings settings)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirected POST would become a GET, and would take the key to another host.
            AllowAutoRedirect = false,
            UseCookies = false,
            // Off this machine the system's proxy is the way out; a sandbox must never be asked of one.
            UseProxy = !Connections.Settings.Loopback.Is(api.Host),
            MaxConnectionsPerServer = settings.MaxConnections,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = settings.ConnectTimeout,
            // Soon enough to notice that the address has moved.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Shorter than servers keep idle connections: a call on one just closed there would end as Unknown.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            AutomaticDecompression = DecompressionMethods.All,
        };
        var client = new HttpClient(handler)
        {
            BaseAddress = api,
            // Polly's, so that a timeout and the caller's cancellation can be told apart.
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Backfill.PowerShell", null));
        return client;
    }

    /// <summary>Adds the key, in both headers that the platform wants.</summary>
    public static void Authorize(this HttpRequestMessage request, string key)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.TryAddWithoutValidation("apikey", key);
    }
}
