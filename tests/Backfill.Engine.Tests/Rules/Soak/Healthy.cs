using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Checks;

namespace Backfill.Engine.Tests.Rules.Soak;

/// <summary>What a look finds in a healthy system, and soaks of it.</summary>
internal static class Healthy
{
    public static readonly DateTimeOffset Start = new(2025, 9, 17, 8, 0, 0, TimeSpan.Zero);

    public static readonly SoakSettings Settings = new(
        TimeSpan.FromHours(6), TimeSpan.FromMinutes(5), 0.85, 40, 20, TimeSpan.FromMinutes(10), "v1.2.1", "v1.2");

    public static readonly SoakTicket Soak = new(
        Guid.CreateVersion7(), Guid.CreateVersion7(), new(Start, Start + Settings.Duration, Settings.Interval), Settings);

    public static SoakFacts Facts { get; } = new()
    {
        OtherVersions = [],
        OverrideEvents = new(0, []),
        LegacyScores = new(0, []),
        Tokens = new(20, [], [], TriedOthers: true),
        Completed = 100,
        Unconverted = Sessions(5),
        Unscored = [],
        Cost = new(7, 12),
    };

    private static readonly SoakSeries AllBefore = Taken(71);

    public static IReadOnlyList<Guid> Sessions(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => Guid.CreateVersion7())];

    public static SoakMoment Last { get; } = new(72, Start + Settings.Duration, IsLast: true);

    public static SoakMoment At(int number) => new(number, Soak.Window.DueAt(number), IsLast: number == Soak.Window.Samples);

    /// <summary>The last sample of a window in which every sample was taken.</summary>
    public static SoakSample Judged(SoakFacts facts) => SoakJudge.Judge(Soak, Last, facts, AllBefore);

    /// <summary>A series in which so many samples found all well.</summary>
    public static SoakSeries Taken(int count)
    {
        var series = new SoakSeries();
        for (var number = 1; number <= count; number++)
            series.Add(SoakJudge.Judge(Soak, At(number), Facts, series));
        return series;
    }
}
