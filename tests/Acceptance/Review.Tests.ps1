# A run that waits for a person between its sessions, as an operator meets it.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $quick = @{ Connection = $world.Connection; ThrottlePerMinute = 1200; WarningAction = 'SilentlyContinue' }
}

Describe 'A run with a review' {
    BeforeAll {
        $out = New-TestFolder
        $plan = New-TestPlan (Join-Path $out reviewed.plan.json) (Get-FreeSession 3)
        $first = @(Invoke-BackfillApply $plan @quick -ReviewAfter 2 -OutputPath $out -WarningVariable warned)
        $run = Get-BackfillRun -Latest @to
    }

    It 'calls the sessions before it, and says how to go on' {
        $first.Ordinal | Sort-Object | Should -Be 1, 2
        "$($run.State) $($run.Cause) $($run.ReviewAfter) $($run.Remaining)" | Should -Be 'Paused BatchReview 2 sessions 1'
        "$($warned[-1])" | Should -BeLike "Run $($run.RunId) waits for a review after 2 sessions, with 1 of 3 sessions left.*Confirm-BackfillGate BatchReview -RunId $($run.RunId)*Invoke-BackfillApply -RunId $($run.RunId)*"
        $run | Format-List | Out-String | Should -BeLike '*ReviewAfter*: 2 sessions*'
        $summary = Get-Content (Join-Path $out backfill_summary.md) -Raw
        $summary | Should -BeLike '*## Gate BatchReview: Pending*'
        $summary | Should -BeLike '*after 2 sessions, before any later session is called*'
    }

    It 'shows the figures of these sessions at its gate' {
        $gate = $run | Get-BackfillGate
        "$gate" | Should -Be "BatchReview of $($run.RunId): Pending"
        $gate.Criteria.Name | Should -Be Plan, Settled, Failed, NoEffect, Unknown, ExpectedChanges, RolledBack, Latency, Guard
        ($gate.Criteria | Where-Object Name -EQ Latency).Actual | Should -Match '^median \d+ ms, of 4 calls$'
    }

    It 'calls nothing before the approval, and the rest after it' {
        Get-ErrorId { Invoke-BackfillApply -RunId $run.RunId @to -OutputPath $out } | Should -Be GatePending
        Get-ErrorId { Invoke-BackfillApply -RunId $run.RunId -ReviewAfter 1 @to -OutputPath $out } | Should -Be SettingOfNewRun
        $null = Deny-BackfillGate BatchReview $run.RunId @to -Reason 'not sure yet' -Confirm:$false
        (Get-BackfillRun $run.RunId @to).Reason | Should -Be 'the review after 2 sessions is denied'
        $denied = { Invoke-BackfillApply -RunId $run.RunId @to -OutputPath $out } | Should -Throw -PassThru
        "$denied" | Should -BeLike "*not sure yet*Confirm-BackfillGate*Stop-BackfillRun $($run.RunId)*Invoke-BackfillRollback -RunId $($run.RunId)*"
        $null = Get-BackfillGate BatchReview -RunId $run.RunId @to | Confirm-BackfillGate -Reason 'looked at both' -Confirm:$false
        (Get-BackfillRun $run.RunId @to).Reason | Should -BeLike 'the review after 2 sessions is approved*'
        (Invoke-BackfillApply -RunId $run.RunId @to -OutputPath $out -WarningAction SilentlyContinue).Ordinal | Should -Be 3
        $ended = Get-BackfillRun $run.RunId @to
        "$($ended.State) $($ended.ReviewAfter)|$($ended.Gate) $($ended.GateAction)" | Should -Be 'Completed |BatchReview Used'
        (Get-BackfillEvent $run.RunId @to).Event | Should -Be Started, Paused, GateDenied, GateApproved, GateUsed, Started, Completed
    }
}

Describe 'What -ReviewAfter takes' {
    It 'is said by -WhatIf' {
        $plan = New-TestPlan (Join-Path (New-TestFolder) preview.plan.json) (Get-FreeSession 2)
        $seen = Invoke-Pwsh "`$null = Connect-Backfill; `$null = Invoke-BackfillApply '$plan' -ReviewAfter 1 -WhatIf" -Environment (Get-SandboxSetting)
        "$($seen.Lines)" | Should -BeLike '*Review after 1 session: nothing more is called before the gate BatchReview is approved.*'
    }

    It 'is a batch of the plan, or a number' {
        $plan = New-TestPlan (Join-Path (New-TestFolder) refused.plan.json) (Get-FreeSession)
        Get-ErrorId { Invoke-BackfillApply $plan @to -ReviewAfter nowhere -WhatIf } | Should -Be ReviewAfterInvalid
        # No session follows its only batch.
        Get-ErrorId { Invoke-BackfillApply $plan @to -ReviewAfter named -WhatIf } | Should -Be ReviewAfterInvalid
    }
}
