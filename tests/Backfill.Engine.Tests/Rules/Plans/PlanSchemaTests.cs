using NJsonSchema;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>The schema that editors use and the reader say the same, as far as a schema can say it.</summary>
public class PlanSchemaTests
{
    /// <summary>Errors that a schema can't express, each with the reason.</summary>
    private static readonly Dictionary<string, string> BeyondASchema = new()
    {
        [PlanCodes.BatchIdDuplicate] = "compares batches, letter case aside",
        [PlanCodes.FunctionUnknown] = "compares an operation with the names under 'functions'",
        [PlanCodes.ExpectedParamMissing] = "compares params with the footprint that names them",
        [PlanCodes.TableUnknown] = "compares a name with those under 'tables'",
        [PlanCodes.TableDuplicate] = "'x' and 'public.x' are one table",
        [PlanCodes.ExpectedRowInvalid] = "compares a table with those the function writes",
        [PlanCodes.DateImpossible] = "a pattern has no calendar",
        [PlanCodes.TextUnstorable] = "a rule about how a text is escaped",
        [PlanCodes.KeyDuplicate] = "a schema sees each name once",
        [PlanCodes.RampInvalid] = "compares the start with the throttle",
        [PlanCodes.GuardInvalid] = "compares 'halt' with 'hold'",
    };

    private static readonly JsonSchema Schema =
        JsonSchema.FromFileAsync(Path.Combine(PlanTexts.Folder, "backfill-plan.schema.json")).GetAwaiter().GetResult();

    public static TheoryData<string> Plans => new(PlanTexts.Files.Select(f => Path.GetRelativePath(PlanTexts.Folder, f)));

    [Fact]
    public void Schema_and_reader_agree_on_every_plan_one_step_from_a_valid_one()
    {
        var (good, bad) = Compare(PlanMutations.Of(PlanTexts.Full));

        Assert.InRange(good, 500, int.MaxValue);
        Assert.InRange(bad, 2000, int.MaxValue);
    }

    [Fact]
    public void Schema_and_reader_agree_on_every_guard_one_step_from_a_valid_one()
    {
        const string Guard = """
            "guard": {"enabled": true, "lock_waits": {"hold": 2}, "connections": {"halt": 0.95}, "autovacuum": "off", "query": "select true"},
            """;

        var (good, bad) = Compare(PlanMutations.Of(PlanTexts.Edit(2, "\"backfill_plan\"", Guard + "\"backfill_plan\""))
            // The guard stands first.
            .Take(1500));

        Assert.InRange(good, 10, int.MaxValue);
        Assert.InRange(bad, 100, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Schema_and_reader_agree_on_every_plan_of_the_repository(string file)
    {
        var text = File.ReadAllText(Path.Combine(PlanTexts.Folder, file));

        Assert.Empty(Schema.Validate(text));
        Assert.Null(Disagreement(text));
    }

    [Fact]
    public void Schema_and_reader_agree_on_every_hand_written_bad_plan()
    {
        var rows = PlanRuleCases.Errors.Concat(PlanRuleCases.Warnings).Select(r => r.Data);

        Compare(rows.Select(r => PlanTexts.Edit(r.Item1, r.Item2, r.Item3)).Where(IsFairToTheEvaluator));
    }

    [Fact]
    public void Every_rule_listed_as_beyond_a_schema_is_a_rule_that_the_schema_misses()
    {
        var rows = PlanRuleCases.Errors.Select(r => r.Data);

        foreach (var code in BeyondASchema.Keys)
        {
            Assert.Contains(rows.Where(r => r.Item4 == code), r =>
                PlanTexts.Edit(r.Item1, r.Item2, r.Item3) is var text && Schema.Validate(text).Count == 0);
        }
    }

    private static (int Good, int Bad) Compare(IEnumerable<string> documents)
    {
        var (good, bad) = (0, 0);
        var disagreements = new List<string>();
        foreach (var text in documents)
        {
            if (Disagreement(text) is { } words)
                disagreements.Add(words + "\n" + text);
            else if (PlanTexts.Read(text).Plan is null)
                bad++;
            else
                good++;
        }

        Assert.True(disagreements.Count == 0, $"{disagreements.Count} disagreements, the first: {disagreements.FirstOrDefault()}");
        return (good, bad);
    }

    private static string? Disagreement(string text)
    {
        var schema = Schema.Validate(text);
        var errors = PlanTexts.Read(text).Problems.Where(p => p.Severity == PlanSeverity.Error).ToList();
        return schema.Count > 0 && errors.Count == 0 ? $"only the schema objects: {schema.First()}"
            : schema.Count == 0 && errors.FirstOrDefault(e => !BeyondASchema.ContainsKey(e.Code)) is { } error ? $"only the reader objects: {error}"
            : null;
    }

    // NJsonSchema is not quite JSON Schema: its numbers end at 64 bits, and .NET's $ matches before a last line end.
    private static bool IsFairToTheEvaluator(string text) =>
        !text.Contains("1e999", StringComparison.Ordinal)
        && !text.Contains("99999999999999999999", StringComparison.Ordinal)
        && !text.Contains("\\n\"", StringComparison.Ordinal);
}
