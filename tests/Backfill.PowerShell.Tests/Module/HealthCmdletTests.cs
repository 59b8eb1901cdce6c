namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class HealthCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Candidates_are_chosen_planned_and_applied()
    {
        var lines = await RunAsync("""
            # Some to choose from, whatever the other tests have left.
            $chosen = @(Get-BackfillCandidate -EngineVersion v9 | Where-Object { $_.Backfillable -and $_.FcResponses -gt 0 })[0..6]
            $plan = $chosen | New-BackfillPlan -Path x.json -BatchSize 3 -EngineVersion v9
            $plan.GetType().FullName
            "$($plan.TotalCandidates) $($plan.Batches.Count) $($plan.Environment) $($plan.ThrottlePerMinute) $($plan.EngineVersion) $($plan.Warnings.Count)"
            "$($plan.ExpectedChanges)" -match 'profiles \+\d ~\d$'
            (Get-BackfillPlan x.json).Hash -eq $plan.Hash
            Test-BackfillPlan x.json -Quiet
            @(Invoke-BackfillApply x.json -WhatIf).Count -ge 7
            Id { $chosen | New-BackfillPlan -Path x.json -EngineVersion v9 }
            ($chosen | New-BackfillPlan -Path x.json -BatchSize 3 -EngineVersion v9 -Force).Hash -eq $plan.Hash
            """);
        Assert.Equal(
            ["Backfill.BackfillPlan", "7 3 Staging 20 v9 0", "True", "True", "True"], lines.Take(5));
        Assert.Equal(["True", "FileExists", "True"], lines.TakeLast(3));
    }

    [Fact]
    public async Task A_plan_is_made_without_a_connection_if_it_is_said_what_for()
    {
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        var lines = await ModuleShell.RunAsync($$"""
            Enter '{{_folder.FullName}}'
            $plan = '{{one}}', '{{two}}', '{{one}}' | New-BackfillPlan -Path own.json -Environment Production -Version v7 -Description 'mine'
            "$($plan.Environment) $($plan.Version) $($plan.TotalCandidates) $($plan.Batches[0].Description) $($plan.Warnings.Count)"
            $plan.Path -eq [IO.Path]::Combine($pwd.Path, 'own.json')
            Id { New-BackfillPlan other.json '{{one}}' }
            Id { @() | New-BackfillPlan other.json -Environment Staging }
            Id { New-BackfillPlan other.json -SessionId @() -Environment Staging }
            Id { New-BackfillPlan other.json '{{one}}' -Environment Staging -ThrottlePerMinute 21 }
            $null = New-BackfillPlan other.json '{{one}}' -Environment Staging -WhatIf
            [IO.File]::Exists([IO.Path]::Combine($pwd.Path, 'other.json'))
            """);
        Assert.Equal(["Production v7 2 mine 0", "True", "NotConnected", "SelectionEmpty", "SelectionEmpty", "ThrottleOverLimit"], lines.Take(6));
        Assert.StartsWith("What if:", lines[6], StringComparison.Ordinal);
        Assert.Equal("False", lines[7]);
    }

    [Fact]
    public async Task What_can_not_be_planned_is_told()
    {
        var lines = await RunAsync($$"""
            Id { New-BackfillPlan x.json {{Guid.NewGuid()}} }
            Id { Get-BackfillCandidate | Where-Object { -not $_.Backfillable } | New-BackfillPlan x.json }
            Id { New-BackfillPlan x.json {{Guid.NewGuid()}} -Connection $c -Environment Production }
            Id { New-BackfillPlan x.json {{Guid.NewGuid()}} -Environment Production }
            $none = @(Get-BackfillCandidate | Where-Object Responses -eq 0)
            $some = @(Get-BackfillCandidate -EngineVersion v9 | Where-Object Backfillable)[0]
            $plan = @($none) + $some | New-BackfillPlan x.json -EngineVersion v9 -WarningVariable told
            $plan.TotalCandidates
            "$told".Contains("$($none.Count) of the chosen sessions can't be backfilled") -and "$told".Contains('no responses')
            Id { Get-BackfillCandidate -Since 2025-09-01 -Until 2025-08-01 }
            foreach ($ahead in { Test-ProdHealth -Since 2999-01-01 -OutputPath ahead }, { Get-BackfillCandidate -Since 2999-01-01 }) {
                try { & $ahead } catch { "$(($_.FullyQualifiedErrorId -split ',')[0]) $("$_".Contains('is in the future'))" }
            }
            [IO.Directory]::Exists([IO.Path]::Combine($pwd.Path, 'ahead'))
            Id { Test-ProdHealth -StatementTimeout 0s }
            Id { Test-ProdHealth -StatementTimeout 90 }
            Id { Test-ProdHealth -StatementTimeout 90s -Quiet }
            """);
        Assert.Equal(
            ["SessionNotFound", "NothingBackfillable", "EnvironmentMismatch", "EnvironmentMismatch", "1", "True", "WindowEmpty", "WindowEmpty True", "WindowEmpty True", "False", "StatementTimeoutInvalid", "ParameterArgumentTransformationError", "(none)"], lines);
    }

    [Fact]
    public async Task A_check_writes_its_report_and_the_plan_and_says_what_to_do()
    {
        var lines = await RunAsync("""
            $report = Test-ProdHealth -EngineVersion v9 -OutputPath out -InformationVariable told
            "$($report.GetType().FullName) $($report.Status) $($report.Environment)"
            [IO.Path]::GetFileName($report.PlanPath)
            [IO.Path]::GetFileName($report.ReportPath)
            (Get-BackfillPlan $report.PlanPath).TotalCandidates -eq $report.NeedingBackfill
            "$($report.Recommendations -join ' ')" -match 'Invoke-BackfillApply .* -WhatIf'
            $told.Tags
            Test-ProdHealth -EngineVersion v9 -OutputPath out -Quiet
            Test-ProdHealth -Since ([DateTimeOffset]::UtcNow.AddMinutes(-1)) -OutputPath out -Quiet
            [IO.File]::Exists($report.PlanPath)
            [IO.Directory]::GetFiles([IO.Path]::Combine($pwd.Path, 'out'), 'prod_mini_backfill_plan.*Z.json').Count
            """);
        Assert.Equal(
            [
                "Backfill.ProdHealthReport NeedsBackfill Staging", "prod_mini_backfill_plan.json", "prod_health_check.md", "True", "True",
                "HealthChecked", "False", "True", "False", "1",
            ],
            lines);
    }

    [Fact]
    public async Task The_same_data_gives_the_same_plan_in_any_zone_and_culture()
    {
        var hashes = new List<string>();
        foreach (var (zone, culture) in new[] { ("UTC", ""), ("Asia/Kathmandu", "tr-TR"), ("America/St_Johns", "de-DE") })
        {
            var settings = new Dictionary<string, string?>(sandbox.Settings) { ["TZ"] = zone };
            var result = await ShellProcess.RunAsync(
                SandboxFixture.Script(_folder, $$"""
                    [Globalization.CultureInfo]::CurrentCulture = [Globalization.CultureInfo]::GetCultureInfo('{{culture}}')
                    $r = Test-ProdHealth -Since '2025-08-01' -EngineVersion v9 -OutputPath '{{hashes.Count}}'
                    $own = Get-BackfillCandidate -EngineVersion v9 | Where-Object Backfillable | New-BackfillPlan own.json -EngineVersion v9 -Force
                    "$($r.PlanHash) $($r.SessionsAnalyzed) $($own.Hash)"
                    """),
                environment: settings);
            result.Succeeded();
            hashes.Add(result.Lines[^1]);
        }

        Assert.Single(hashes.Distinct());
        Assert.Matches("^[0-9a-f]{64} [0-9]+ [0-9a-f]{64}$", hashes[0]);
    }

    [Fact]
    public async Task A_role_that_may_read_only_measures_and_does_nothing_else()
    {
        var uri = sandbox.DatabaseUrl;
        await using (var owner = sandbox.OpenDatabase())
        {
            // The owner of the tables may not give BYPASSRLS away, so the tables do not hide rows from this one.
            await using var command = owner.CreateCommand("""
                create role cmdlet_reader login password 'read-only-1';
                grant usage on schema public to cmdlet_reader;
                grant select on all tables in schema public to cmdlet_reader
                """);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var lines = await ModuleShell.RunAsync(
            $$"""
            Enter '{{_folder.FullName}}'
            $env:SUPABASE_SERVICE_ROLE_KEY = ''
            $env:SUPABASE_DB_URL = 'postgresql://cmdlet_reader:read-only-1@{{uri.Host}}:{{uri.Port}}/postgres'
            Id { Connect-Backfill Staging }
            Id { Connect-Backfill -MeasureOnly }
            $c = Connect-Backfill Staging -MeasureOnly
            "$($c.Environment) $($c.MeasuresOnly) $c"
            Id { Get-BackfillRun }
            Id { Get-BackfillSessionResult }
            Id { Invoke-BackfillApply '{{ModuleShell.ApplyPlan}}' }
            Id { Invoke-BackfillApply '{{ModuleShell.ApplyPlan}}' -WhatIf }
            Id { Stop-BackfillRun 0190aaaa-0000-7000-8000-000000000000 }
            Id { Invoke-BackfillRollback 0190aaaa-0000-7000-8000-000000000000 -Confirm:$false }
            Id { Initialize-BackfillLedger Staging -Connection $c -Confirm:$false }
            # Policies hide everything from it, and so there is no verdict.
            Id { Test-ProdHealth -Quiet }
            Id { Get-BackfillCandidate }
            @(Test-BackfillConnection | Where-Object Status -eq Failed).Count -gt 0
            """,
            sandbox.Settings);
        Assert.Equal(["ServiceRoleKeyMissing", "EnvironmentNeeded"], lines.Take(2));
        Assert.StartsWith("Staging True Staging ", lines[2], StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat("LedgerNeeded", 7), lines.Skip(3).Take(7));
        Assert.Equal(["RowsHidden", "RowsHidden", "True"], lines.Skip(10));
    }

    [Fact]
    public async Task Views_fit_100_columns_and_show_ids_in_full()
    {
        var lines = await RunAsync("""
            $candidates = @(Get-BackfillCandidate -EngineVersion v9)
            "id $($candidates[0].SessionId)"
            $candidates | Out-Default
            Test-ProdHealth -EngineVersion v9 -OutputPath o | Out-Default
            """);
        Assert.All(lines, l => Assert.True(l.Length <= 100, l));
        Assert.Contains(lines, l => l.StartsWith(lines[0]["id ".Length..] + " ", StringComparison.Ordinal));
        var text = string.Join('\n', lines);
        Assert.Contains("newer profile", text, StringComparison.Ordinal);
        Assert.Contains("no responses", text, StringComparison.Ordinal);
        Assert.Contains("NeedsBackfill", text, StringComparison.Ordinal);
        Assert.DoesNotContain('…', text);
    }

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);
}
