using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Signals;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Signals;

/// <summary>A person is told where a run halts or ends; an endpoint that is dead harms nothing.</summary>
[Collection(ApplyCollection.Name)]
public sealed class NotifierTests(RunWorld world)
{
    [Fact]
    public async Task A_run_that_completes_posts_its_figures_and_then_its_gate()
    {
        await world.FreshAsync();
        using var listener = new Listener(204);
        var run = await world.FrozenAsync(3, RunWorld.Quick);
        var sink = new RecordingSink();
        await new Backfill.Engine.Apply.ApplyPhase(world.Connection, TimeProvider.System).RunAsync(
            new() { RunId = run.Id, OutputPath = run.OutputPath, NotifyUri = listener.Uri, Name = "first try", Ticket = "OPS-7" }, sink, CancellationToken.None);

        Assert.Empty(sink.Warnings);
        Assert.Equal(["RunCompleted", "GateWaiting"], listener.Bodies.Select(b => b.GetProperty("event").GetString()));
        var body = listener.Bodies.First();
        Assert.Equal(
            (run.Id, 3, 3, "first try", "OPS-7"),
            (body.GetProperty("run_id").GetGuid(), body.GetProperty("total_sessions").GetInt32(), body.GetProperty("successful_sessions").GetInt32(),
             body.GetProperty("name").GetString(), body.GetProperty("ticket").GetString()));
        Assert.Equal("ApplyReview", listener.Bodies.Last().GetProperty("gate").GetString());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(null)]
    public async Task An_endpoint_that_fails_is_a_warning_without_its_address(int? status)
    {
        await world.FreshAsync();
        using var listener = new Listener(status ?? 200);
        if (status is null)
            listener.Dispose();
        var warnings = new List<string>();
        var run = await (await world.FrozenAsync(1, RunWorld.Quick)).ReadAsync();
        await new Notifier(listener.Uri + "?token=secret", world.Connection, warnings.Add)
            .RunEndedAsync(run with { State = BackfillRunState.Halted }, null);
        var warning = Assert.Single(warnings);
        Assert.StartsWith("RunHalted could not be posted to 127.0.0.1: ", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://example.org/x")]
    [InlineData("not an address")]
    public void An_address_that_is_none_is_refused_before_anything_begins(string uri) => Assert.Equal(
        "NotifyUriInvalid", Assert.Throws<BackfillException>(() => new Notifier(uri, world.Connection, _ => { })).Code);

    private sealed class Listener : IDisposable
    {
        private readonly HttpListener _listener = new();

        public Listener(int status)
        {
            using (var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Uri = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/hook/";
            }

            _listener.Prefixes.Add(Uri);
            _listener.Start();
            _ = AnswerAsync(status);
        }

        public string Uri { get; }

        public ConcurrentQueue<JsonElement> Bodies { get; } = new();

        public void Dispose() => _listener.Close();

        private async Task AnswerAsync(int status)
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    Bodies.Enqueue((await JsonDocument.ParseAsync(context.Request.InputStream)).RootElement.Clone());
                    context.Response.StatusCode = status;
                    context.Response.Close();
                }
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
            }
        }
    }
}
