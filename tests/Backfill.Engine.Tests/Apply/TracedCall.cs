using System.Globalization;
using System.Text.RegularExpressions;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A call as the server logged it, with what its tracing header says.</summary>
internal sealed partial record TracedCall(
    Guid RunId, Guid SessionId, int Position, string Function, int Attempt, long Fence, SandboxCall Logged)
{
    /// <summary>What names its row of <c>backfill.operation</c>.</summary>
    public string Operation => FormattableString.Invariant($"{RunId} {SessionId} {Position} {Function} {Attempt} {Fence}");

    public static TracedCall Of(SandboxCall call)
    {
        var found = Trace().Match(call.Headers["x-backfill-trace"]);
        Assert.True(found.Success, $"A call without a trace: {call.Headers["x-backfill-trace"]}");
        return new(
            Guid.Parse(found.Groups[1].Value),
            Guid.Parse(found.Groups[2].Value),
            int.Parse(found.Groups[3].Value, CultureInfo.InvariantCulture),
            found.Groups[4].Value,
            int.Parse(found.Groups[5].Value, CultureInfo.InvariantCulture),
            long.Parse(found.Groups[6].Value, CultureInfo.InvariantCulture),
            call);
    }

    [GeneratedRegex(@"^run=([0-9a-f-]{36}); session=([0-9a-f-]{36}); operation=(\d+)/(\w+); attempt=(\d+); fence=(\d+)$")]
    private static partial Regex Trace();
}
