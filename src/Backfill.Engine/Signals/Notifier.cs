using System.Text;
using System.Text.Json;
using Backfill.Engine.Reports;

namespace Backfill.Engine.Signals;

/// <summary>
/// Posts a small JSON text where a person should look: a run has halted or completed, a gate waits, a soak has ended or failed. An
/// endpoint that is dead or slow never harms what it is told of: a warning says so.
/// </summary>
internal sealed class Notifier
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Its certificate is checked, and it is never redirected: the address may hold a secret.
    private static readonly HttpClient Http =
        new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = Patience }) { Timeout = Patience };

    private readonly Uri? _uri;
    private readonly BackfillConnection _connection;
    private readonly Action<string> _warn;

    /// <exception cref="BackfillException"><c>NotifyUriInvalid</c>.</exception>
    public Notifier(string? uri, BackfillConnection connection, Action<string> warn)
    {
        (_connection, _warn) = (connection, warn);
        if (string.IsNullOrWhiteSpace(uri))
            return;
        if (!Uri.TryCreate(uri.Trim(), UriKind.Absolute, out _uri) || _uri.Scheme is not ("https" or "http"))
        {
            throw new BackfillException(
                "NotifyUriInvalid",
                BackfillErrorKind.InvalidInput,
                "-NotifyUri (BACKFILL_NOTIFY_URI) is no http or https address. Give one like https://hooks.example.org/backfill, or leave it out.");
        }
    }

    public async Task RunEndedAsync(BackfillRun run, BackfillGate? gate)
    {
        if (run.State is BackfillRunState.Halted or BackfillRunState.Completed)
            await PostAsync($"Run{run.State}", run.RunId, Run).ConfigureAwait(false);
        if (gate is not null)
            await GateAsync(gate, Run).ConfigureAwait(false);

        void Run(Utf8JsonWriter json)
        {
            json.WriteString("state", run.State.ToString());
            json.WriteString("cause", run.Cause?.ToString());
            json.WriteString("reason", run.Reason);
            json.WriteString("name", run.Name);
            json.WriteString("ticket", run.Ticket);
            json.WriteNumber("total_sessions", run.Total);
            json.WriteNumber("successful_sessions", run.Succeeded);
            json.WriteNumber("failed_sessions", run.Failed);
            json.WriteNumber("no_effect_sessions", run.NoEffect);
            json.WriteNumber("unknown_sessions", run.Unknown);
            json.WriteNumber("remaining_sessions", run.Remaining);
        }
    }

    public async Task SoakEndedAsync(Guid? runId, SoakVerdict verdict, string? reason, BackfillGate? gate)
    {
        await PostAsync(verdict == SoakVerdict.Fail ? "SoakFailed" : "SoakEnded", runId, Soak).ConfigureAwait(false);
        if (gate is not null)
            await GateAsync(gate, Soak).ConfigureAwait(false);

        void Soak(Utf8JsonWriter json)
        {
            json.WriteString("verdict", verdict.ToString());
            json.WriteString("reason", reason);
        }
    }

    private Task GateAsync(BackfillGate gate, Action<Utf8JsonWriter> more) => PostAsync("GateWaiting", gate.RunId, json =>
    {
        json.WriteString("gate", gate.Name.ToString());
        json.WriteBoolean("passed", gate.Passed);
        more(json);
    });

    private async Task PostAsync(string what, Guid? runId, Action<Utf8JsonWriter> write)
    {
        if (_uri is null)
            return;
        try
        {
            using var body = new StringContent(Json(what, runId, write), Encoding.UTF8, "application/json");
            using var answer = await Http.PostAsync(_uri, body).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                _warn(FormattableString.Invariant($"{what} could not be posted to {_uri.Host}: it answered {(int)answer.StatusCode}. The run isn't harmed."));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            // Never the whole address: it may hold a secret.
            _warn($"{what} could not be posted to {_uri.Host}: {(e is TaskCanceledException ? "no answer within 5 s" : "no connection")}. The run isn't harmed.");
        }
    }

    private string Json(string what, Guid? runId, Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = ReportJson.Writer(stream))
        {
            json.WriteStartObject();
            json.WriteString("event", what);
            json.WriteString("at", DateTimeOffset.UtcNow);
            json.WriteString("environment", _connection.Environment is { } environment ? ReportJson.Text(environment) : null);
            json.WriteString("project_ref", _connection.ProjectRef);
            json.WriteBoolean("is_sandbox", _connection.IsSandbox);
            if (runId is { } id)
                json.WriteString("run_id", id);
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
