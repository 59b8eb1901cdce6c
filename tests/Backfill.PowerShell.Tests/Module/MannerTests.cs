namespace Backfill.PowerShell.Tests.Module;

/// <summary>Rules that every cmdlet keeps, held against the module as it is staged.</summary>
public sealed class MannerTests
{
    /// <summary>Verbs of cmdlets that change nothing anywhere; connecting is this runspace's own affair.</summary>
    private const string Harmless = "Get|Test|Connect|Disconnect";

    [Fact]
    public async Task Every_cmdlet_says_what_comes_out_asks_where_it_writes_and_has_no_alias()
    {
        var lines = await ModuleShell.RunAsync($$"""
            $module = Get-Command -Module Backfill.PowerShell
            "$($module.Count -gt 30)"
            foreach ($command in $module) {
                $cmdlet = $command.ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false)[0]
                if ($command.CommandType -ne 'Cmdlet') { "no cmdlet: $command" }
                if ($command.OutputType.Count -eq 0) { "silent: $command" }
                if ($command.Verb -notmatch '^({{Harmless}})$' -and -not $cmdlet.SupportsShouldProcess) { "can't be tried: $command" }
                if ($command.Verb -match '^({{Harmless}})$' -and $cmdlet.SupportsShouldProcess) { "asks for nothing: $command" }
                foreach ($type in $command.OutputType.Type) {
                    if ($type -and $type.Namespace -ne 'Backfill' -and $type -notin [bool], [IO.FileInfo]) { "foreign type: $command $type" }
                }
            }
            $own = @(Get-Module Backfill.PowerShell)[0]
            "$($own.ExportedAliases.Count) $($own.ExportedFunctions.Count) $($own.ExportedVariables.Count)"
            """);
        Assert.Equal(
            [
                "True", "silent: Clear-BackfillSandboxFault", "silent: Disconnect-Backfill", "silent: Remove-BackfillRun",
                "silent: Set-BackfillSandboxFault", "silent: Start-BackfillSandboxTraffic", "silent: Stop-BackfillSandbox",
                "silent: Stop-BackfillSandboxTraffic", "0 0 0",
            ],
            lines);
    }

    [Theory]
    [InlineData("Confirm-BackfillGate")]
    [InlineData("Deny-BackfillGate")]
    [InlineData("Initialize-BackfillLedger")]
    [InlineData("Invoke-BackfillRollback")]
    [InlineData("Remove-BackfillRun")]
    public async Task Decisions_and_what_can_t_be_undone_have_a_high_impact(string command)
    {
        var lines = await ModuleShell.RunAsync(
            $"(Get-Command {command}).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false)[0].ConfirmImpact");
        Assert.Equal(["High"], lines);
    }

    [Fact]
    public async Task Orders_pass_their_run_on_when_asked()
    {
        var lines = await ModuleShell.RunAsync("""
            Get-Command -Module Backfill.PowerShell | Where-Object { $_.Parameters.ContainsKey('PassThru') } | ForEach-Object { $_.Name }
            """);
        Assert.Subset(lines.ToHashSet(), new HashSet<string> { "Resume-BackfillRun", "Set-BackfillRun", "Stop-BackfillRun", "Suspend-BackfillRun" });
    }

    [Fact]
    public async Task Ids_of_runs_and_paths_of_plans_are_completed_everywhere()
    {
        var lines = await ModuleShell.RunAsync("""
            $plans = 'Get-BackfillPlan', 'Test-BackfillPlan', 'Invoke-BackfillApply', 'Invoke-BackfillPipeline'
            foreach ($command in Get-Command -Module Backfill.PowerShell) {
                foreach ($parameter in $command.Parameters.Values) {
                    $isOurs = $parameter.Name -in 'RunId', 'EvidenceRunId', 'BatchId' -or ($parameter.Name -in 'Path', 'LiteralPath' -and $command.Name -in $plans)
                    $completes = @($parameter.Attributes | Where-Object { $_ -is [Management.Automation.ArgumentCompleterAttribute] }).Count
                    if ($isOurs -and $completes -ne 1) { "$command -$($parameter.Name)" }
                }
            }
            'done'
            """);
        Assert.Equal(["done"], lines);
    }

    /// <summary>It is what a misspelt variable gives, and would pass for a limit or a check that was not asked for.</summary>
    [Fact]
    public async Task A_null_that_was_given_is_never_taken_for_a_parameter_that_was_not()
    {
        var lines = await ModuleShell.RunAsync("""
            $seen = 0
            foreach ($command in Get-Command -Module Backfill.PowerShell) {
                foreach ($parameter in $command.Parameters.Values) {
                    $type = $parameter.ParameterType
                    # A selection says itself that it is empty, once there is a target.
                    if ($parameter.Name -eq 'SessionId') { continue }
                    if (-not [Nullable]::GetUnderlyingType($type) -and $type -notin [DateTimeOffset], [TimeSpan], [securestring] -and -not $type.IsArray) { continue }
                    $seen++
                    $given = @{ $parameter.Name = $null }
                    $id = Id { & $command @given }
                    if ($id -notmatch '^(ParameterArgument(Validation|Transformation)Error|SelectionEmpty$)') { "$command -$($parameter.Name): $id" }
                }
            }
            "$($seen -gt 60)"
            """);
        Assert.Equal(["True"], lines);
    }

    [Fact]
    public async Task Plans_are_named_by_patterns_or_to_the_letter()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "a1.json", "a2.json", "b[1].json" })
            folder.WritePlan(name, Guid.NewGuid());
        var lines = await ModuleShell.RunAsync($$"""
            $WarningPreference = 'SilentlyContinue'
            Enter '{{folder.FullName}}'
            @(Get-BackfillPlan a*.json).Count
            @(Get-BackfillPlan -LiteralPath 'b[1].json').Count
            @('a1.json', 'a2.json' | Get-BackfillPlan).Count
            Id { Get-BackfillPlan -LiteralPath 'a*.json' }
            """);
        Assert.Equal(["2", "1", "2", "PlanNotFound"], lines);
    }
}
