using System.Globalization;
using System.Text.Json.Nodes;

namespace Backfill.Engine.Tests.Reports;

/// <summary>The report in a real browser: what it shows, what it asks for, and for whom it can be read.</summary>
[Collection(ReportCollection.Name)]
public sealed class ReportBrowserTests(ReportWorld world)
{
    private static readonly string[] Sections =
    [
        "Verdict and gate", "Timeline", "Outcomes by batch", "Failures by category", "Expected against actual changes", "Decisions", "Soak", "Rollback",
        "How to reproduce each figure",
    ];

    [Fact]
    [Trait("Lane", "full")]
    public async Task Hostile_text_stays_text_in_a_real_browser()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        var report = await world.ReportAsync(await world.HostileRunAsync());
        var found = await Chromium.LookAtAsync(report.Path, "right to left", "hostile");
        IsSound(found, ReportWorld.HostileTexts.Count + 3);
        Assert.Equal(ReportWorld.HostileTexts, Texts(found["reasons"]).Take(ReportWorld.HostileTexts.Count));
        Assert.Equal(ReportWorld.HostileTexts.Count, Texts(found["failed"]).Count);
        Assert.All(Texts(found["failed"]), outcome => Assert.Equal("✗ Failed", outcome));
        Assert.Single(Texts(found["matching"]));
        Assert.Equal($"1 of {ReportWorld.HostileTexts.Count + 3} lines", (string)found["filtered"]!);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task The_report_of_the_first_plan_is_sound_in_a_real_browser()
    {
        Assert.SkipWhen(Chromium.Missing is not null, Chromium.Missing ?? "");
        var report = await world.ReportAsync(await world.SoakedRunAsync());
        Assert.Contains("<svg viewBox=\"0 0 960 540\"", report.Html, StringComparison.Ordinal);
        var found = await Chromium.LookAtAsync(report.Path, "618c5ea6", "soaked");
        IsSound(found, 39);
        Assert.Equal(["618c5ea6-aeda-4084-9156-0aac9643afd3"], Texts(found["matching"]));
    }

    private static void IsSound(JsonNode found, int sessions)
    {
        Assert.Empty(Texts(found["said"]));
        Assert.Empty(Texts(found["asked"]));
        Assert.Null(found["pwned"]);
        Assert.Equal((1, 0), ((int)found["scripts"]!, (int)found["handlers"]!));
        Assert.Empty(Texts(found["foreign"]));

        Assert.All(found["landmarks"]!.AsObject(), landmark => Assert.Equal(1, (int)landmark.Value!));
        Assert.Equal(Sections, Texts(found["sections"]));
        Assert.Empty(Texts(found["unnamed"]));
        Assert.Empty(Texts(found["ids"]));
        Assert.Equal("en", (string)found["lang"]!);
        var levels = found["headings"]!.AsArray().Select(h => (int)h!).ToList();
        Assert.Equal(1, levels.Count(l => l == 1));
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
        Assert.Equal(("Skip to the report", "solid", "#content"), ((string)found["firstFocus"]!, (string)found["outline"]!, (string)found["skippedTo"]!));

        foreach (var scheme in new[] { "light", "dark" })
        {
            Assert.Empty(Texts(found[scheme]!["low"]));
            Assert.InRange((double)found[scheme]!["lowest"]!, 4.5, 21);
        }

        foreach (var place in new[] { "narrow", "smallest", "print" })
            Assert.Equal((place, (int)found[place]!["screen"]!), (place, (int)found[place]!["page"]!));
        Assert.Empty(Texts(found["cut"]));
        Assert.Equal(0, (int)found["printFolded"]!);
        Assert.Equal((sessions, false), ((int)found["withoutScript"]!["rows"]!, (bool)found["withoutScript"]!["filter"]!));

        Assert.Equal(Enumerable.Range(1, sessions).Select(n => n.ToString(CultureInfo.InvariantCulture)), Texts(found["order"]));
        var once = Texts(found["sorted"]!["once"]).Select(ms => int.Parse(ms, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(once.Order(), once);
        Assert.Equal(once.OrderDescending(), Texts(found["sorted"]!["twice"]).Select(ms => int.Parse(ms, CultureInfo.InvariantCulture)));
        Assert.Equal(Texts(found["sorted"]!["session"]).Order(StringComparer.Ordinal), Texts(found["sorted"]!["session"]));
        Assert.Equal(["ascending"], Texts(found["ariaSort"]));
        Assert.Equal($"{sessions} of {sessions} lines", (string)found["status"]!);
    }

    private static List<string> Texts(JsonNode? list) => [.. list!.AsArray().Select(t => t!.ToString())];
}
