using System.Globalization;
using System.Text;
using Backfill.Engine.Health;
using Backfill.Engine.Plans;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Health;

public class CandidatePlannerTests
{
    private static readonly DateTimeOffset Day = new(2025, 8, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly CandidatePlannerSettings Settings = new() { Environment = BackfillEnvironment.Production, Name = "health", BatchSize = 2 };

    [Fact]
    public void Sessions_come_in_order_those_without_FC_responses_after_the_others_in_batches_of_their_own()
    {
        var plan = Read(CandidatePlanner.Of([Session(5, fc: 0), Session(4), Session(1), Session(2, fc: 0), Session(3)], Settings));

        Assert.Equal(["health_0001: 1 3", "health_0002: 4", "health_0003: 2 5"], plan.Batches.Select(b => $"{b.BatchId}: {string.Join(' ', b.Sessions.Select(Number))}"));
        Assert.Equal(
            ["score_fc_session(version=v1.2, basis=functions)", "score_prism(engine_version=v1.2.1)"],
            plan.Batches[0].Operations.Select(o => $"{o.Function}({o.Params})"));
        Assert.Equal(["score_prism"], plan.Batches[2].Operations.Select(o => o.Function));
        Assert.All(plan.Batches.SelectMany(b => b.Operations), o => Assert.True(o.IfMissing));
        Assert.Equal((5, 20, 2, BackfillEnvironment.Production), (plan.TotalCandidates, plan.ThrottlePerMinute, plan.BatchSize, plan.Environment));
        Assert.Equal(Day.AddMinutes(5), plan.Timestamp);
    }

    [Fact]
    public void The_changes_to_expect_are_what_can_be_made()
    {
        var changes = Read(CandidatePlanner.Of(
            [
                Session(1),
                Session(2, profile: "v1.1.0"),
                Session(3, profile: "v1.2.1"),
                Session(4, profile: "v1.2.1", scored: true),
                Session(5, fc: 0),
            ],
            Settings)).ExpectedChanges;

        Assert.Equal("fc_scores +3, profiles +2 ~1", changes.ToString());
        Assert.Equal("version=v1.2 fc_kind=functions results_version=v1.2.1", string.Join(' ', changes.Tables.SelectMany(t => t.Match)));
    }

    [Fact]
    public void Without_FC_responses_no_change_of_fc_scores_is_expected() =>
        Assert.Equal("profiles +1 ~0", Read(CandidatePlanner.Of([Session(1, fc: 0)], Settings)).ExpectedChanges.ToString());

    [Fact]
    public void Sessions_that_nobody_looked_at_get_both_functions_and_nothing_to_compare_with()
    {
        var plan = Read(CandidatePlanner.OfUnknown([Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()], Settings));

        Assert.Equal((3, 2, 0), (plan.TotalCandidates, plan.Batches.Count, plan.ExpectedChanges.Tables.Count));
        Assert.All(plan.Batches, b => Assert.Equal(2, b.Operations.Count));
        Assert.Null(plan.Timestamp);
    }

    [Fact]
    public void The_file_is_UTF8_without_a_mark_and_its_lines_end_with_LF()
    {
        var bytes = PlanWriter.Write(CandidatePlanner.Of([Session(1)], Settings with { Description = "für später" }));
        var text = Encoding.UTF8.GetString(bytes.Span);

        Assert.Equal('{', (char)bytes.Span[0]);
        Assert.EndsWith("}\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        Assert.Contains("für später", text, StringComparison.Ordinal);
        Assert.Contains("\"timestamp\": \"2025-08-02T03:05:05Z\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_what_the_schema_describes()
    {
        var schema = await NJsonSchema.JsonSchema.FromFileAsync(
            Path.Combine(Plans.PlanTexts.Folder, "backfill-plan.schema.json"), TestContext.Current.CancellationToken);

        foreach (var draft in new[] { CandidatePlanner.Of(Many(9), Settings), CandidatePlanner.OfUnknown([Guid.NewGuid()], Settings) })
            Assert.Empty(schema.Validate(Encoding.UTF8.GetString(PlanWriter.Write(draft).Span)));
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    [InlineData("ar-SA")]
    public void Every_culture_gives_the_same_bytes(string culture)
    {
        var expected = PlanWriter.Write(CandidatePlanner.Of(Many(30), Settings));
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            // The same moments, told in another zone.
            var told = Many(30).Select(s => s with { CompletedAt = s.CompletedAt!.Value.ToOffset(TimeSpan.FromHours(5.5)) });
            Assert.Equal(expected.ToArray(), PlanWriter.Write(CandidatePlanner.Of(told, Settings)).ToArray());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Property(MaxTest = 25)]
    public void The_order_of_discovery_does_not_matter_and_the_content_does(int seed, byte count)
    {
        var sessions = Many(count + 1).ToArray();
        var plan = PlanWriter.Write(CandidatePlanner.Of(sessions, Settings)).ToArray();
        new Random(seed).Shuffle(sessions);
        Assert.Equal(plan, PlanWriter.Write(CandidatePlanner.Of(sessions, Settings)).ToArray());

        var version = Read(plan).Version;
        Assert.Matches("^health-[0-9a-f]{12}$", version);
        Assert.NotEqual(version, Read(CandidatePlanner.Of(sessions.Skip(1).Append(Session(999)), Settings)).Version);
    }

    private static IEnumerable<BackfillCandidate> Many(int count) => Enumerable.Range(1, count).Select(i => Session(i, fc: i % 3));

    private static BackfillCandidate Session(int number, int fc = 12, string? profile = null, bool scored = false) => CandidateRules.Judge(
        new(new Guid(number, 0, 0, new byte[8]), Day, Day.AddMinutes(number), profile is not null, profile, scored, 36, fc), "v1.2.1");

    private static int Number(Guid session) => BitConverter.ToInt32(session.ToByteArray());

    private static BackfillPlan Read(NewPlan draft) => Read(PlanWriter.Write(draft).ToArray());

    private static BackfillPlan Read(byte[] bytes)
    {
        var reading = new PlanReader().Read(bytes, "health.json");
        Assert.Empty(reading.Problems);
        return reading.Require();
    }
}
