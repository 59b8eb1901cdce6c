using System.Text.Json;
using Backfill.Engine.Profiles;
using NJsonSchema;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>A target profile: its reader and its schema say the same, and statements of the known system are left as they are.</summary>
public sealed class TargetProfileTests
{
    private static readonly string Example = Path.Combine(PlanTexts.Folder, "examples", "orders.profile.json");

    public static TheoryData<string, string> Wrong => new()
    {
        { "\"v1\"", "\"v2\"" },
        { "\"key\"", "\"kei\"" },
        { "\"id\"", "\"i d\"" },
        { "\"id\"", "7" },
        { "\"public.orders\"", "\"other.orders\"" },
        { "\"finished\"", "\"\"" },
        { "\"make_invoice\"", "\"make invoice\"" },
        { "\"result\"", "\"results\"" },
        { "\"target_profile\"", "\"profile\"" },
        { "\"version_param\": \"version\"", "\"version_param\": \"version\", \"also_writes\": { \"public.lines\": 7 }" },
    };

    [Fact]
    public async Task The_example_is_sound_and_its_plan_describes_the_same_function()
    {
        Assert.Empty((await SchemaAsync()).Validate(await File.ReadAllTextAsync(Example, TestContext.Current.CancellationToken)));
        var project = DeclaredTargetReader.Read(Example).Project!;
        var plan = PlanTexts.Read(await File.ReadAllBytesAsync(
            Path.Combine(PlanTexts.Folder, "examples", "orders.plan.json"), TestContext.Current.CancellationToken)).Plan!;
        Assert.Equal(JsonSerializer.Serialize(plan.Functions.Single()), JsonSerializer.Serialize(project.Footprint));
        Assert.Equal([.. plan.Tables], project.Tables);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task What_the_schema_refuses_the_reader_refuses_with_its_place(string old, string @new)
    {
        var text = await File.ReadAllTextAsync(Example, TestContext.Current.CancellationToken);
        var file = Path.Combine(TestFolders.Root, $"{Guid.NewGuid()}.json");
        var wrong = text.Replace(old, @new, StringComparison.Ordinal);
        Assert.NotEqual(text, wrong);
        await File.WriteAllTextAsync(file, wrong, TestContext.Current.CancellationToken);

        Assert.NotEmpty((await SchemaAsync()).Validate(wrong));
        var error = Assert.Throws<PlanException>(() => DeclaredTargetReader.Read(file));
        Assert.Equal("ProfileInvalid", error.Code);
        Assert.All(error.Problems, p => Assert.True(p.Line > 0));
    }

    [Fact]
    public void Statements_of_the_known_system_stay_as_they_are_and_of_another_name_none_of_its_tables()
    {
        var map = TargetMap.Read(Example);
        foreach (var name in new[]
        {
            "Apply/Freeze/find_sessions", "Health/Store/count_sessions", "Health/Store/find_sessions", "Health/Store/look_up_sessions",
            "Soak/Store/count_completed", "Soak/Store/find_unconverted", "Soak/Store/find_undated", "Soak/Store/find_other_versions",
        })
        {
            Assert.Same(Engine.Ledger.SqlText.Load(name), TargetMap.Default.Load(name));
            Assert.DoesNotMatch("public\\.(assessment_|profiles|fc_)", map.Load(name));
            Assert.DoesNotContain("'completed'", map.Load(name), StringComparison.Ordinal);
        }
    }

    private static Task<JsonSchema> SchemaAsync() =>
        JsonSchema.FromFileAsync(Path.Combine(PlanTexts.Folder, "target-profile.schema.json"), TestContext.Current.CancellationToken);
}
