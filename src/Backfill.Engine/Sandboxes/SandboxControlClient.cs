using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Backfill.Engine.Sandboxes;

/// <summary>What a sandbox can be told besides being called: its faults and its traffic.</summary>
internal sealed class SandboxControlClient : IDisposable
{
    private static readonly JsonSerializerOptions SnakeCase = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static readonly Subject Faults = new("faults", "fault", "SandboxFaultRefused");
    private static readonly Subject Traffic = new("traffic", "traffic", "SandboxTrafficRefused");

    private readonly BackfillSandbox _sandbox;
    private readonly HttpClient _http;

    private SandboxControlClient(BackfillSandbox sandbox)
    {
        _sandbox = sandbox;
        // A sandbox is on this machine: a proxy has no part in it.
        _http = new(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = new(sandbox.GetControl().Url + "/sandbox/v1/"),
            DefaultRequestHeaders = { { "x-sandbox-key", sandbox.GetControl().Key } },
        };
    }

    /// <summary>Adds a fault to those that are set.</summary>
    /// <exception cref="BackfillException"><c>SandboxFaultRefused</c>, <c>SandboxGone</c>.</exception>
    public static async Task SetFaultAsync(BackfillSandbox sandbox, BackfillSandboxFault fault, CancellationToken cancellationToken)
    {
        using var plane = new SandboxControlClient(sandbox);
        await plane.SendAsync(HttpMethod.Post, Faults, JsonContent.Create(fault, options: SnakeCase), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Clears all faults.</summary>
    /// <exception cref="BackfillException"><c>SandboxGone</c>.</exception>
    public static async Task ClearFaultsAsync(BackfillSandbox sandbox, CancellationToken cancellationToken)
    {
        using var plane = new SandboxControlClient(sandbox);
        await plane.SendAsync(HttpMethod.Delete, Faults, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts traffic, in the place of what is running.</summary>
    /// <exception cref="BackfillException"><c>SandboxTrafficRefused</c>, <c>SandboxGone</c>.</exception>
    public static async Task StartTrafficAsync(BackfillSandbox sandbox, BackfillSandboxTraffic traffic, CancellationToken cancellationToken)
    {
        using var plane = new SandboxControlClient(sandbox);
        await plane.SendAsync(HttpMethod.Put, Traffic, JsonContent.Create(traffic, options: SnakeCase), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Stops the traffic; where there is none, nothing happens.</summary>
    /// <exception cref="BackfillException"><c>SandboxTrafficRefused</c>: the tokens could not be mended; <c>SandboxGone</c>.</exception>
    public static async Task StopTrafficAsync(BackfillSandbox sandbox, CancellationToken cancellationToken)
    {
        using var plane = new SandboxControlClient(sandbox);
        await plane.SendAsync(HttpMethod.Delete, Traffic, null, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(HttpMethod method, Subject subject, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, subject.Path) { Content = content };
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.BadRequest)
                throw Refused(
                    subject, await response.Content.ReadFromJsonAsync<Refusal>(SnakeCase, cancellationToken).ConfigureAwait(false));
            response.EnsureSuccessStatusCode();
        }
        catch (HttpRequestException e)
        {
            throw new BackfillException(
                "SandboxGone",
                BackfillErrorKind.Unreachable,
                $"The {_sandbox} does not answer at {_sandbox.GetControl().Url}. Start another one with Start-BackfillSandbox.",
                _sandbox,
                e);
        }
    }

    private BackfillException Refused(Subject subject, Refusal? refusal) => new(
        subject.Refused,
        BackfillErrorKind.InvalidInput,
        $"The {_sandbox} refuses this {subject.Name}: {refusal?.Error?.TrimEnd('.')}. Correct it, then try again.",
        _sandbox);

    private sealed record Refusal(string Error);

    private sealed record Subject(string Path, string Name, string Refused);
}
