namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class ViewTests(SandboxFixture sandbox)
{
    private const int Columns = 100;

    [Fact]
    public async Task Every_table_fits_100_columns_and_shows_ids_in_full()
    {
        using var folder = new TemporaryFolder();
        folder.Write("odd.json", "{ \"backfill_plan\": { \"version\": 1 }, \"nonsense\": true }");
        var missing = Guid.NewGuid();
        folder.WritePlan("plan.json", missing);
        var result = await ShellProcess.RunAsync(
            $$"""
            {{ModuleShell.Prelude}}
            $ErrorActionPreference = 'SilentlyContinue'
            $WarningPreference = 'SilentlyContinue'
            Enter '{{folder.FullName}}'
            $c = Connect-Backfill
            $results = Invoke-BackfillApply plan.json
            $plan = Get-BackfillPlan '{{ModuleShell.ApplyPlan}}'
            $c | Out-Default
            $plan | Out-Default
            $plan.Batches | Out-Default
            Test-BackfillPlan odd.json | Out-Default
            $calls = Invoke-BackfillApply $plan -WhatIf
            $calls[0..3] | Out-Default
            $results | Out-Default
            $results[0].Operations | Out-Default
            Get-BackfillRun -Latest | Out-Default
            Test-BackfillConnection | Out-Default
            "run $($results[0].RunId)"
            """,
            environment: sandbox.Settings);
        Assert.All(result.Lines.Where(l => !l.StartsWith("What if:", StringComparison.Ordinal)), l => Assert.True(l.Length <= Columns, l));
        Assert.Contains($"{missing} Failed", result.Output, StringComparison.Ordinal);
        var run = result.Lines[^1]["run ".Length..];
        Assert.Equal(3, result.Output.Split(run).Length - 1);
        Assert.DoesNotContain("\e[", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("...", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('…', result.Output);
    }

    [Fact]
    public async Task A_sandbox_shows_no_secret_wherever_it_stands_in_the_output()
    {
        var lines = await ModuleShell.RunAsync(
            """
            $s = Start-BackfillSandbox -CandidateCount 1
            "secrets $($s.ServiceRoleKey) $($s.AnonKey) $($s.DatabaseUrl)"
            $s | Out-Default
            $c = $s | Connect-Backfill
            $c, $s | Out-Default
            "$s"
            """,
            sandbox.Settings);
        var secrets = lines[0].Split(' ')[1..];
        Assert.Equal(3, secrets.Length);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, string.Join('\n', lines.Skip(1)), StringComparison.Ordinal));
        Assert.DoesNotContain("Key", string.Join('\n', lines.Skip(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Figures_read_the_same_in_every_culture()
    {
        var lines = await ModuleShell.RunAsync("""
            [Globalization.CultureInfo]::CurrentCulture = [Globalization.CultureInfo]::GetCultureInfo('de-DE')
            $v = [Backfill.PowerShell.Views.ViewText]
            $v::Duration([timespan]::FromMilliseconds(350))
            $v::Duration([timespan]::FromSeconds(12.34))
            $v::Duration([timespan]::FromSeconds(125))
            $v::Duration([timespan]::FromHours(6))
            $v::Rate(19.94)
            $v::Rate(20)
            $v::Time([DateTimeOffset]::Parse('2025-09-17T10:00:12+02:00'))
            $v::Wrap('fc_scores +39, profiles +13', 15).Replace("`n", '/')
            """);
        Assert.Equal(
            ["350 ms", "12.3 s", "2 min 05 s", "6 h 00 min", "19.9/min", "20/min", "2025-09-17 08:00:12Z", "fc_scores +39,/profiles +13"],
            lines);
    }
}
