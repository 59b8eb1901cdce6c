using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;

namespace Backfill.Benchmarks.Comparison;

/// <summary>The least that makes the two calls: an HttpClient, answers read and thrown away. What the server can do.</summary>
internal sealed class BareLoop : IContender, IDisposable
{
    private readonly BenchTarget _target;
    private readonly HttpClient _http;

    public BareLoop(BenchTarget target)
    {
        _target = target;
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
        {
            BaseAddress = new Uri(target.Info.ApiUrl),
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", target.Info.ServiceRoleKey);
        _http.DefaultRequestHeaders.Add("apikey", target.Info.ServiceRoleKey);
    }

    public string Name => "bare HttpClient";

    public int ProcessId => Environment.ProcessId;

    public async Task<Lap> RunAsync()
    {
        var queue = new ConcurrentQueue<Guid>(_target.Sessions);
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, BenchOptions.Concurrency).Select(_ => WorkAsync(queue)));
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new(elapsed, elapsed);
    }

    public void Dispose() => _http.Dispose();

    private async Task WorkAsync(ConcurrentQueue<Guid> queue)
    {
        while (queue.TryDequeue(out var session))
        {
            await PostAsync("score_fc_session", $$"""{"session_id":"{{session}}","version":"v1.2","basis":"functions"}""");
            await PostAsync("score_prism", $$"""{"session_id":"{{session}}","engine_version":"v1.2.1"}""");
        }
    }

    private async Task PostAsync(string function, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri($"functions/v1/{function}", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        await response.Content.CopyToAsync(Stream.Null);
    }
}
