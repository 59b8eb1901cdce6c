using System.Reflection;

namespace Backfill.PowerShell.Tests.Module;

public sealed class AssemblyRulesTests
{
    private const string Rules = "Isolation.AssemblyRules";
    private const string Key = "5d8b90d52f46fda7";

    private static readonly Func<AssemblyName, AssemblyName?, bool> AnswersDefault =
        StagedAssembly.Function<Func<AssemblyName, AssemblyName?, bool>>(Rules, "AnswersDefault");

    private static readonly Func<AssemblyName, AssemblyName?, bool> LoadsPrivately =
        StagedAssembly.Function<Func<AssemblyName, AssemblyName?, bool>>(Rules, "LoadsPrivately");

    [Theory]
    [InlineData("Backfill.Engine", true)]
    [InlineData("Backfill.Engine, Version=0.1.0.0", true)]
    [InlineData("backfill.engine, Version=0.1.0.0", true)]
    [InlineData("Backfill.Engine, Version=0.2.0.0", false)]
    [InlineData("Backfill.Engine, Version=0.0.9.0", false)]
    [InlineData("Backfill.Engine, Version=0.1.0.0, Culture=de", false)]
    [InlineData($"Backfill.Engine, Version=0.1.0.0, PublicKeyToken={Key}", false)]
    [InlineData("Backfill.Engine.Extra", false)]
    public void The_default_context_gets_our_entry_assembly_in_exactly_its_version(string requested, bool answered) =>
        Assert.Equal(answered, AnswersDefault(new(requested), new("Backfill.Engine, Version=0.1.0.0")));

    [Theory]
    [InlineData("Npgsql")]
    [InlineData("Dapper")]
    [InlineData("Polly.Core")]
    [InlineData("Backfill.Contracts")]
    public void The_default_context_gets_none_of_our_dependencies(string name) =>
        Assert.False(AnswersDefault(new(name), new($"{name}, Version=1.0.0.0")));

    [Fact]
    public void A_missing_entry_assembly_is_no_answer() => Assert.False(AnswersDefault(new("Backfill.Engine"), null));

    [Theory]
    [InlineData($"Npgsql, Version=10.0.3.0, PublicKeyToken={Key}", true)]
    [InlineData("Npgsql, Version=9.0.0.0", true)]
    [InlineData("npgsql", true)]
    [InlineData($"Npgsql, Version=11.0.0.0, PublicKeyToken={Key}", false)]
    [InlineData("Npgsql, Version=10.0.3.0, PublicKeyToken=b03f5f7f11d50a3a", false)]
    [InlineData("Npgsql, Version=10.0.3.0, Culture=de", false)]
    public void A_dependency_is_private_if_name_version_culture_and_key_fit(string requested, bool isPrivate) =>
        Assert.Equal(isPrivate, LoadsPrivately(new(requested), new($"Npgsql, Version=10.0.3.0, PublicKeyToken={Key}")));

    [Theory]
    [InlineData("Backfill.Contracts")]
    [InlineData("Backfill.PowerShell")]
    [InlineData("System.Management.Automation")]
    public void What_operators_see_is_never_private(string name) =>
        Assert.False(LoadsPrivately(new(name), new($"{name}, Version=9.0.0.0")));

    [Fact]
    public void What_does_not_lie_there_is_left_to_the_default_context() =>
        Assert.False(LoadsPrivately(new("System.Text.Json"), null));
}
