using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Rules.Apply;

public class ApplyRulesTests
{
    private static readonly BackfillPlan Plan =
        new PlanReader().Read(Plans.PlanTexts.Staging).Plan!;

    [Theory]
    [InlineData(20, false, null)]
    [InlineData(1, false, null)]
    [InlineData(21, false, "ThrottleOverPlan")]
    [InlineData(21, true, null)]
    [InlineData(0, true, "ThrottleInvalid")]
    [InlineData(-5, false, "ThrottleInvalid")]
    public void A_rate_can_be_lowered_and_raised_in_the_sandbox_only(int rate, bool sandbox, string? error) =>
        Assert.Equal(error, Code(Request() with { ThrottlePerMinute = rate }, sandbox));

    [Theory]
    [InlineData(404, false, "QuietPeriodTooShort")]
    [InlineData(405, false, null)]
    [InlineData(1, true, null)]
    public void The_quiet_period_outlives_the_platforms_workers(int seconds, bool sandbox, string? error) =>
        Assert.Equal(error, Code(Request() with { QuietPeriod = TimeSpan.FromSeconds(seconds) }, sandbox));

    [Theory]
    [InlineData(0, "ConcurrencyLimitInvalid")]
    [InlineData(256, null)]
    [InlineData(257, "ConcurrencyLimitInvalid")]
    public void Concurrency_has_limits(int limit, string? error) =>
        Assert.Equal(error, Code(Request() with { ConcurrencyLimit = limit }, sandbox: true));

    [Theory]
    [InlineData(0.0, "MaxFailureRatioInvalid")]
    [InlineData(1.1, "MaxFailureRatioInvalid")]
    [InlineData(double.NaN, "MaxFailureRatioInvalid")]
    [InlineData(1.0, null)]
    public void A_failure_ratio_is_a_ratio(double ratio, string? error) =>
        Assert.Equal(error, Code(Request() with { MaxFailureRatio = ratio }, sandbox: true));

    [Fact]
    public void A_plan_of_another_environment_is_refused() =>
        Assert.Equal("EnvironmentMismatch", Code(Request(), sandbox: true, BackfillEnvironment.Production));

    [Fact]
    public void Settings_of_a_new_run_can_not_be_given_to_one_that_goes_on()
    {
        var request = Request() with { RunId = Guid.NewGuid(), Reprocess = BackfillReprocess.Failed };
        Assert.Equal("SettingOfNewRun", Assert.Throws<BackfillException>(() => ApplyRules.CheckResume(request)).Code);
    }

    [Fact]
    public void An_empty_selection_is_never_all()
    {
        var resolution = new ResolvedPlan([new(1, "b", Guid.NewGuid())], false, []);
        var error = Assert.Throws<BackfillException>(() => ApplyRules.Select(resolution, new HashSet<Guid>()));
        Assert.Equal("SelectionEmpty", error.Code);
    }

    private static ApplyRequest Request() => new() { Plan = Plan, OutputPath = "out" };

    private static string? Code(ApplyRequest request, bool sandbox, BackfillEnvironment environment = BackfillEnvironment.Staging)
    {
        var identity = new TargetIdentity(
            environment, new Uri("http://127.0.0.1:1"), "project", "127.0.0.1:2", "postgres", "15.0", Guid.NewGuid(), "1", 1, sandbox);
        return Record.Exception(() => ApplyRules.Check(Plan, request, OpenTarget.Connect(identity, null!))) is BackfillException e
            ? e.Code
            : null;
    }
}
