using System.Text.RegularExpressions;

namespace Backfill.PowerShell.Tests.Module;

public sealed partial class ModuleTests
{
    private const string Loaded =
        "[AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name } | "
        + "Where-Object { $_ -cmatch '^(Npgsql|Dapper|Polly|OxyPlot|Backfill\\.)' -or $_ -eq 'System.Net.Http' }";

    [Fact]
    public async Task The_manifest_passes_its_test()
    {
        var lines = await ModuleShell.RunAsync($"$m = Test-ModuleManifest '{ModuleShell.Manifest}'; $m.Name; $m.PowerShellVersion.ToString()");
        Assert.Equal(["Backfill.PowerShell", "7.6"], lines);
    }

    [Fact]
    public async Task It_exports_exactly_its_cmdlet_classes()
    {
        var lines = await ModuleShell.RunAsync($$"""
            $exported = (Test-ModuleManifest '{{ModuleShell.Manifest}}').ExportedCmdlets.Keys
            "exported " + ([Linq.Enumerable]::Order([string[]] $exported) -join ' ')
            $classes = (Get-Command Connect-Backfill).ImplementingType.Assembly.GetExportedTypes() | ForEach-Object {
                foreach ($a in $_.GetCustomAttributes([Management.Automation.CmdletAttribute], $false)) { "$($a.VerbName)-$($a.NounName)" }
            }
            "exported " + ([Linq.Enumerable]::Order([string[]] $classes) -join ' ')
            """);
        Assert.Equal(lines[0], lines[1]);
        Assert.DoesNotContain('*', File.ReadAllText(ModuleShell.Manifest));
    }

    [Fact]
    public async Task Core_types_have_names_right_after_the_import()
    {
        var lines = await ModuleShell.RunAsync("[Backfill.BackfillRun].FullName");
        Assert.Equal(["Backfill.BackfillRun"], lines);
    }

    [Fact]
    public async Task It_can_be_imported_again_and_again()
    {
        var lines = await ModuleShell.RunAsync($$"""
            Import-Module '{{ModuleShell.Manifest}}' -Force
            Import-Module '{{ModuleShell.Manifest}}' -Force
            (Get-BackfillPlan '{{ModuleShell.ApplyPlan}}') -is [Backfill.BackfillPlan]
            """);
        Assert.Equal(["True"], lines);
    }

    [Fact]
    public async Task Import_and_a_look_at_the_commands_load_no_dependency()
    {
        var lines = await ModuleShell.RunAsync($$"""
            $null = Get-Command -Module Backfill.PowerShell | ForEach-Object { $_.Parameters.Count; $_.ParameterSets.Count }
            $null = (Get-Command Connect-Backfill).ImplementingType.Assembly.GetTypes() | ForEach-Object { $_.GetFields('Instance,NonPublic').Count }
            {{Loaded}}
            """);
        Assert.Equal(["Backfill.Core", "Backfill.PowerShell"], lines.Order());
    }

    [Fact]
    public async Task Only_four_parameters_bind_by_property_name()
    {
        var lines = await ModuleShell.RunAsync("""
            Get-Command -Module Backfill.PowerShell | ForEach-Object { $_.Parameters.Values } | ForEach-Object {
                foreach ($a in $_.Attributes) { if ($a.ValueFromPipelineByPropertyName) { $_.Name } }
            }
            """);
        Assert.Subset(new HashSet<string> { "RunId", "SessionId", "Path", "Connection" }, lines.ToHashSet());
    }

    [Theory]
    [InlineData("Invoke-BackfillApply")]
    [InlineData("Initialize-BackfillLedger")]
    [InlineData("New-BackfillPlan")]
    [InlineData("Start-BackfillSandbox")]
    [InlineData("Stop-BackfillSandbox")]
    [InlineData("Start-BackfillSandboxTraffic")]
    [InlineData("Stop-BackfillSandboxTraffic")]
    public async Task What_writes_can_be_tried_with_WhatIf(string command)
    {
        var lines = await ModuleShell.RunAsync($"(Get-Command {command}).Parameters.ContainsKey('WhatIf')");
        Assert.Equal(["True"], lines);
    }

    [Fact]
    public void No_view_is_auto_sized_or_shows_a_secret()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.ModuleFolder, "*.ps1xml"))
        {
            var text = Comments().Replace(File.ReadAllText(file), "");
            Assert.DoesNotContain("AutoSize", text, StringComparison.Ordinal);
            Assert.DoesNotMatch("RoleKey|AnonKey|DatabaseUrl|ControlKey", text);
        }
    }

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comments();
}
