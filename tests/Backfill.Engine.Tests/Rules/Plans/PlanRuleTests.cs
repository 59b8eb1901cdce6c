using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>Every rule: one change to a valid plan gives exactly one problem, with its code, pointer and line.</summary>
public class PlanRuleTests
{
    private const string Uuid = "618c5ea6-aeda-4084-9156-0aac9643afd3";

    [Theory]
    [MemberData(nameof(PlanRuleCases.Errors), MemberType = typeof(PlanRuleCases))]
    public void An_error_names_its_code_pointer_and_line(int line, string old, string @new, string code, string place, int at)
    {
        var reading = PlanTexts.Read(PlanTexts.Edit(line, old, @new));

        var error = Assert.Single(reading.Problems, p => p.Severity == PlanSeverity.Error);
        Assert.Equal((code, place, at), (error.Code, error.Pointer, error.Line));
        Assert.Null(reading.Plan);
    }

    [Theory]
    [MemberData(nameof(PlanRuleCases.Warnings), MemberType = typeof(PlanRuleCases))]
    public void A_warning_names_its_place_and_leaves_the_plan_valid(int line, string old, string @new, string code, string place, int at)
    {
        var text = PlanTexts.Edit(line, old, @new);

        var plan = PlanTexts.Read(text).Require();

        Assert.Contains(plan.Warnings, w => (w.Severity, w.Code, w.Pointer, w.Line) == (PlanSeverity.Warning, code, place, at));
        Assert.Equal(text, plan.GetDocument());
    }

    [Theory]
    [InlineData("[]", "PlanTypeInvalid", "")]
    [InlineData("7", "PlanTypeInvalid", "")]
    [InlineData("{\"backfill_plan\": [], \"batches\": []}", "PlanTypeInvalid", "/backfill_plan")]
    [InlineData("{\"backfill_plan\": [], \"batches\": []}", "PlanBatchesMissing", "/batches")]
    [InlineData("{\"batches\": {}}", "PlanTypeInvalid", "/batches")]
    [InlineData("{\"batches\": [5]}", "PlanTypeInvalid", "/batches/0")]
    [InlineData("{\"batches\": [{\"sessions\": []}]}", "PlanSessionsEmpty", "/batches/0/sessions")]
    [InlineData("{\"batches\": [{\"operations\": []}]}", "PlanOperationsMissing", "/batches/0/operations")]
    [InlineData("{\"batches\": [{\"operations\": [null]}]}", "PlanTypeInvalid", "/batches/0/operations/0")]
    [InlineData("{}", "PlanBatchesMissing", "")]
    [InlineData("{}", "PlanFieldMissing", "")]
    public void A_document_of_another_shape_is_an_error(string text, string code, string place) =>
        Assert.Contains(PlanTexts.Read(text).Problems, p => p.Severity == PlanSeverity.Error && (p.Code, p.Pointer) == (code, place));

    [Fact]
    public void All_errors_are_found_at_once_and_in_the_files_order()
    {
        var text = PlanTexts.Edit(8, "20", "0")
            .Replace("\"session_count\": 2", "\"session_count\": 0", StringComparison.Ordinal)
            .Replace("\"four_eyes\": true", "\"four_eyes\": 1", StringComparison.Ordinal);

        var codes = PlanTexts.Read(text).Problems.Select(p => p.Code);

        Assert.Equal(["PlanThrottleInvalid", "PlanSessionCountInvalid", "PlanFlagInvalid"], codes);
    }

    [Fact]
    public void Every_problem_says_what_to_do()
    {
        foreach (var row in PlanRuleCases.Errors.Concat(PlanRuleCases.Warnings))
        {
            var (line, old, @new, _, _, _) = row.Data;
            var problem = PlanTexts.Read(PlanTexts.Edit(line, old, @new)).Problems[0];
            Assert.InRange(problem.Message.Length, 30, 400);
            Assert.DoesNotContain(problem.Message, char.IsControl);
            Assert.EndsWith($"[{problem.Code}]", problem.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_session_named_twice_is_done_once_in_its_first_place()
    {
        var sessions = $"\"sessions\": [\"{Uuid.ToUpperInvariant()}\", \"21762d3d-773f-4302-8fa5-d5d8ff88911c\"]";
        var text = PlanTexts.Edit(29, "\"session_count\": 2", sessions)
            .Replace("\"since\": \"2025-08-15\",", "", StringComparison.Ordinal)
            .Replace("\"total_candidates\": 4", "\"total_candidates\": 3", StringComparison.Ordinal);

        var plan = PlanTexts.Read(text).Require();

        var warning = Assert.Single(plan.Warnings);
        Assert.Equal(("PlanSessionDuplicate", "/batches/1/sessions/0", 29), (warning.Code, warning.Pointer, warning.Line));
        Assert.Equal(Guid.Parse(Uuid), plan.Batches[0].Sessions[0]);
        Assert.Equal(Guid.Parse("21762d3d-773f-4302-8fa5-d5d8ff88911c"), Assert.Single(plan.Batches[1].Sessions));
    }

    [Fact]
    public void A_column_is_counted_as_an_editor_counts()
    {
        var text = PlanTexts.Edit(24, "{\"function\": \"score_prism\"", "{\"é😀\": 1, \"function\": 7");

        var problem = PlanTexts.Read(text).Problems.First(p => p.Code == "PlanFunctionInvalid");

        Assert.Equal((24, 9 + "{\"é😀\": 1, \"function\": ".Length), (problem.Line, problem.Column));
    }

    [Fact]
    public void A_million_problems_do_not_become_a_list_of_a_million()
    {
        var text = "{\"batches\": [" + string.Join(",", Enumerable.Repeat("0", 900_000)) + "]}";

        var errors = PlanTexts.Read(text).Problems.Where(p => p.Severity == PlanSeverity.Error).ToList();

        Assert.Equal(1001, errors.Count);
        Assert.Equal("PlanTooManyProblems", errors[^1].Code);
        Assert.StartsWith("899001 more", errors[^1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "\"a\":0,", "\"a\":0}")]
    [InlineData("{\"batches\":[{\"sessions\":[", "\"618c5ea6-aeda-4084-9156-0aac9643afd3\",\n", "0]}]}")]
    [InlineData("{\"batches\":[{\"operations\":[", "{\"function\":\"x\",\"params\":{}},", "0]}]}")]
    public void A_file_made_to_be_slow_is_read_in_linear_time(string head, string middle, string tail)
    {
        var room = Math.Min(300_000, (PlanReader.DefaultSizeLimit / middle.Length) - 10);
        var text = head + string.Concat(Enumerable.Repeat(middle, room)) + tail;

        // Quadratic work would take many minutes, and the suite has a limit.
        Assert.Null(PlanTexts.Read(text).Plan);
    }

    [Fact]
    public void A_name_of_megabytes_is_not_repeated_in_every_problem_below_it()
    {
        var name = new string('n', 8_000_000);
        var text = $"{{\"{name}\": {{{string.Join(",", Enumerable.Repeat("\"a\":1", 1000))}}}}}";

        Assert.All(PlanTexts.Read(text).Problems, p => Assert.InRange(p.Pointer.Length + p.Message.Length, 1, 1000));
    }
}
