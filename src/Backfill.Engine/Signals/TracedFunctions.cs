using System.Diagnostics;
using Backfill.Engine.Apply.Call;

namespace Backfill.Engine.Signals;

/// <summary>Edge functions with their calls made visible.</summary>
internal sealed class TracedFunctions(IFunctionCaller functions, PhaseSignals signals) : IFunctionCaller
{
    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) => functions.WarmUpAsync(connections, cancellationToken);

    public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
    {
        using var span = PhaseSignals.Source.StartActivity(SpanNames.Operation, ActivityKind.Client)
            ?.SetTag(SignalTags.Function, call.Function)
            .SetTag("faas.invoked_provider", "supabase")
            .SetTag(SignalTags.Method, "POST")
            .SetTag(SignalTags.SessionId, call.SessionId.ToString())
            .SetTag("backfill.attempt", call.Attempt);
        var reply = await functions.CallAsync(call, cancellationToken).ConfigureAwait(false);
        var error = reply.Fault != ReplyFault.None ? reply.Fault.ToString() : reply.StatusCode >= 400 ? reply.PlatformCode ?? $"{reply.StatusCode}" : null;
        span?.SetTag(SignalTags.StatusCode, reply.StatusCode);
        if (error is not null)
            span?.SetTag(SignalTags.Category, error).SetStatus(ActivityStatusCode.Error, reply.Message);
        signals.Instruments.OperationDuration.Record(
            reply.Duration.TotalSeconds,
            signals.Tags(
                new(SignalTags.Function, call.Function),
                new(SignalTags.StatusCode, reply.StatusCode),
                // A word of ours: what a header says may be anything.
                new(SignalTags.Category, ErrorPolicy.Classify(reply).Category)));
        return reply;
    }
}
