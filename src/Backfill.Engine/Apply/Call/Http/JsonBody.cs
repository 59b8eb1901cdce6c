using System.Net;
using System.Net.Http.Headers;

namespace Backfill.Engine.Apply.Call.Http;

/// <summary>A JSON body that knows whether it has been handed to a connection: before that, nothing can have been done.</summary>
internal sealed class JsonBody : HttpContent
{
    private readonly byte[] _utf8;

    public JsonBody(byte[] utf8)
    {
        _utf8 = utf8;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    public bool HasLeft { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        HasLeft = true;
        return stream.WriteAsync(_utf8, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _utf8.Length;
        return true;
    }
}
