namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>Changes the time zone of the process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(PlanTimeZoneTests), DisableParallelization = true)]
[Collection(nameof(PlanTimeZoneTests))]
public class PlanTimeZoneTests
{
    [Fact]
    public void A_plan_means_the_same_time_in_every_time_zone()
    {
        var before = Environment.GetEnvironmentVariable("TZ");
        try
        {
            Environment.SetEnvironmentVariable("TZ", "Asia/Tokyo");
            TimeZoneInfo.ClearCachedData();
            Assert.SkipUnless(TimeZoneInfo.Local.BaseUtcOffset.TotalHours == 9, "the time zone cannot be set here");

            var plan = PlanTexts.Read(PlanTexts.Full).Require();

            Assert.Equal(new DateTimeOffset(2025, 8, 15, 0, 0, 0, TimeSpan.Zero), plan.Batches[1].Since);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TZ", before);
            TimeZoneInfo.ClearCachedData();
        }
    }
}
