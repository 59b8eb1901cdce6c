using Backfill.Engine.Apply.Call;

namespace Backfill.TestWorker;

/// <summary>Asks the sandbox whether a call has arrived.</summary>
internal sealed class ArrivalLog : IDisposable
{
    private readonly HttpClient _http;

    public ArrivalLog(WorkerSecrets opens)
    {
        _http = new HttpClient { BaseAddress = new Uri(opens.ApiUrl + "/sandbox/v1/") };
        _http.DefaultRequestHeaders.Add("x-sandbox-key", opens.ControlKey);
    }

    /// <summary>Returns once the call is in the log.</summary>
    public async Task SawAsync(FunctionCall call)
    {
        var trace = FormattableString.Invariant($"operation={call.Position}/{call.Function}; attempt={call.Attempt}; fence={call.Fence}");
        while (!(await _http.GetStringAsync(new Uri("calls", UriKind.Relative)).ConfigureAwait(false)).Contains(trace, StringComparison.Ordinal))
            await Task.Delay(1).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();
}
