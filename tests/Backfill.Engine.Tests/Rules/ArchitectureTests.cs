using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Tests.Rules;

/// <summary>The shape of the house: what may know what, and what operators' scripts can touch.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Rules that are pure: what they say depends on nothing but what they are given.</summary>
    private static readonly string[] Pure =
    [
        "Apply/ApplyRules", "Apply/Call/ErrorPolicy", "Apply/Call/OperationEnding", "Apply/Claim/Announced", "Apply/Claim/ForeignChanges",
        "Apply/Settle/Verifier", "Apply/Steer/RunTransitions", "Connections/LedgerJudge", "Gates/GateChain", "Gates/GateCriteria",
        "Gates/GateEvidence", "Gates/DecisionRules", "Gates/GateRules", "Gates/GateText", "Gates/GateStanding", "Gates/StagingEvidence",
        "Health/CandidatePlanner", "Health/CandidateRules", "Plans/Footprint", "Plans/Rules/*", "Purge/PurgeRules", "Soak/Checks/*",
        "Soak/SoakRules", "Soak/SoakWindow",
    ];

    private static readonly Assembly Contracts = typeof(IBackfillEngine).Assembly;

    private static readonly Assembly Engine = typeof(BackfillEngine).Assembly;

    private static string Source => Path.Combine(TestRepository.Root, "src");

    [Fact]
    public void What_operators_can_touch_is_this_and_nothing_else()
    {
        var listed = File.ReadAllLines(Path.Combine(TestRepository.Root, "tests", "Backfill.Engine.Tests", "Rules", "contracts.txt"));
        Assert.Equal(listed, Contracts.GetExportedTypes().Select(t => t.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Contracts_need_the_base_class_library_only() => Assert.All(
        Contracts.GetReferencedAssemblies(), a => Assert.StartsWith("System.", a.Name, StringComparison.Ordinal));

    [Fact]
    public void Nobody_but_tests_sees_what_is_internal()
    {
        Assert.Empty(Contracts.GetCustomAttributes<InternalsVisibleToAttribute>());
        Assert.Equal(
            ["Backfill.Benchmarks", "Backfill.Engine.Tests", "Backfill.TestWorker"],
            Engine.GetCustomAttributes<InternalsVisibleToAttribute>().Select(a => a.AssemblyName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_cmdlets_reach_the_engine_through_one_class() => Assert.Equal(
        ["EngineGateway.cs"],
        FilesOf("Backfill.PowerShell").Where(f => TheEngine().IsMatch(File.ReadAllText(f))).Select(Path.GetFileName));

    [Fact]
    public void The_sandbox_knows_none_of_them() => Assert.DoesNotContain(
        FilesOf("Backfill.Sandbox"), f => Ours().IsMatch(File.ReadAllText(f)));

    [Fact]
    public void Pure_rules_do_nothing_but_judge()
    {
        foreach (var rule in Pure)
        {
            var files = Directory.GetFiles(
                Path.Combine(Source, "Backfill.Engine", Path.GetDirectoryName(rule)!), Path.GetFileName(rule) + ".cs");
            Assert.NotEmpty(files);
            Assert.All(files, f => Assert.DoesNotMatch(InputOutput(), File.ReadAllText(f)));
        }
    }

    [Fact]
    public void Namespaces_follow_folders_and_no_folder_is_crowded()
    {
        var root = Path.Combine(Source, "Backfill.Engine");
        foreach (var folder in FilesOf("Backfill.Engine").GroupBy(f => Path.GetDirectoryName(Path.GetRelativePath(root, f))!))
        {
            var name = string.Join('.', new[] { "Backfill", "Engine" }.Concat(folder.Key.Split(Path.DirectorySeparatorChar)).Where(p => p.Length > 0));
            Assert.InRange(folder.Count(), 1, 25);
            Assert.All(folder, f => Assert.Contains($"namespace {name};", File.ReadAllText(f), StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> FilesOf(string project)
    {
        var root = Path.Combine(Source, project);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetRelativePath(root, f).Split(Path.DirectorySeparatorChar)[0] is not ("obj" or "bin"));
    }

    [GeneratedRegex(@"\bBackfill\.(Engine|PowerShell)\b|\bIBackfillEngine\b")]
    private static partial Regex Ours();

    [GeneratedRegex(@"^(?! *//).*\bBackfill\.Engine[.;]", RegexOptions.Multiline)]
    private static partial Regex TheEngine();

    [GeneratedRegex(@"\b(Npgsql|Dapper|HttpClient|File\.|Directory\.|UtcNow|Stopwatch|Random\.|Guid\.New|Task<|await )")]
    private static partial Regex InputOutput();
}
