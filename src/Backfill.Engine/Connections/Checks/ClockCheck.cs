using System.Globalization;

namespace Backfill.Engine.Connections.Checks;

/// <summary>Whether this machine, the database and the API agree on the time.</summary>
internal static class ClockCheck
{
    private static readonly TimeSpan Warns = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Fails = TimeSpan.FromSeconds(30);

    public static BackfillCheck Of(ClockReading? database, ClockReading? api)
    {
        const string name = "ClockSkew";
        if (database is null)
            return CheckFailure.Unreached(name, "Database");
        var detail = $"{Words("database", database)}, {(api is null ? "the API did not tell its time" : Words("API", api))}.";
        var worst = new[] { database, api }.Max(r => r?.Skew.Duration() ?? TimeSpan.Zero);
        const string remedy = "Synchronize this machine's clock (NTP). Pace and leases go by the database's clock; a wrong local one makes times in messages and files wrong.";
        return worst > Fails ? BackfillCheck.Fail(name, detail, remedy)
            : worst > Warns ? BackfillCheck.Warn(name, detail, remedy)
            : api is null ? BackfillCheck.Warn(name, detail, "See the check Functions.")
            : BackfillCheck.Pass(name, detail);
    }

    private static string Words(string whose, ClockReading reading) => reading.Skew == TimeSpan.Zero
        ? $"the {whose}'s clock agrees within the round trip"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"the {whose}'s clock is at least {reading.Skew.Duration().TotalSeconds:0.0} s {(reading.Skew > TimeSpan.Zero ? "ahead" : "behind")}");
}
