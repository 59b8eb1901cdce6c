using Backfill.Sandbox.Functions;
using Backfill.Sandbox.Scoring;

namespace Backfill.Sandbox.Faults;

/// <summary>A fault that is set, and what it has done so far. Not thread-safe: <see cref="FaultBoard"/> guards it.</summary>
/// <param name="id">Its number; never used again.</param>
/// <param name="place">Its place among those set since the last clearing: what its dice depend on.</param>
/// <param name="order">What it does, and to which calls.</param>
/// <param name="seed">The sandbox's.</param>
internal sealed class Fault(long id, int place, FaultOrder order, int seed)
{
    /// <summary>Keeps its dice apart from those of the scores.</summary>
    private const int Purpose = 1_000_000;

    private readonly HashSet<Guid>? _sessions = order.SessionIds?.ToHashSet();
    private readonly Dictionary<Guid, (int Seen, int Fired)> _tally = [];

    public long Id => id;

    public FaultOrder Order => order;

    public int Fired { get; private set; }

    /// <summary>Whether it hits this call; if so, that counts.</summary>
    public bool Hits(string function, FunctionRequest request)
    {
        // Its calls never arrive; and a signal is of no call.
        if (order.Kind == FaultKind.Unreachable || order.Kind.IsSignal()) return false;

        var session = Guid.TryParse(request.SessionId, out var named) ? named : Guid.Empty;
        if (order.Function is { } wanted && wanted != function) return false;
        if (_sessions?.Contains(session) == false) return false;
        if (Fired >= order.Count) return false;

        var (seen, fired) = _tally.GetValueOrDefault(session);
        var hits = !(fired >= order.PerSession) && IsDrawn(session, seen);
        _tally[session] = (seen + 1, hits ? fired + 1 : fired);
        if (hits) Fired++;
        return hits;
    }

    /// <summary>
    /// Depends on how often this session has called, not on how the calls of all sessions mix, so that a run with many
    /// at once repeats too.
    /// </summary>
    private bool IsDrawn(Guid session, int seen)
    {
        if (order.Rate is not { } rate) return true;

        var dice = new Dice(session, seed, HashOf(Purpose + place, seen));
        return (dice.Next() >> 11) * Math.ScaleB(1, -53) < rate;
    }

    private static int HashOf(int left, int right) => unchecked((left * 31_337) ^ (right * 1_000_003));
}
