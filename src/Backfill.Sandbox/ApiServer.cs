using System.Net;
using Backfill.Sandbox.Functions;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Backfill.Sandbox;

/// <summary>The one HTTP server: functions, the REST root, and the control plane, on loopback.</summary>
internal sealed class ApiServer(WebApplication app) : IAsyncDisposable
{
    public string Url => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<ApiServer> StartAsync(int port, FunctionEndpoint functions, RestEndpoint rest, Action<IEndpointRouteBuilder> mapControl)
    {
        // The empty builder: no log, no configuration files, no signal handlers of its own.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
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
            throw new SandboxException($"The function server could not listen: {e.Message}", "Choose another --api-port, or leave it out.", e);
        }

        return new ApiServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        // Calls may hang on purpose; nobody waits for them.
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await app.StopAsync(now.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }
}
