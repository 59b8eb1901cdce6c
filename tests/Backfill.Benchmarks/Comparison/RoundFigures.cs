using System.Globalization;

namespace Backfill.Benchmarks.Comparison;

/// <summary>One contender's turn.</summary>
/// <param name="Round">From 1.</param>
/// <param name="Contender">Its name.</param>
/// <param name="Whole">From the order to its end.</param>
/// <param name="Calling">The part of it in which calls were made.</param>
/// <param name="SessionsPerSecond">Over the whole.</param>
/// <param name="Cpu">Where the processors' time went.</param>
/// <param name="Written">What the database has written for it.</param>
internal sealed record Turn(
    int Round, string Contender, TimeSpan Whole, TimeSpan Calling, double SessionsPerSecond, CpuShares? Cpu, Written Written);

/// <summary>Bytes a session.</summary>
/// <param name="WalBytes">Of the write-ahead log, for whatever was written: the functions' rows, the ledger, their indexes.</param>
/// <param name="LedgerBytes">By which the ledger's tables and indexes have grown.</param>
internal sealed record Written(double WalBytes, double LedgerBytes)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"kB/session: WAL {WalBytes / 1e3:0.0}, ledger {LedgerBytes / 1e3:0.0}");
}

/// <summary>All turns, and what they come to.</summary>
/// <param name="Contenders">The first is the one that is measured against the others.</param>
/// <param name="Sessions">Sessions a turn.</param>
/// <param name="Turns">In order.</param>
internal sealed record RoundFigures(IReadOnlyList<string> Contenders, int Sessions, IReadOnlyList<Turn> Turns)
{
    public double Rate(string contender) => Median(Of(contender).Select(t => t.SessionsPerSecond));

    public double Seconds(string contender) => Median(Of(contender).Select(t => t.Whole.TotalSeconds));

    /// <summary>While calls were made: without freezing the run and writing its artifacts.</summary>
    public double CallingRate(string contender) => Median(Of(contender).Select(t => Sessions / t.Calling.TotalSeconds));

    /// <summary>The median of the rounds' own ratios of throughput; over 1, the first contender is the faster one.</summary>
    public double Ratio(string other) => Median(Ratios(other));

    public IReadOnlyList<double> Ratios(string other) =>
        [.. Of(Contenders[0]).Zip(Of(other), (ours, theirs) => ours.SessionsPerSecond / theirs.SessionsPerSecond)];

    public CpuShares? Cpu(string contender) => Of(contender).Select(t => t.Cpu).OfType<CpuShares>().ToList() is { Count: > 0 } all
        ? new(Median(all.Select(c => c.ClientMs)), Median(all.Select(c => c.FunctionsMs)), Median(all.Select(c => c.FunctionRowsMs)), Median(all.Select(c => c.LedgerMs)))
        : null;

    public Written Written(string contender) =>
        new(Median(Of(contender).Select(t => t.Written.WalBytes)), Median(Of(contender).Select(t => t.Written.LedgerBytes)));

    private IEnumerable<Turn> Of(string contender) => Turns.Where(t => t.Contender == contender).OrderBy(t => t.Round);

    /// <summary>The middle of the values; of an even number, halfway between the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
