BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }

    # A soak takes two seconds, and sees nobody.
    $soak = @{ Duration = '10m'; Interval = '5m'; OutputPath = $TestDrive; WarningAction = 'SilentlyContinue' }

    # A run with a session that fails, and so with a criterion that isn't met.
    function New-FailedRun([string] $OutputPath = (New-TestFolder)) {
        $plan = New-TestPlan (Join-Path $OutputPath failed.plan.json) (Get-FreeSession), (New-Guid)
        $null = Invoke-BackfillApply $plan @to -OutputPath $OutputPath -ThrottlePerMinute 1200 `
            -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        Get-BackfillRun -Latest @to
    }
}

Describe 'A gate of an applied run' {
    BeforeAll {
        $run = New-TestRun
        $gate = $run | Get-BackfillGate
    }

    It 'is pending, with every criterion met' {
        "$gate" | Should -Be "ApplyReview of $($run.RunId): Pending"
        $gate.Passed | Should -BeTrue
        $gate.DecidedBy | Should -BeNullOrEmpty
        $gate.Criteria.Name |
            Should -Be Plan, State, Settled, Failed, NoEffect, Unknown, ExpectedChanges, ChangedSince, RollbackReady, RolledBack, Breaker
        $gate.Criteria | Where-Object Name -EQ Settled | ForEach-Object { "$($_.Expected) | $($_.Actual) | $($_.Passed)" } |
            Should -Be '1 of 1 sessions | 1 of 1 sessions | True'
    }

    It 'belongs to its target, its plan and its evidence' {
        $gate.Connection | Should -Be $world.Connection
        $gate.PlanHash | Should -Be $run.PlanHash
        $gate.EvidenceHash | Should -Match '^[0-9a-f]{64}$'
    }

    It 'is found among all gates, by its run and by its name' {
        Get-BackfillGate @to | Where-Object RunId -EQ $run.RunId | Should -HaveCount 1
        $run | Get-BackfillGate -Name ApplyReview | Should -HaveCount 1
        Get-BackfillGate -Name SoakGoNoGo @to | Where-Object RunId -EQ $run.RunId | Should -BeNullOrEmpty
    }

    It 'fits a spreadsheet, and keeps its criteria in JSON' {
        Get-TypeNameColumn (Get-CsvOf $gate) | Should -BeNullOrEmpty
        (Get-JsonOf $gate).Criteria.Name | Should -Contain 'RollbackReady'
    }

    It 'is refused if it is <case>' -ForEach @(
        @{ Case = 'not raised yet'; Id = 'GateNotRaised'; Block = { $run | Get-BackfillGate -Name SoakGoNoGo } }
        @{ Case = 'of an unknown run'; Id = 'RunNotFound'; Block = { Get-BackfillGate (New-Guid) @to } }
        @{ Case = 'of an object without a run'; Id = 'SelectionEmpty'; Block = {
                [pscustomobject] @{ Connection = $world.Connection } | Get-BackfillGate } }
    ) {
        Get-ErrorId $Block | Should -Be $Id
    }
}

Describe 'A soak that waits for its gate' {
    BeforeAll {
        $folder = New-TestFolder
        $run = New-FailedRun $folder
        try { $run | Start-StagingSoak @soak; $problem = $null } catch { $problem = $_ }
    }

    It 'is refused with the gate, its criteria and the command that decides' {
        $problem.FullyQualifiedErrorId | Should -BeLike 'GatePending,*'
        $problem.CategoryInfo.Category | Should -Be 'SecurityError'
        $problem.TargetObject | Should -BeOfType Backfill.BackfillGate
        foreach ($part in "Gate ApplyReview of run $($run.RunId)", '[NOT MET] Failed: 1 (expected: at most 0)',
            "Confirm-BackfillGate ApplyReview -RunId $($run.RunId)") {
            "$problem".Contains($part) | Should -BeTrue -Because "the message must name $part"
        }
    }

    It 'finds the open gate in the report, too' {
        Get-Content (Join-Path $folder backfill_summary.md) -Raw | Should -BeLike '*## Gate ApplyReview: Pending*'
    }

    It 'begins where unmet criteria were overridden, with a warning' {
        ($run | Get-BackfillGate).Criteria | Where-Object Passed -EQ $false | ForEach-Object Name | Should -Contain 'Failed'
        Get-ErrorId { $run | Confirm-BackfillGate ApplyReview -Reason 'known' -Confirm:$false } | Should -Be 'GateCriteriaFailed'
        $gate = $run |
            Confirm-BackfillGate ApplyReview -Reason 'known' -Override -Confirm:$false -WarningVariable warned -WarningAction SilentlyContinue
        "$($gate.Status) $($gate.Overridden)" | Should -Be 'Approved True'
        $warned | Should -HaveCount 1
        "$warned" | Should -BeLike '*-Override*'
        $run | Start-StagingSoak @soak | Should -Not -BeNullOrEmpty
    }
}

Describe 'A decision on a gate' {
    It 'opens and closes the gate, and a later one replaces it only by its value' {
        $run = New-TestRun
        $seen = Get-BackfillGate $run.RunId ApplyReview @to
        $approved = $run |
            Confirm-BackfillGate ApplyReview -Reason 'looks well' -Approver 'Ann' -ExpiresIn 2h -Confirm:$false -InformationVariable told
        $approved | Should -BeOfType Backfill.BackfillGate
        "$($approved.Status) $($approved.Reason) $($approved.ExpiresAt - $approved.DecidedAt)" | Should -Be 'Approved looks well 02:00:00'
        $approved.DecidedBy | Should -BeLike 'Ann (*'
        $told.Tags | Should -Be GateDecided

        Get-ErrorId { Confirm-BackfillGate ApplyReview $run.RunId @to -Reason 'again' -Confirm:$false } | Should -Be 'GateApproved'
        Get-ErrorId { Deny-BackfillGate ApplyReview $run.RunId @to -Reason 'no' -Confirm:$false } | Should -Be 'GateApproved'
        # What was shown is no longer so.
        Get-ErrorId { $seen | Deny-BackfillGate -Reason 'no' -Confirm:$false } | Should -Be 'GateDecidedMeanwhile'

        $denied = $approved | Deny-BackfillGate -Reason 'not before noon' -Confirm:$false
        "$($denied.Status) $($denied.Reason)" | Should -Be 'Denied not before noon'
        Get-ErrorId { Start-StagingSoak $run.RunId @to @soak } | Should -Be 'GateDenied'
        Get-ErrorId { Confirm-BackfillGate ApplyReview $run.RunId @to -Reason 'again' -Confirm:$false } | Should -Be 'GateDenied'
        (Get-BackfillGate $run.RunId @to | Confirm-BackfillGate -Reason 'it is noon' -Confirm:$false).Status | Should -Be 'Approved'
    }

    It 'stands once a soak has used it' {
        $run = New-ReviewedRun
        $null = $run | Start-StagingSoak @soak
        Get-ErrorId { $run | Start-StagingSoak @soak } | Should -Be 'GateUsed'
        Get-ErrorId { Deny-BackfillGate ApplyReview $run.RunId @to -Reason 'no' -Confirm:$false } | Should -Be 'GateUsed'
        (Get-BackfillGate $run.RunId @to).Status | Should -Be Used, Pending
    }
}

Describe 'A gate whose decisions were deleted' {
    BeforeAll {
        $run = New-ReviewedRun
        Invoke-Sql "delete from backfill.gate where run_id = '$($run.RunId)'"
        $gate = Get-BackfillGate $run.RunId @to -ErrorAction SilentlyContinue -ErrorVariable problems
    }

    # Other tests look at all gates of this ledger.
    AfterAll { Invoke-Sql "update backfill.run set gate_count = 0, gate_head = null where run_id = '$($run.RunId)'" }

    It 'is shown as invalid, with an error' {
        "$($gate.Status): $($gate.ChainBreak)" | Should -Be 'Invalidated: the run has had 1 decisions, and 0 are there'
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'GateChainBroken,*'
    }

    It 'lets no soak begin, and takes no decision' {
        Get-ErrorId { Start-StagingSoak $run.RunId @to @soak } | Should -Be 'GateChainBroken'
        Get-ErrorId { Confirm-BackfillGate ApplyReview $run.RunId @to -Reason x -Confirm:$false } | Should -Be 'GateChainBroken'
    }
}

Describe 'The gate of production' {
    BeforeAll {
        $run = New-ReviewedRun
        $null = $run | Start-StagingSoak @soak
        $null = $run | Confirm-BackfillGate SoakGoNoGo -Reason 'a test' -Override -Confirm:$false -WarningAction SilentlyContinue
        $sandbox = Start-BackfillSandbox Production -CandidateCount 6 -Seed 2
        $production = $sandbox | Connect-Backfill
        $session = (Get-BackfillCandidate -Connection $production | Where-Object FcResponses -GT 0)[0].SessionId
        $plan = New-TestPlan (Join-Path $TestDrive production.plan.json) $session -Environment production
        $apply = @{ OutputPath = $TestDrive; WarningAction = 'SilentlyContinue' }
        $results = Invoke-BackfillApply $plan -Connection $production -ThrottlePerMinute 1200 @apply -InformationVariable told
        $frozen = Get-BackfillRun -Latest -Connection $production
        $gate = $frozen | Get-BackfillGate
    }

    AfterAll { Stop-BackfillSandbox -Sandbox $sandbox }

    It 'holds an apply before its first session' {
        $results | Should -BeNullOrEmpty
        $told.Tags | Should -Be GateRaised, ArtifactsWritten
        "$($frozen.State) $($frozen.Remaining) $($gate.Name)" | Should -Be 'Pending 1 ProdApply'
        Get-ErrorId { $frozen | Invoke-BackfillApply @apply } | Should -Be 'GatePending'
    }

    It 'is not approved with <case>' -ForEach @(
        @{ Case = 'a connection to another target'; Id = 'GateOfAnotherTarget'; Evidence = { $to } }
        @{ Case = 'half of the evidence'; Id = 'EvidenceIncomplete'; Evidence = { @{ EvidenceConnection = $world.Connection } } }
        @{ Case = 'evidence from production'; Id = 'EvidenceNotStaging'; Evidence = {
                @{ EvidenceConnection = $production; EvidenceRunId = $frozen.RunId } } }
        @{ Case = 'no evidence'; Id = 'GateCriteriaFailed'; Evidence = { @{} } }
    ) {
        $given = & $Evidence
        Get-ErrorId { $gate | Confirm-BackfillGate -Reason x @given -Confirm:$false } | Should -Be $Id
        (Get-BackfillGate $frozen.RunId -Connection $production).Status | Should -Be 'Pending'
    }

    It 'is approved by a run on staging that was reviewed, soaked and approved, and used by the apply' {
        $approved = Get-BackfillGate $frozen.RunId -Connection $production |
            Confirm-BackfillGate -Reason 'staging was well' -EvidenceConnection $world.Connection -EvidenceRunId $run.RunId -Confirm:$false
        "$($approved.Status) $($approved.Overridden)" | Should -Be 'Approved False'
        ($frozen | Invoke-BackfillApply @apply).Outcome | Should -Be 'Succeeded'
        (Get-BackfillGate $frozen.RunId ProdApply -Connection $production).Status | Should -Be 'Used'
    }
}
