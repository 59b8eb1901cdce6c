using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using Polly;
using Polly.Timeout;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>What one request brought, with the server's own time.</summary>
internal sealed record Exchanged(FunctionReply Reply, DateTimeOffset? ServerTime);

/// <summary>Sends one request and says precisely how far it got. Never throws for what a network or a server does.</summary>
internal sealed class FunctionExchange(
    HttpClient client, Redaction redaction, EdgeFunctionSettings settings, TimeProvider time)
{
    private readonly ResiliencePipeline _timeout = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddTimeout(new TimeoutStrategyOptions
        {
            TimeoutGenerator = static a => new(a.Context.Properties.GetValue(Limit, TimeSpan.Zero)),
        })
        .Build();

    private static readonly ResiliencePropertyKey<TimeSpan> Limit = new("limit");

    /// <param name="request">The request.</param>
    /// <param name="body">Its body, which knows whether it has left.</param>
    /// <param name="timeout">How long the whole exchange may last; null for the settings'.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async Task<Exchanged> SendAsync(
        HttpRequestMessage request, JsonBody body, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var limit = timeout ?? settings.CallTimeout;
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Limit, limit);
        try
        {
            return await _timeout.ExecuteAsync(
                async c => await ReceiveAsync(request, start, c.CancellationToken).ConfigureAwait(false), context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Fault(ReplyFault.Cancelled, "the call was given up", start);
        }
        catch (Exception e) when (!body.HasLeft && IsOfTheLine(e))
        {
            return Fault(ReplyFault.NotSent, Why(e), start);
        }
        catch (Exception e) when (e is TimeoutRejectedException or OperationCanceledException)
        {
            return Fault(ReplyFault.Timeout, $"no answer within {limit.TotalSeconds:0.#} s", start);
        }
#pragma warning disable CA1031 // The body has left: whatever broke, the function may have done its work.
        catch (Exception e) when (body.HasLeft)
#pragma warning restore CA1031
        {
            return Fault(ReplyFault.Reset, Why(e), start);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task<Exchanged> ReceiveAsync(HttpRequestMessage request, long start, CancellationToken cancellationToken)
    {
        using var response = await client
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var body = await LimitedBody.ReadAsync(response.Content, settings.BodyLimit, cancellationToken).ConfigureAwait(false);
        var answer = AnswerBody.Read(body.Bytes, redaction);
        var isClear = body.IsWhole && (answer.IsJson || IsOtherText(response.Content.Headers.ContentType, body.Bytes));
        var reply = new FunctionReply
        {
            StatusCode = (int)response.StatusCode,
            Fault = response.IsSuccessStatusCode && !isClear ? ReplyFault.Broken : ReplyFault.None,
            PlatformCode = response.Headers.TryGetValues("sb-error-code", out var codes) ? redaction.Clean(codes.First()) : null,
            RetryAfter = RetryAfterHeader.Read(response.Headers.RetryAfter, time.GetUtcNow()),
            Message = body.IsWhole ? answer.Message : "the answer was too long and was not read to its end",
            HadNothingToDo = answer.HadNothingToDo,
            Reduced = answer.Reduced,
            Duration = time.GetElapsedTime(start),
        };
        return new(reply, response.Headers.Date);
    }

    /// <summary>Words that are not meant as JSON, and are there: a function of the plan's own may answer so.</summary>
    private static bool IsOtherText(MediaTypeHeaderValue? type, ReadOnlyMemory<byte> body) =>
        !body.IsEmpty && type?.MediaType is { } name && !name.Contains("json", StringComparison.OrdinalIgnoreCase);

    private Exchanged Fault(ReplyFault fault, string message, long start) => new(
        new FunctionReply { Fault = fault, Message = redaction.Clean(message), Duration = time.GetElapsedTime(start) }, null);

    private static bool IsOfTheLine(Exception e) =>
        e is HttpRequestException or IOException or OperationCanceledException or TimeoutRejectedException;

    private static string Why(Exception e)
    {
        var chain = new List<Exception>();
        for (var x = e; x is not null; x = x.InnerException)
            chain.Add(x);
        return chain.OfType<SocketException>().FirstOrDefault()?.Message
            ?? (chain.OfType<AuthenticationException>().LastOrDefault() is { } tls ? $"TLS failed: {tls.Message}" : null)
            ?? (chain.Exists(x => x is TimeoutException or TimeoutRejectedException) ? "the connection took too long to open" : null)
            ?? chain[^1].Message;
    }
}
