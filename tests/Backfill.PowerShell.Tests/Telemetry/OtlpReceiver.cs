using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Backfill.PowerShell.Tests.Telemetry;

/// <summary>One export request.</summary>
internal sealed record OtlpRequest(string Path, string ContentType, string? Authorization, byte[] Body);

/// <summary>A collector on this machine: takes OTLP by HTTP and protobuf, and keeps what it got.</summary>
internal sealed class OtlpReceiver : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Task _serving;
    private readonly Lock _lock = new();
    private readonly List<OtlpRequest> _requests = [];

    public OtlpReceiver()
    {
        (_listener, Address) = Listen();
        _serving = ServeAsync();
    }

    public string Address { get; }

    public IReadOnlyList<OtlpRequest> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    public IReadOnlyList<ExportedSpan> Spans => [.. Of("/v1/traces").SelectMany(OtlpSignals.Spans)];

    public IReadOnlyList<IReadOnlyList<ExportedPoint>> PointsByRequest => [.. Of("/v1/metrics").Select(r => OtlpSignals.Points(r).ToList())];

    /// <summary>In the order they came; the later one of two with the same labels is the one that holds.</summary>
    public IReadOnlyList<ExportedPoint> Points => [.. PointsByRequest.SelectMany(p => p)];

    public IReadOnlyList<ExportedLog> Logs => [.. Of("/v1/logs").SelectMany(OtlpSignals.Logs)];

    /// <summary>What every request says of its sender.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, object?>> Resources =>
        [.. Requests.Select(r => OtlpSignals.Resource(new(r.Body)))];

    /// <summary>All bodies, to be searched for what must not be there.</summary>
    public string Text => string.Concat(Requests.Select(r => Encoding.Latin1.GetString(r.Body)));

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
    }

    private IEnumerable<WireMessage> Of(string path) => Requests.Where(r => r.Path == path).Select(r => new WireMessage(r.Body));

    private static (HttpListener Listener, string Address) Listen()
    {
        while (true)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
            probe.Stop();
            var listener = new HttpListener { Prefixes = { $"{address}/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException)
            {
                // Somebody else took the port in between.
                listener.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            lock (_lock)
            {
                _requests.Add(new(
                    context.Request.Url!.AbsolutePath, context.Request.ContentType ?? "", context.Request.Headers["Authorization"], body.ToArray()));
            }

            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}
