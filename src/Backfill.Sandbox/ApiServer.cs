using System.Net;
using Backfill.Sandbox.Functions;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Backfill.Sandbox;

/// <summary>
/// The one HTTP server: functions, the REST root, and the control plane, on loopback. It listens at two ports: the API's
/// can be closed, and the control plane's stays open.
/// </summary>
internal sealed class ApiServer(WebApplication app, ApiListener listener) : IAsyncDisposable
{
    public string Url => $"http://{listener.EndPoint}";

    public string ControlUrl =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single(address => address != Url);

    public static async Task<ApiServer> StartAsync(
        ApiListener listener, FunctionEndpoint functions, RestEndpoint rest, Action<IEndpointRouteBuilder> mapControl)
    {
        // The empty builder: no log, no configuration files, no signal handlers of its own.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(listener.EndPoint);
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        builder.Services.AddSingleton<IConnectionListenerFactory>(listener);
        builder.Services.AddRoutingCore();

        var app = builder.Build();
        app.MapMethods("/functions/v1/{name}", ["POST", "OPTIONS"], functions.HandleAsync);
        app.MapMethods("/rest/v1/", ["GET", "HEAD"], rest.HandleAsync);
        mapControl(app);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new SandboxException(
                $"The function server could not listen: {e.Message}", "Choose another --api-port, or leave it out.", e);
        }

        return new ApiServer(app, listener);
    }

    public async ValueTask DisposeAsync()
    {
        // Calls may hang on purpose; nobody waits for them.
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }
}
