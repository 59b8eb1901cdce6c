using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Signals;

/// <summary>A real Prometheus on this machine that reads one metrics file each second, with our rules; gone when disposed.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly string _folder = ApplyWorld.NewFolder();
    private readonly string _file;
    private readonly HttpListener _listener = new();
    private readonly HttpClient _http;
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly Task _serving;

    private PrometheusServer(string file)
    {
        _file = file;
        var (scraped, own) = (FreePort(), FreePort());
        _listener.Prefixes.Add($"http://127.0.0.1:{scraped}/");
        _listener.Start();
        _serving = ServeAsync();
        _http = new() { BaseAddress = new($"http://127.0.0.1:{own}/") };
        var config = Path.Combine(_folder, "prometheus.yml");
        File.WriteAllText(config, $"""
            global: {"{"}scrape_interval: 1s, evaluation_interval: 1s{"}"}
            rule_files: ['{MonitoringFiles.Rules}']
            scrape_configs:
              - job_name: backfill
                static_configs: [{"{"}targets: ['127.0.0.1:{scraped}']{"}"}]
            """);
        _process = Process.Start(new ProcessStartInfo(Tool.Find("prometheus")!,
        [
            $"--config.file={config}", $"--storage.tsdb.path={Path.Combine(_folder, "data")}", $"--web.listen-address=127.0.0.1:{own}", "--log.level=warn",
        ])
        {
            RedirectStandardError = true,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public static async Task<PrometheusServer> StartAsync(string file)
    {
        var server = new PrometheusServer(file);
        Assert.True(await Patiently.AskAsync(server.IsReadyAsync, ready => ready), "Prometheus is not ready.");
        return server;
    }

    /// <summary>What a query answers now.</summary>
    public async Task<JsonArray> AskAsync(string query)
    {
        var answer = await _http.GetFromJsonAsync<JsonNode>($"api/v1/query?query={Uri.EscapeDataString(query)}");
        return answer!["data"]!["result"]!.AsArray();
    }

    /// <summary>The one number that a query answers now.</summary>
    public async Task<double> NumberAsync(string query) =>
        double.Parse((string)Assert.Single(await AskAsync(query))!["value"]![1]!, CultureInfo.InvariantCulture);

    /// <summary>The rules as it has loaded them: name, state of health and whether they fire.</summary>
    public async Task<IReadOnlyList<(string Name, string Health, string State)>> RulesAsync()
    {
        var answer = await _http.GetFromJsonAsync<JsonNode>("api/v1/rules");
        return
        [
            .. from grouped in answer!["data"]!["groups"]!.AsArray()
               from rule in grouped!["rules"]!.AsArray()
               select ((string)rule!["name"]!, (string)rule!["health"]!, (string)rule!["state"]!),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
        _http.Dispose();
        _listener.Close();
        await _serving;
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process.HasExited, _process.HasExited ? await _errors : "");
        try
        {
            using var answer = await _http.GetAsync(new Uri("-/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                context.Response.ContentType = "text/plain; version=0.0.4";
                await context.Response.OutputStream.WriteAsync(await File.ReadAllBytesAsync(_file));
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
