#requires -Version 7.6
#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }
# The scenarios, and what an operator does with what they find: that needs the full shell. One sandbox for all.

BeforeAll {
    $ErrorActionPreference = 'Stop'
    . $PSScriptRoot/World.ps1
    $world = Start-AcceptanceWorld
    $to = @{ Connection = $world.Connection }

    # By a file and back, as another program would read it.
    function Get-CsvOf($Objects) {
        $file = Join-Path $world.OutputPath "$(New-Guid).csv"
        $Objects | Export-Csv $file -Encoding utf8NoBOM
        , @(Import-Csv $file)
    }

    function Get-JsonOf($Objects) { , @($Objects | ConvertTo-Json -Depth 8 -EnumsAsStrings -AsArray | ConvertFrom-Json -Depth 16) }

    function Get-ListName($Rows) { $Rows | ForEach-Object { $_.PSObject.Properties } | Where-Object Value -Match 'System\.|Backfill\.\w|`\d|\[\]' | Select-Object -ExpandProperty Name -Unique }
}

AfterAll {
    if ($world) { Stop-AcceptanceWorld $world }
}

Describe 'The connection' {
    BeforeAll { $checks = & (Get-Scenario connection) -World $world }

    It 'passes every check' { ($checks | Group-Object Status).Name | Should -Be 'Passed' }

    It 'is shown without a secret' {
        $said = $world.Connection, $world.Sandbox | Format-List | Out-String
        foreach ($secret in 'ServiceRoleKey', 'AnonKey', 'DatabaseUrl') { $said | Should -Not -BeLike "*$($world.Sandbox.$secret)*" }
    }

    It 'has checks that fit a spreadsheet' { (Get-CsvOf $checks)[0].PSObject.Properties.Name | Should -Be Name, Status, Detail, Remedy }
}

Describe 'A plan' {
    BeforeAll {
        $found = & (Get-Scenario plan) -World $world
        $calls = $found | Where-Object { $_ -is [Backfill.BackfillPlannedCall] }
    }

    It 'is found by a wildcard from where one stands' {
        Push-Location $world.PlanFolder
        try { Get-ChildItem *.plan.json | Get-BackfillPlan | Where-Object TotalCandidates -EQ 39 | Should -HaveCount 1 }
        finally { Pop-Location }
    }

    It 'is previewed, function by function' {
        ($calls | Group-Object Function | Sort-Object Name).Name | Should -Be score_fc_session, score_prism
        ($calls | Measure-Object).Count | Should -Be ($calls | Sort-Object SessionId, Function -Unique).Count
    }

    It 'keeps its parameters in JSON' { (Get-JsonOf $calls)[0].Params.version | Should -Be 'v1.2' }
}

Describe 'An apply' {
    BeforeAll { $results = & (Get-Scenario apply) -World $world }

    It 'gives results to count' {
        $groups = $results | Group-Object Outcome -AsHashTable -AsString
        $groups.Succeeded | Should -HaveCount 3
        $groups.Failed | Should -HaveCount 1
        ($results | Measure-Object RowsInserted -Sum).Sum | Should -BeGreaterThan 2
    }

    It 'gives results to sort and select' {
        ($results | Sort-Object DurationMs -Descending | Select-Object -First 1).DurationMs | Should -Be ($results | Measure-Object DurationMs -Maximum).Maximum
        $results | Where-Object Outcome -NE Succeeded | Select-Object -ExpandProperty Category | Should -Be 'Validation'
    }

    It 'gives a flat CSV' {
        $rows = Get-CsvOf $results
        $rows | Should -HaveCount 4
        Get-ListName $rows | Should -BeNullOrEmpty
        $rows.SessionId | Should -Be $results.SessionId
    }

    It 'gives JSON with words for outcomes, and the operations in it' {
        $json = Get-JsonOf $results
        $json.Outcome | Sort-Object -Unique | Should -Be Failed, Succeeded
        $json[0].Operations[0].Function | Should -Be 'score_fc_session'
    }

    It 'ends with one error that a script can catch, and its results survive' {
        $folder = New-Folder $world stop
        $plan = New-SmallPlan $world $folder 1
        Set-BackfillSandboxFault Status -StatusCode 400 -Sandbox $world.Sandbox
        try { { Invoke-BackfillApply $plan @to -OutputPath $folder -ThrottlePerMinute 600 -ErrorAction Stop -OutVariable script:kept } | Should -Throw -ErrorId 'RunHadFailures,*' }
        finally { Clear-BackfillSandboxFault -Sandbox $world.Sandbox }
        $script:kept.Outcome | Should -Be 'Failed'
        Join-Path $folder backfill_summary.md | Should -Exist
    }

    It 'stops with its pipeline, and goes on where it was' {
        $folder = New-Folder $world first
        $plan = New-SmallPlan $world $folder 3
        $first = $plan | Invoke-BackfillApply @to -OutputPath $folder -ThrottlePerMinute 600 -ConcurrencyLimit 1 | Select-Object -First 1
        $first.Outcome | Should -Be 'Succeeded'
        $run = Get-BackfillRun -Latest @to
        $run.State | Should -Be 'Paused'
        $null = $run | Invoke-BackfillApply -OutputPath $folder -ThrottlePerMinute 600
        Get-BackfillRun $run.RunId @to | ForEach-Object { "$($_.State) $($_.Succeeded) of $($_.Total)" } | Should -Be 'Completed 3 of 3'
    }
}

Describe 'A gate' {
    BeforeAll { $gates = & (Get-Scenario gates) -World $world }

    It 'stands where each decision left it' { $gates.Status | Should -Be Pending, Denied, Approved, Pending }

    It 'names every criterion that is not met' { $gates[-1].Criteria | Where-Object Passed -EQ $false | Select-Object -ExpandProperty Name | Should -Contain 'Failed' }

    It 'is decided on what was shown, once' {
        # It was denied, and then approved, since.
        { $gates[0] | Deny-BackfillGate -Reason 'too late' -Confirm:$false } | Should -Throw -ErrorId 'GateDecidedMeanwhile,*'
    }

    It 'gives a flat CSV, and JSON with its criteria' {
        Get-ListName (Get-CsvOf $gates) | Should -BeNullOrEmpty
        (Get-JsonOf $gates)[0].Criteria.Name | Should -Contain 'RollbackReady'
    }
}

Describe 'A soak, rehearsed' {
    BeforeAll { $samples = & (Get-Scenario soak) -World $world }

    It 'has verdicts to count' { ($samples | Group-Object Verdict -NoElement | Sort-Object Name).Name | Should -Be Fail, Pass }

    It 'has figures to plot' {
        $rows = Get-CsvOf $samples
        Get-ListName $rows | Should -BeNullOrEmpty
        ($samples | Measure-Object ConversionRate -Maximum).Maximum | Should -BeLessOrEqual 1
        $rows[0].ConversionRate | Should -Match '^\d(\.\d+)?$'
    }

    It 'has its checks in JSON' { (Get-JsonOf $samples)[0].Checks.Name | Should -Contain 'TokenAccess' }
}

Describe 'The health check' {
    BeforeAll {
        $found = & (Get-Scenario health) -World $world
        $report, $candidates = $found
    }

    It 'is a line for a dashboard' {
        $json = Get-JsonOf $report
        $json.Status | Should -Be 'NeedsBackfill'
        $json.NeedingBackfill | Should -Be ($candidates | Where-Object Backfillable | Measure-Object).Count
        Get-ListName (Get-CsvOf $report) | Should -BeNullOrEmpty
    }

    It 'lists sessions to choose from' {
        $chosen = $candidates | Where-Object Backfillable | Sort-Object CompletedAt -Descending | Select-Object -First 2
        $plan = $chosen | New-BackfillPlan (Join-Path (New-Folder $world chosen) 'chosen.plan.json') -Environment Staging
        $plan.TotalCandidates | Should -Be 2
        Get-ListName (Get-CsvOf $candidates) | Should -BeNullOrEmpty
    }
}

Describe 'A rollback' {
    BeforeAll { $undone = & (Get-Scenario rollback) -World $world }

    It 'is verified, table by table' { ($undone | Group-Object Verified).Name | Should -Be 'True' }

    It 'adds up' {
        ($undone | Where-Object Table -EQ public.fc_scores | Measure-Object Deleted -Sum).Sum | Should -Be 3
        ($undone | Measure-Object Conflicts -Sum).Sum | Should -Be 0
    }

    It 'leaves a run that says so' {
        $run = Get-BackfillRun @to | Where-Object RunId -EQ $undone[0].RunId
        $run.State | Should -Be 'RolledBack'
        Get-ListName (Get-CsvOf $run) | Should -BeNullOrEmpty
    }
}
