using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Help;

/// <summary>The staged module's help, as the real engine gives it.</summary>
public sealed class StagedHelpTests
{
    [Fact]
    public async Task Every_cmdlet_and_every_parameter_has_help_and_each_cmdlet_two_examples()
    {
        var lines = await ModuleShell.RunAsync("""
            $common = [Management.Automation.Cmdlet]::CommonParameters
            $commands = @(Get-Command -Module Backfill.PowerShell)
            foreach ($command in $commands) {
                $help = Get-Help $command.Name -Full
                # Where there is no help, the engine makes a synopsis of the syntax.
                if (-not $help.Synopsis -or $help.Synopsis.Contains($command.Name)) { "$command has no synopsis" }
                if (-not ($help.Description | ForEach-Object Text)) { "$command has no description" }
                if (@($help.Examples.example).Count -lt 2) { "$command has fewer than two examples" }
                if (-not @($help.returnValues.returnValue)) { "$command does not tell what it emits" }
                $told = @{}
                foreach ($parameter in $help.Parameters.parameter) { $told[$parameter.Name] = $parameter }
                foreach ($name in $command.Parameters.Keys) {
                    if ($common.Contains($name)) { continue }
                    if (-not ($told[$name].Description | ForEach-Object Text)) { "$command -$name has no help" }
                    $told.Remove($name)
                }
                foreach ($name in $told.Keys) { "$command has help for -$name, which it does not take" }
            }
            "$($commands.Count) commands"
            """);
        Assert.Equal([$"{HelpPages.Docs.Pages.Count} commands"], lines);
    }

    [Fact]
    public async Task What_help_says_of_a_parameter_is_what_the_engine_does()
    {
        var lines = await ModuleShell.RunAsync("""
            function Show($Command, $Name) {
                $p = Get-Help $Command -Parameter $Name
                "$($p.name) $($p.type.name) required $($p.required), position $($p.position), default $($p.defaultValue), " +
                    "pipeline $($p.pipelineInput), wildcards $($p.globbing), aliases $($p.aliases)"
            }
            Show Get-BackfillPlan Path
            Show Get-BackfillPlan LiteralPath
            Show Invoke-BackfillRollback SessionId
            Show Invoke-BackfillApply Reprocess
            Show Start-StagingSoak Duration
            Show Test-ProdHealth Since
            """);
        Assert.Equal(
            [
                "Path string[] required true, position 0, default None, pipeline True (ByValue, ByPropertyName), wildcards true, aliases none",
                "LiteralPath string[] required true, position named, default None, pipeline False, wildcards false, aliases none",
                "SessionId guid[] required false, position named, default None, pipeline True (ByPropertyName), wildcards false, aliases SessionIds",
                "Reprocess BackfillReprocess required false, position named, default None, pipeline False, wildcards false, aliases none",
                "Duration timespan required false, position named, default 6 hours, pipeline False, wildcards false, aliases none",
                "Since DateTimeOffset required false, position named, default 2025-08-01T00:00:00Z, pipeline False, wildcards false, aliases none",
            ],
            lines);
    }

    [Theory]
    [InlineData("en_US.UTF-8")]
    [InlineData("de_DE.UTF-8")]
    [InlineData("C")]
    public async Task It_is_found_in_every_culture(string culture)
    {
        var settings = new Dictionary<string, string?>(ModuleShell.NoSettings) { ["LANG"] = culture, ["LC_ALL"] = culture };
        var lines = await ModuleShell.RunAsync("(Get-Help Get-BackfillPlan).Synopsis; (Get-Help about_Backfill).Length -gt 1000", settings);
        Assert.Equal([HelpPages.Docs.Pages.Single(p => p.Name == "Get-BackfillPlan").Synopsis, "True"], lines);
    }

    [Fact]
    public async Task Topics_fit_80_columns_and_are_listed_with_a_synopsis()
    {
        var lines = await ModuleShell.RunAsync("""
            foreach ($topic in Get-Help about_Backfill*) { if ($topic.Synopsis) { "$($topic.Name)" } }
            foreach ($name in 'about_Backfill', 'about_Backfill_Plans', 'about_Backfill_Rollback', 'about_Backfill_Gates') {
                foreach ($line in (Get-Help $name).Split("`n")) { if ($line.Length -gt 80) { "$name is too wide: $line" } }
            }
            """);
        Assert.Equal(["about_Backfill", "about_Backfill_Gates", "about_Backfill_Plans", "about_Backfill_Rollback"], lines.Order());
    }

    [Fact]
    public async Task A_look_at_help_loads_no_dependency()
    {
        var lines = await ModuleShell.RunAsync("""
            $null = Get-Help Invoke-BackfillApply -Full
            [AppDomain]::CurrentDomain.GetAssemblies() | ForEach-Object { $_.GetName().Name } | Where-Object { $_ -cmatch '^(Npgsql|Dapper|Polly)' }
            """);
        Assert.Empty(lines);
    }
}
