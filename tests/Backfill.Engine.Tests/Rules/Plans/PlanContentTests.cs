using System.Globalization;
using System.Security.Cryptography;
using Backfill.Engine.Plans;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>What a valid plan says, in the types that the rest of the house uses.</summary>
public class PlanContentTests
{
    private static readonly BackfillPlan Full = PlanTexts.Read(PlanTexts.Full).Require();

    [Fact]
    public void The_staging_plan_is_as_the_system_describes_it()
    {
        var reading = new PlanReader().Read(PlanTexts.Staging);

        var plan = reading.Require();
        Assert.Empty(reading.Problems);
        Assert.Equal(("v1.0", BackfillEnvironment.Staging), (plan.Version, plan.Environment));
        Assert.Equal(("v1.2.1", "v1.2"), (plan.EngineVersion, plan.FcVersion));
        Assert.Equal((20, 5, 39, 2.0), (plan.ThrottlePerMinute, plan.BatchSize, plan.TotalCandidates, plan.ExpectedRuntimeMinutes));
        Assert.Equal(new DateTimeOffset(2025, 9, 17, 8, 0, 0, TimeSpan.Zero), plan.Timestamp);
        Assert.Equal(["priority", "recent_september", "august_backlog"], plan.Batches.Select(b => b.BatchId));
        Assert.Equal([2, 5, 0], plan.Batches.Select(b => b.Sessions.Count));
        Assert.Equal([null, null, 32], plan.Batches.Select(b => b.SessionCount));
        Assert.All(plan.Batches, b => Assert.Equal(PlanBatch.DefaultSince, b.Since));
        Assert.Equal("fc_scores +39, profiles +13 ~0", plan.ExpectedChanges.ToString());
        Assert.Equal(Path.GetFullPath(PlanTexts.Staging), plan.Path);
        Assert.Equal("v1.0 (staging, 39 sessions)", plan.ToString());
    }

    [Fact]
    public void The_staging_plan_calls_fc_scoring_before_prism_and_prism_in_the_backlog_only_if_missing()
    {
        var plan = new PlanReader().Read(PlanTexts.Staging).Require();

        Assert.All(plan.Batches, b => Assert.Equal(["score_fc_session", "score_prism"], b.Operations.Select(o => o.Function)));
        Assert.Equal([false, false, true], plan.Batches.Select(b => b.Operations[1].IfMissing));
        Assert.Equal(
            "score_prism(engine_version=v1.2.1) if missing", plan.Batches[2].Operations[1].ToString());
    }

    [Fact]
    public void Every_plan_of_the_repository_is_valid_without_a_warning()
    {
        Assert.True(PlanTexts.Files.Count() >= 4);
        Assert.All(PlanTexts.Files, f => Assert.Empty(new PlanReader().Read(f).Problems));
    }

    [Fact]
    public void The_plans_of_the_repository_have_line_feeds_only() =>
        Assert.All(
            Directory.EnumerateFiles(PlanTexts.Folder, "*.json", SearchOption.AllDirectories),
            f => Assert.DoesNotContain((byte)'\r', File.ReadAllBytes(f)));

    [Fact]
    public void The_hash_is_that_of_the_bytes_as_sha256sum_gives_it()
    {
        // printf '{}' | sha256sum, the only part that no library of ours computes.
        Assert.Equal("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", Hex(SHA256.HashData("{}"u8)));

        Assert.Equal(Hex(SHA256.HashData(File.ReadAllBytes(PlanTexts.Staging))), new PlanReader().Read(PlanTexts.Staging).Require().Hash);
    }

    [Fact]
    public void Carriage_returns_change_the_hash_and_no_line()
    {
        var unix = PlanTexts.Edit(12, "250", "-1");

        var problem = Assert.Single(PlanTexts.Read(unix.Replace("\n", "\r\n", StringComparison.Ordinal)).Problems);

        Assert.Equal((12, 27), (problem.Line, problem.Column));
        Assert.NotEqual(Full.Hash, PlanTexts.Read(PlanTexts.Full.Replace("\n", "\r\n", StringComparison.Ordinal)).Require().Hash);
    }

    [Fact]
    public void If_missing_is_taken_out_of_the_params_that_are_sent()
    {
        var operation = Full.Batches[1].Operations[0];

        Assert.True(operation.IfMissing);
        Assert.Equal("{\"engine_version\":\"v1.2.1\"}", operation.Params.Json);
        Assert.Equal([1, 2], Full.Batches[1].Operations.Select(o => o.Position));
    }

    [Fact]
    public void Params_keep_their_order_and_every_digit()
    {
        var json = "{\"z\":\"v1.2\",\"a\":0.10000000000000000000000000001,\"n\":null,\"t\":true,\"o\":{\"x\":[1,2.50,\"ä\"]}}";

        var parameters = FunctionParams.Parse(json);

        Assert.Equal(json, parameters.Json);
        Assert.Equal(["z", "a", "n", "t", "o"], parameters.Keys);
        Assert.Equal(("v1.2", "0.10000000000000000000000000001"), (parameters["z"], parameters["a"]));
        Assert.Equal(("true", "{\"x\":[1,2.50,\"ä\"]}"), (parameters["t"], parameters["o"]));
        Assert.Null(parameters["absent"]);
        Assert.Equal(parameters, FunctionParams.Parse(parameters.Json));
    }

    [Fact]
    public void Params_are_short_text_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal("version=v1.2, basis=functions", Full.Batches[0].Operations[0].Params.ToString());
            Assert.Equal("rate=1.5", FunctionParams.Parse("{\"rate\": 1.5}").ToString());
            Assert.InRange(FunctionParams.Parse($"{{\"x\": \"{new string('y', 5000)}\"}}").ToString().Length, 1, 60);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("nonsense")]
    [InlineData("")]
    public void Params_are_an_object_or_a_format_error(string json) =>
        Assert.Throws<FormatException>(() => FunctionParams.Parse(json));

    [Theory]
    [InlineData("2025-08-15", "2025-08-15T00:00:00Z")]
    [InlineData("2025-08-15T10:30", "2025-08-15T10:30:00Z")]
    [InlineData("2025-08-15T10:30:00+02:00", "2025-08-15T08:30:00Z")]
    [InlineData("2025-08-15 10:30:00.123456789Z", "2025-08-15T10:30:00.1234568Z")]
    public void A_date_without_an_offset_is_utc(string since, string utc)
    {
        var plan = PlanTexts.Read(PlanTexts.Edit(30, "2025-08-15", since)).Require();

        Assert.Equal(DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture), plan.Batches[1].Since);
        Assert.Equal(TimeSpan.Zero, plan.Batches[1].Since.Offset);
    }

    [Fact]
    public void What_a_plan_leaves_out_has_a_default()
    {
        var lean = PlanTexts.Cut(9, 12, "\"x\": 1").Replace("\"since\": \"2025-08-15\",", "", StringComparison.Ordinal)
            .Replace("\"four_eyes\": true, \"max_failed\": 1, \"max_no_effect\": 2, \"max_unknown\": 3", "", StringComparison.Ordinal);

        var plan = PlanTexts.Read(lean).Require();

        Assert.Equal((5, 4), (plan.BatchSize, plan.TotalCandidates));
        Assert.Equal((TimeSpan.Zero, false), (plan.OperationDelay, plan.FourEyes));
        Assert.Equal((0, 0, 0), (plan.MaxFailed, plan.MaxNoEffect, plan.MaxUnknown));
        Assert.Equal(new DateTimeOffset(2025, 8, 1, 0, 0, 0, TimeSpan.Zero), plan.Batches[1].Since);
    }

    [Fact]
    public void Optional_fields_are_read()
    {
        Assert.Equal((TimeSpan.FromMilliseconds(250), true), (Full.OperationDelay, Full.FourEyes));
        Assert.Equal((1, 2, 3), (Full.MaxFailed, Full.MaxNoEffect, Full.MaxUnknown));
        var change = Assert.Single(Full.ExpectedChanges.Tables);
        Assert.Equal(("profiles", "public.profiles", 2, 0), (change.Table, change.QualifiedTable, change.NewRows, change.UpdatedRows));
        Assert.Null(change.DeletedRows);
        Assert.Equal(new ExpectedColumn("results_version", "v1.2.1"), Assert.Single(change.Match));
    }

    [Fact]
    public void Footprints_that_a_plan_registers_are_read()
    {
        Assert.Equal(new PlanTableFootprint("public.audit_scores", "session_id", "audit_version"), Assert.Single(Full.Tables));
        var function = Assert.Single(Full.Functions);
        Assert.Equal("score_audit", function.Function);
        Assert.Equal(["public.audit_scores"], function.Writes);
        Assert.Equal(["public.profiles"], function.Requires);
        Assert.Equal("public.audit_scores", function.Expected.Table);
        Assert.Equal(
            [new("audit_version", "audit_version", null), new("kind", null, "full")], function.Expected.Match);
    }

    [Fact]
    public void Sql_in_a_plan_is_text_and_nothing_else()
    {
        Assert.Contains("DROP TABLE users", Full.GetDocument(), StringComparison.Ordinal);
        Assert.Empty(Full.Warnings);
    }

    [Fact]
    public void Which_functions_are_known_is_the_callers_to_say()
    {
        var known = KnownFunctions.Default with { Functions = ItemList.Of(KnownFunctions.Default.Functions[1]) };

        var problems = new PlanReader(known).Read(PlanTexts.Staging).Problems;

        Assert.All(problems.Where(p => p.Severity == PlanSeverity.Error), p => Assert.Equal(PlanCodes.FunctionUnknown, p.Code));
        Assert.Equal(3, problems.Count(p => p.Severity == PlanSeverity.Error));
    }

    private static string Hex(byte[] hash) => string.Concat(hash.Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
}
