using System.Diagnostics;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Soak.Store;

/// <summary>What a look costs, by the wall clock: a sandbox's own may run faster.</summary>
internal sealed class SoakMeter
{
    private readonly long _since = Stopwatch.GetTimestamp();
    private int _statements;

    public SoakCost Reading => new((long)Math.Ceiling(Stopwatch.GetElapsedTime(_since).TotalMilliseconds), _statements);

    public void Count(int statements) => _statements += statements;
}
