namespace Backfill.Engine.Soak;

/// <summary>The clock that a window is measured by: the target's, for its rows carry that one's times.</summary>
internal static class SoakClock
{
    public static async Task<ScaledClock> OpenAsync(
        ISoakProbe probe, bool isSandbox, TimeProvider time, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow();
        var reading = await probe.ReadClockAsync(cancellationToken).ConfigureAwait(false);
        var after = time.GetUtcNow();
        // Within the round trip it can't be told whether the clocks differ at all.
        var offset = reading.Now >= before && reading.Now <= after ? TimeSpan.Zero : reading.Now - (before + ((after - before) / 2));
        return isSandbox && reading is { Origin: { } origin, Factor: { } factor } && factor > 0
            ? new(time, origin, factor, offset)
            : new(time, before, 1, offset);
    }
}
