using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Call.Http;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Profiles;

namespace Backfill.Engine.Connections.Checks;

/// <summary>Whether both functions answer: asked without a session id, they refuse, and nothing happens.</summary>
internal static class FunctionsCheck
{
    private const string Name = "Functions";

    /// <summary>The check, and the API's clock where it told one.</summary>
    public static async Task<(BackfillCheck Check, ClockReading? Clock)> TakeAsync(
        Uri api, ProjectKey key, TargetMap map, TimeProvider time, CancellationToken cancellationToken)
    {
        // A cold function boots in seconds; a check need not wait as long as a run.
        using var caller = new EdgeFunctionCaller(
            api, key.Value, EdgeFunctionSettings.Default with { CallTimeout = TimeSpan.FromSeconds(30) }, time);
        var findings = new List<BackfillCheck>();
        ClockReading? clock = null;
        foreach (var function in map.Functions)
        {
            var sent = time.GetUtcNow();
            var (reply, serverTime) = await caller.ProbeAsync(function, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            clock ??= serverTime is { } at ? new(at, at.AddSeconds(1), sent, time.GetUtcNow()) : null;
            findings.Add(Judge(function, reply));
        }

        return (Join(findings), clock);
    }

    /// <summary>What a reply to an empty body says of a function.</summary>
    public static BackfillCheck Judge(string function, FunctionReply reply) => reply switch
    {
        { Fault: ReplyFault.NotSent } => BackfillCheck.Fail(
            Name, $"{function}: no connection ({reply.Message})", "Check -ApiUrl (SUPABASE_URL), and that the project is not paused."),
        { Fault: not ReplyFault.None } =>
            BackfillCheck.Fail(Name, $"{function}: no answer ({reply.Message})", "Try again; look at the function's log."),
        { StatusCode: 400 or 422 } => BackfillCheck.Pass(Name, $"{function} answers"),
        { KeyIsNoJwt: true, StatusCode: 401 } or { StatusCode: 402 or 540 } => OfPolicy(function, reply, ErrorPolicy.Classify(reply)),
        { StatusCode: 401 or 403 } => BackfillCheck.Fail(
            Name, $"{function}: the key was refused ({Answer(reply)})", "Copy the service role's key again (project settings, API keys); a legacy key may be disabled."),
        { StatusCode: 404 } => BackfillCheck.Fail(
            Name, $"{function} is not deployed ({Answer(reply)})", $"Deploy it: supabase functions deploy {function}"),
        { StatusCode: 429 } => BackfillCheck.Warn(Name, $"{function}: too many requests just now", "Try again in a moment."),
        { StatusCode: >= 500 } =>
            BackfillCheck.Fail(Name, $"{function} fails ({Answer(reply)})", "Look at the function's log; it may not boot."),
        _ => BackfillCheck.Warn(
            Name, $"{function} answered {reply.StatusCode} to an empty body, where 400 was expected",
            "Check that the function is the one this module knows: it should refuse a call without session_id."),
    };

    private static BackfillCheck OfPolicy(string function, FunctionReply reply, ErrorRule rule) =>
        BackfillCheck.Fail(Name, $"{function}: {rule.Meaning} ({Answer(reply)})", rule.Remedy!);

    private static BackfillCheck Join(List<BackfillCheck> findings)
    {
        var worst = findings.Max(f => f.Status);
        var remedies = findings.Select(f => f.Remedy).OfType<string>().Distinct().ToList();
        return new(
            Name, worst, $"{string.Join("; ", findings.Select(f => f.Detail))}.", remedies.Count > 0 ? string.Join(" ", remedies) : null);
    }

    private static string Answer(FunctionReply reply) =>
        $"{reply.StatusCode}{(reply.PlatformCode is { } code ? $", {code}" : "")}{(reply.Message is { } words ? $", {words}" : "")}";
}
