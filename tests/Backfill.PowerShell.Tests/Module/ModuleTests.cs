namespace Backfill.PowerShell.Tests.Module;

/// <summary>The module keeps its dependencies to itself. What an operator sees of it is tested with Pester.</summary>
public sealed class ModuleTests
{
    private const string Loaded =
        "[AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name } | "
        + "Where-Object { $_ -cmatch '^(Npgsql|Dapper|Polly|OxyPlot|Backfill\\.)' }";

    [Fact]
    public async Task Import_and_a_look_at_the_commands_load_no_dependency()
    {
        var lines = await ModuleShell.RunAsync($$"""
            $null = Get-Command -Module Backfill.PowerShell | ForEach-Object { $_.Parameters.Count; $_.ParameterSets.Count }
            $null = (Get-Command Connect-Backfill).ImplementingType.Assembly.GetTypes() | ForEach-Object { $_.GetFields('Instance,NonPublic').Count }
            {{Loaded}}
            """);
        Assert.Equal(["Backfill.Contracts", "Backfill.PowerShell"], lines.Order());
    }

    [Fact]
    public async Task A_module_with_another_Npgsql_works_beside_ours()
    {
        using var folder = new TemporaryFolder();
        ForeignAssembly.Write(Path.Combine(folder.FullName, "Npgsql.dll"), "Npgsql", new Version(4, 1, 0, 0));
        folder.Write("Other.psd1", "@{ ModuleVersion = '1.0.0'; RequiredAssemblies = @('Npgsql.dll') }");
        var lines = await ModuleShell.RunAsync($$"""
            Import-Module '{{Path.Combine(folder.FullName, "Other.psd1")}}'
            $c = Start-BackfillSandbox -CandidateCount 1 | Connect-Backfill
            "$($c.Environment) $(@(Get-BackfillRun).Count)"
            $all = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Npgsql' }
            $all | ForEach-Object { "$($_.GetName().Version.Major) $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name)" }
            [Npgsql.Foreign].Assembly.GetName().Version.Major
            """);
        Assert.Equal(["Staging 0", "4 Default", "10 Backfill.PowerShell", "4"], lines);
    }
}
