namespace Backfill.PowerShell.Tests.Module;

/// <summary>What comes out can go into CSV and JSON. The full shell's own cmdlets for that are not here; they take each property's value.</summary>
[Collection(SandboxTests.Name)]
public sealed class ExportTests(SandboxFixture sandbox) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_value_is_flat_and_holds_no_secret_and_no_circle()
    {
        _folder.WritePlan("plan.json", Guid.Parse("618c5ea6-aeda-4084-9156-0aac9643afd3"), Guid.NewGuid());
        var lines = await sandbox.RunAsync(_folder, $$"""
            $ErrorActionPreference = 'SilentlyContinue'
            $plan = Get-BackfillPlan '{{ModuleShell.ApplyPlan}}'
            $results = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $ErrorActionPreference = 'Stop'
            $run = Get-BackfillRun -Latest
            $gate = Get-BackfillGate -RunId $run.RunId
            $sample = Start-StagingSoak -Since 2025-08-01
            $rollback = $run | New-BackfillRollback
            $objects = @(
                $c, $plan, $plan.Batches[2], $plan.Warnings, (Test-BackfillConnection -Connection $c)[0], $results, $results[0].Operations, $run, $gate, $gate.Criteria
                (Invoke-BackfillApply $plan -WhatIf)[0], (Get-BackfillCandidate -First 1), (Test-ProdHealth), $sample, $sample.Checks, $rollback
                $run | Invoke-BackfillRollback -Confirm:$false
                Invoke-BackfillPipeline plan.json
            ) | ForEach-Object { $_ }
            $secrets = [Environment]::GetEnvironmentVariable('SUPABASE_SERVICE_ROLE_KEY'), [Environment]::GetEnvironmentVariable('SUPABASE_ANON_KEY'), [Environment]::GetEnvironmentVariable('SUPABASE_DB_URL')
            function Look([object] $Value, [int] $Depth, [string] $Path) {
                if ($null -eq $Value) { return }
                $text = [string] $Value
                if ($text -match '^(System|Backfill)\.|`[\d\[]' -or $text.Contains("`n") -and $Depth -eq 1) { "bad text: $Path = $text" }
                foreach ($secret in $secrets) { if ($text.Contains($secret)) { "secret: $Path" } }
                if ($Depth -gt 7) { "too deep: $Path"; return }
                if ($Value -is [string] -or $Value -is [ValueType] -or $Value -is [uri]) { return }
                if ($Value -is [Collections.IDictionary]) { return }
                if ($Value -is [Collections.IEnumerable]) { foreach ($item in $Value) { Look $item ($Depth + 1) "$Path[]" }; return }
                foreach ($property in $Value.GetType().GetProperties()) { if ($property.GetIndexParameters().Count -eq 0) { Look $property.GetValue($Value) ($Depth + 1) "$Path.$($property.Name)" } }
            }
            foreach ($object in $objects) { Look $object 0 $object.GetType().Name }
            # Lists come last, so that a table's columns are what can be read in it.
            foreach ($type in $objects | ForEach-Object { $_.GetType() }) {
                $seen = $false
                foreach ($property in $type.GetProperties()) {
                    $isList = $property.PropertyType.Name -like 'ItemList*'
                    if ($seen -and -not $isList -and $type.Name -notin 'BackfillPlan', 'PlanBatch') { "after a list: $($type.Name).$($property.Name)" }
                    $seen = $seen -or $isList
                }
            }
            $kinds = [Collections.Generic.HashSet[string]] [string[]] ($objects | ForEach-Object { $_.GetType().Name })
            "kinds $($kinds.Count)"
            "$($run.AchievedPerMinute)".Length -lt 8
            """);
        Assert.Equal(["kinds 17", "True"], lines.Where(l => !l.StartsWith("What if:", StringComparison.Ordinal)));
    }
}
