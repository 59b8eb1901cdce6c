namespace Backfill.Sandbox.Functions;

/// <summary>Every call, in the order of arrival, in memory.</summary>
internal sealed class CallLog
{
    private static readonly Dictionary<string, string> NoHeaders = [];

    private readonly Lock _gate = new();
    private readonly List<Call> _calls = [];
    private long _sequence;

    public Call Arrived(string function, HttpRequest request)
    {
        var headers = Tracing(request.Headers);
        lock (_gate)
        {
            var call = new Call { Sequence = ++_sequence, Method = request.Method, Function = function, Headers = headers };
            _calls.Add(call);
            return call;
        }
    }

    /// <summary>The calls with a higher sequence number, those in flight included.</summary>
    public Call[] After(long sequence)
    {
        lock (_gate)
            return [.. _calls.Where(call => call.Sequence > sequence)];
    }

    /// <summary>Forgets all calls; the sequence goes on.</summary>
    public int Clear()
    {
        lock (_gate)
        {
            var count = _calls.Count;
            _calls.Clear();
            return count;
        }
    }

    private static Dictionary<string, string> Tracing(IHeaderDictionary headers)
    {
        Dictionary<string, string>? found = null;
        foreach (var (name, value) in headers)
        {
            if (name.StartsWith("x-backfill-", StringComparison.OrdinalIgnoreCase)
                || name.Equals("idempotency-key", StringComparison.OrdinalIgnoreCase))
                (found ??= [])[name.ToLowerInvariant()] = value.ToString();
        }

        return found ?? NoHeaders;
    }
}
