namespace Backfill.Engine.Apply.Guard;

/// <summary>Whether a run may go on, by the target's signals. Pure.</summary>
internal static class GuardRules
{
    /// <summary>A signal that holds lets go below this part of its limit, so that a value near the limit doesn't flutter.</summary>
    public const double Release = 0.8;

    /// <summary>So many good readings in a row end a hold.</summary>
    public const int CalmReadings = 2;

    /// <summary>Judges a reading by what earlier ones left.</summary>
    public static GuardVerdict Judge(GuardSettings settings, IReadOnlyList<SignalValue> reading, GuardState before)
    {
        if (!settings.IsOn)
            return new(new() { First = before.First }, null, null, Halts: false);
        var holding = reading.Where(v => Holds(v, settings.Limits[v.Signal], before)).ToList();
        var halting = reading.Where(v => v.Value >= settings.Limits[v.Signal].Halt).ToList();
        // One bad moment halts nothing: the next reading must say the same.
        if (halting.Find(v => before.Halting.Contains(v.Signal)) is { } halt)
            return new(new() { First = before.First }, halt.Signal, Describe(halt, settings.Limits[halt.Signal].Halt), Halts: true);

        var calm = holding.Count > 0 ? 0 : before.Calm + 1;
        var isHeld = holding.Count > 0 || (before.IsHeld && calm < CalmReadings);
        var state = new GuardState
        {
            Holding = [.. holding.Select(v => v.Signal)],
            Halting = [.. halting.Select(v => v.Signal)],
            IsHeld = isHeld,
            Calm = isHeld ? calm : 0,
            First = before.First,
        };
        return holding.Count == 0
            ? new(state, null, isHeld ? "the target's signals were good once, and must be so twice" : null, Halts: false)
            : new(state, holding[0].Signal, Describe(holding[0], settings.Limits[holding[0].Signal].Hold), Halts: false);
    }

    private static bool Holds(SignalValue value, GuardLimit limit, GuardState before) =>
        value.Value >= limit.Hold || (before.Holding.Contains(value.Signal) && value.Value > limit.Hold * Release);

    private static string One(double count, string one, string many) => Math.Round(count) == 1 ? one : many;

    /// <summary>A signal's value and its limit, in words.</summary>
    public static string Describe(SignalValue value, double? limit)
    {
        var (is1, at) = (value.Value ?? 0, limit ?? 0);
        return value.Signal switch
        {
            BackfillSignal.ReplicationLag =>
                FormattableString.Invariant($"replication is {is1 / (1 << 20):0.#} MB behind (limit {at / (1 << 20):0.#} MB)"),
            BackfillSignal.ArchiveWaiting =>
                FormattableString.Invariant($"{is1:0} WAL {One(is1, "file waits", "files wait")} to be archived (limit {at:0})"),
            BackfillSignal.Autovacuum =>
                FormattableString.Invariant(
                    $"{is1:0} autovacuum {One(is1, "worker vacuums", "workers vacuum")} tables of the run (limit {at:0})"),
            BackfillSignal.LockWaits => FormattableString.Invariant($"{is1:0} database {One(is1, "session waits", "sessions wait")} for a lock and {One(is1, "uses", "use")} tables of the run (limit {at:0})"),
            BackfillSignal.OldestTransaction =>
                FormattableString.Invariant($"a transaction that uses tables of the run is {is1:0} s old (limit {at:0.#} s)"),
            BackfillSignal.Connections =>
                FormattableString.Invariant($"{is1 * 100:0} % of the server's connections are in use (limit {at * 100:0.#} %)"),
            BackfillSignal.FunctionLatency =>
                FormattableString.Invariant($"calls take {is1:0.#} times as long as the run's first ones (limit {at:0.#})"),
            BackfillSignal.FunctionErrors =>
                FormattableString.Invariant($"{is1 * 100:0} % more sessions fail than of the run's first ones (limit {at * 100:0.#} %)"),
            _ => $"guard.query {value.Note ?? "didn't return true"}",
        };
    }
}
