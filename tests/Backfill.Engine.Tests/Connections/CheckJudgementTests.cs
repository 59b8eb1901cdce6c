using Backfill.Engine.Apply.Call;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Checks;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Connections;

public class CheckJudgementTests
{
    private static readonly DateTimeOffset Noon = new(2025, 9, 17, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(400, BackfillCheckStatus.Passed, "answers")]
    [InlineData(401, BackfillCheckStatus.Failed, "refused")]
    [InlineData(403, BackfillCheckStatus.Failed, "refused")]
    [InlineData(404, BackfillCheckStatus.Failed, "not deployed")]
    [InlineData(429, BackfillCheckStatus.Warning, "too many")]
    [InlineData(503, BackfillCheckStatus.Failed, "fails")]
    [InlineData(200, BackfillCheckStatus.Warning, "400 was expected")]
    public void A_function_s_answer_to_an_empty_body(int status, BackfillCheckStatus expected, string words)
    {
        var check = FunctionsCheck.Judge("score_prism", new FunctionReply { StatusCode = status });

        Assert.Equal(expected, check.Status);
        Assert.Contains(words, check.Detail, StringComparison.Ordinal);
        Assert.Equal(expected == BackfillCheckStatus.Passed, check.Remedy is null);
    }

    [Theory]
    [InlineData(401, 403, BackfillCheckStatus.Passed, "Refused by score_fc_session and score_prism")]
    [InlineData(400, 401, BackfillCheckStatus.Warning, "These functions check no key: score_fc_session accepted")]
    [InlineData(400, 400, BackfillCheckStatus.Warning, "score_fc_session, score_prism accepted a wrong key")]
    [InlineData(401, 503, BackfillCheckStatus.Warning, "can't be said")]
    [InlineData(401, 429, BackfillCheckStatus.Warning, "can't be said")]
    public void Functions_that_take_a_wrong_key_prove_nothing(int fc, int prism, BackfillCheckStatus expected, string words)
    {
        var check = WrongKeyCheck.Judge(
            [("score_fc_session", new() { StatusCode = fc }), ("score_prism", new() { StatusCode = prism })]);

        Assert.Equal(expected, check.Status);
        Assert.Contains(words, check.Detail, StringComparison.Ordinal);
        Assert.Equal(expected == BackfillCheckStatus.Passed, check.Remedy is null);
    }

    [Fact]
    public void A_wrong_key_is_of_the_same_kind()
    {
        foreach (var text in new[] { TestKeys.Secret, TestKeys.Jwt("service_role", "abc") })
        {
            var key = ProjectKey.RequireService(text);
            var wrong = ProjectKey.RequireService(WrongKeyCheck.WrongKey(key));

            Assert.NotEqual(key.Value, wrong.Value);
            Assert.Equal((key.IsLegacy, key.ProjectRef), (wrong.IsLegacy, wrong.ProjectRef));
        }
    }

    [Theory]
    [InlineData(ReplyFault.NotSent)]
    [InlineData(ReplyFault.Timeout)]
    [InlineData(ReplyFault.Reset)]
    public void A_function_that_does_not_answer_fails(ReplyFault fault) =>
        Assert.Equal(BackfillCheckStatus.Failed, FunctionsCheck.Judge("score_prism", new FunctionReply { Fault = fault, Message = "m" }).Status);

    [Theory]
    [InlineData(0, BackfillCheckStatus.Passed)]
    [InlineData(2, BackfillCheckStatus.Passed)]
    [InlineData(-3, BackfillCheckStatus.Warning)]
    [InlineData(30, BackfillCheckStatus.Warning)]
    [InlineData(-31, BackfillCheckStatus.Failed)]
    public void A_clock_that_is_off_by(double seconds, BackfillCheckStatus expected)
    {
        var at = Noon.AddSeconds(seconds);

        var (exact, off) = (new ClockReading(Noon, Noon, Noon, Noon), new ClockReading(at, at, Noon, Noon));
        Assert.Equal(expected, ClockCheck.Of(off, exact).Status);
        Assert.Equal(expected, ClockCheck.Of(exact, off).Status);
    }

    [Fact]
    public void What_transit_can_explain_is_no_skew()
    {
        Assert.Equal(TimeSpan.Zero, new ClockReading(Noon.AddSeconds(4), Noon.AddSeconds(5), Noon, Noon.AddSeconds(4)).Skew);
        Assert.Equal(TimeSpan.FromSeconds(1), new ClockReading(Noon.AddSeconds(5), Noon.AddSeconds(6), Noon, Noon.AddSeconds(4)).Skew);
        Assert.Equal(TimeSpan.FromSeconds(-2), new ClockReading(Noon.AddSeconds(-3), Noon.AddSeconds(-2), Noon, Noon.AddSeconds(4)).Skew);
    }

    [Fact]
    public void A_clock_that_was_not_read_is_not_passed()
    {
        Assert.Equal(BackfillCheckStatus.Failed, ClockCheck.Of(null, null).Status);
        Assert.Equal(BackfillCheckStatus.Warning, ClockCheck.Of(new ClockReading(Noon, Noon, Noon, Noon), null).Status);
    }

    [Fact]
    public void Server_processes_tell_the_pooler()
    {
        Assert.Equal(PoolerMode.Direct, PoolerProbe.Judge([new(0, 11, 11), new(1, 12, 12), new(0, 11, 11), new(1, 12, 12)]));
        Assert.Equal(PoolerMode.Session, PoolerProbe.Judge([new(0, 900, 11), new(1, 901, 12), new(0, 900, 11), new(1, 901, 12)]));
        Assert.Equal(PoolerMode.Transaction, PoolerProbe.Judge([new(0, 900, 11), new(1, 901, 11)]));
        Assert.Equal(PoolerMode.Transaction, PoolerProbe.Judge([new(0, 900, 11), new(1, 901, 12), new(0, 900, 13), new(1, 901, 14)]));
    }

    [Fact]
    public void An_error_s_first_sentence_is_the_finding_and_the_rest_the_remedy()
    {
        var check = CheckFailure.Of("Database", new BackfillException("X", BackfillErrorKind.Unreachable, "The host db.abc is away. Wake it. Then retry."));

        Assert.Equal(("The host db.abc is away.", "Wake it. Then retry."), (check.Detail, check.Remedy));
    }
}
