namespace Backfill.Engine.Tests.Sandbox;

/// <summary>A sandbox in which one fault after the other is tried out.</summary>
public sealed class FaultWorld : SandboxFixture
{
    public const string ScoreFc = "score_fc_session";
    public const string ScorePrism = "score_prism";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Nothing is set but this, and the log is empty.</summary>
    public async Task OnlyAsync(params SandboxFault[] faults)
    {
        await Sandbox.Control.ClearFaultsAsync(cancellation: Cancellation);
        await Sandbox.Control.ClearCallsAsync(Cancellation);
        foreach (var fault in faults) await Sandbox.Control.SetFaultAsync(fault, Cancellation);
    }

    public Task<FunctionReply> ScoreFcAsync(Guid session, CancellationToken? cancellation = null) =>
        Sandbox.Functions.CallAsync(ScoreFc, new { session_id = session, version = "v1.2", basis = "functions" }, cancellation ?? Cancellation);

    public Task<FunctionReply> ScorePrismAsync(Guid session) =>
        Sandbox.Functions.CallAsync(ScorePrism, new { session_id = session, engine_version = "v1.2.1" }, Cancellation);

    /// <summary>The one call in the log.</summary>
    public async Task<SandboxCall> CallAsync() => Assert.Single(await Sandbox.Control.CallsAsync(cancellation: Cancellation));

    /// <summary>The one call in the log, once it is as wanted.</summary>
    public async Task<SandboxCall> CallOnceAsync(Func<SandboxCall, bool> isSo)
    {
        var calls = await Patiently.AskAsync(() => Sandbox.Control.CallsAsync(cancellation: Cancellation), calls => calls is [var call] && isSo(call));
        return Assert.Single(calls);
    }

    /// <summary>The versions of a session's scores.</summary>
    public Task<string> ScoresOfAsync(Guid session) => ScalarAsync<string>(
        "SELECT coalesce(string_agg(version, ',' ORDER BY version), '') FROM public.fc_scores WHERE session_id = $1", session);

    /// <summary>Sessions that nobody knows: their scoring finds nothing to score, and answers 200.</summary>
    public static Guid[] Strangers(int count) => [.. Enumerable.Range(1, count).Select(i => new Guid(i, 0, 0, new byte[8]))];
}
