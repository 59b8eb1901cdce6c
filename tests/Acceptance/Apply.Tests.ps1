BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $apply = @{ Connection = $world.Connection; ThrottlePerMinute = 1200; WarningAction = 'SilentlyContinue' }

    # A plan of so many free sessions, and of sessions that don't exist: these fail.
    function New-Plan([int] $Count, [int] $Missing = 0, [string] $Path = (Join-Path (New-TestFolder) apply.plan.json)) {
        $sessions = @(if ($Count) { Get-FreeSession $Count }) + @(if ($Missing) { 1..$Missing | ForEach-Object { New-Guid } })
        New-TestPlan $Path $sessions
    }

    function Get-RunCount { @(Get-BackfillRun -Connection $world.Connection).Count }
}

Describe 'An apply of four sessions, one of which fails' {
    BeforeAll {
        $folder = New-TestFolder
        $sessions = Get-FreeSession 4
        $plan = New-TestPlan (Join-Path $folder apply.plan.json) $sessions
        Set-BackfillSandboxFault Status -StatusCode 400 -SessionId $sessions[1] -Sandbox $world.Sandbox
        try {
            $results = Get-BackfillPlan $plan -WarningAction SilentlyContinue |
                Invoke-BackfillApply @apply -OutputPath $folder -ErrorAction SilentlyContinue -ErrorVariable problems -InformationVariable told
        }
        finally { Clear-BackfillSandboxFault -Sandbox $world.Sandbox }
        $run = Get-BackfillRun -Latest -Connection $world.Connection
        $json = Get-Content (Join-Path $folder backfill_logs execution_results.json) -Raw | ConvertFrom-Json
    }

    It 'gives a result for each session' {
        $results.SessionId | Sort-Object | Should -Be ($sessions | Sort-Object)
        ($results | Where-Object { $_.Outcome -eq 'Succeeded' -and $_.RowsInserted -gt 0 }) | Should -HaveCount 3
        $results.Connection | Should -Be (, $world.Connection * 4)
    }

    It 'says of the session that failed why' {
        $failed = $results | Where-Object Outcome -EQ Failed
        $failed.SessionId | Should -Be $sessions[1]
        $failed.Category | Should -Be 'Validation'
        $failed.Reason | Should -Not -BeNullOrEmpty
    }

    It 'ends with one error, about the run' {
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'RunHadFailures,*'
        $problems[0].TargetObject | Should -BeOfType Backfill.BackfillRun
        $problems[0].TargetObject.RunId | Should -Be $run.RunId
    }

    It 'leaves a run that counts the same' {
        "$($run.State) $($run.Succeeded) + $($run.Failed) of $($run.Total), $($run.Remaining) left" |
            Should -Be 'Completed 3 + 1 of 4, 0 left'
        $run.Connection | Should -Be $world.Connection
        $run.RunId | Should -Be $results[0].RunId
    }

    It 'keeps the results in the ledger' {
        $kept = Get-BackfillSessionResult $run.RunId -Connection $world.Connection
        $kept | ForEach-Object { "$($_.SessionId) $($_.Outcome)" } | Sort-Object |
            Should -Be ($results | ForEach-Object { "$($_.SessionId) $($_.Outcome)" } | Sort-Object)
        $kept[0].Connection | Should -Be $world.Connection
        ($run | Get-BackfillSessionResult -Outcome Failed, NoEffect).SessionId | Should -Be $sessions[1]
        # Without -RunId it's the latest run.
        (Get-BackfillSessionResult -Connection $world.Connection).RunId | Should -Be $kept.RunId
    }

    It 'writes artifacts that count the same' {
        $json.successful_sessions, $json.failed_sessions | Should -Be 3, 1
        Join-Path $folder backfill_summary.md | Should -Exist
        Get-ChildItem (Join-Path $folder backfill_logs) -Filter rollback_*.sql | Should -HaveCount 1
    }

    It 'tells its milestones with tags' { $told.Tags | Should -Be RunStarted, RunCompleted, GateRaised, ArtifactsWritten }

    It 'gives results that fit a spreadsheet' {
        $rows = Get-CsvOf $results
        $rows.SessionId | Should -Be $results.SessionId
        Get-TypeNameColumn $rows | Should -BeNullOrEmpty
    }

    It 'gives JSON with words for outcomes, and with its operations' {
        $rows = Get-JsonOf $results
        $rows.Outcome | Sort-Object -Unique | Should -Be Failed, Succeeded
        $rows[0].Operations[0].Function | Should -Be 'score_fc_session'
    }
}

Describe 'A second apply' {
    BeforeAll {
        $folder = New-TestFolder
        $sessions = Get-FreeSession 3
        $plan = New-TestPlan (Join-Path $folder apply.plan.json) $sessions
        Set-BackfillSandboxFault Status -StatusCode 400 -SessionId $sessions[1] -Sandbox $world.Sandbox
        try { $null = Invoke-BackfillApply $plan @apply -OutputPath $folder -ErrorAction SilentlyContinue }
        finally { Clear-BackfillSandboxFault -Sandbox $world.Sandbox }
        $second = Invoke-BackfillApply $plan @apply -OutputPath $folder -Reprocess Failed
        $third = Invoke-BackfillApply $plan @apply -OutputPath $folder -Reprocess Failed
    }

    It 'with -Reprocess Failed tries just the failed session again' {
        ($second | Where-Object Outcome -EQ Succeeded).SessionId | Should -Be $sessions[1]
        $second | Where-Object Reason -Like 'AlreadyApplied*' | Should -HaveCount 2
    }

    It 'finds nothing to do once all sessions are applied' {
        $third.Outcome | Should -Be Skipped, Skipped, Skipped
        Get-BackfillCandidate -Connection $world.Connection | Where-Object SessionId -In $sessions | Should -BeNullOrEmpty
    }
}

Describe 'An apply with -WhatIf' {
    It 'says what it would call, batch by batch, and changes nothing' {
        $folder = New-TestFolder
        $plan = New-Plan 2
        $before = Get-RunCount
        $preview = Invoke-Pwsh -Environment (Get-SandboxSetting) -Location $folder @"
            `$null = Connect-Backfill
            Invoke-BackfillApply '$plan' -WhatIf -WarningAction SilentlyContinue | ForEach-Object { "`$(`$_.GetType()) `$(`$_.Function)" }
            `$WhatIfPreference = `$true
            (Invoke-BackfillApply '$plan' -WarningAction SilentlyContinue).Count
"@
        $preview.Errors | Should -BeNullOrEmpty
        $preview.Lines[0] | Should -BeLike 'What if: named: 2 sessions, 4 calls*'
        $preview.Lines | Where-Object { $_ -like 'Backfill.BackfillPlannedCall *' } | Group-Object |
            ForEach-Object { "$($_.Count) $($_.Name)" } |
            Should -Be '2 Backfill.BackfillPlannedCall score_fc_session', '2 Backfill.BackfillPlannedCall score_prism'
        $preview.Lines[-1] | Should -Be 4
        Get-RunCount | Should -Be $before
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }
}

Describe 'A selection of sessions to apply' {
    BeforeAll { $plan = New-Plan 2 }

    It 'that is empty never means all: <case>' -ForEach @(
        @{ Case = 'an empty pipeline'; Id = 'SelectionEmpty'; Block = { @() | Invoke-BackfillApply -Path $plan @apply } }
        @{ Case = 'an empty -SessionId'; Id = 'SelectionEmpty'; Block = { Invoke-BackfillApply $plan -SessionId @() @apply } }
        @{ Case = '$null as -SessionId'; Id = 'SelectionEmpty'; Block = { Invoke-BackfillApply $plan -SessionId $null @apply } }
        @{ Case = 'an object without a session'; Id = 'SelectionEmpty'; Block = {
                [pscustomobject] @{ Connection = $world.Connection } | Invoke-BackfillApply -Path $plan -ThrottlePerMinute 1200 } }
        @{ Case = 'a session of another plan'; Id = 'SessionNotInPlan'; Block = {
                Invoke-BackfillApply $plan -SessionId (New-Guid) @apply } }
    ) {
        $before = Get-RunCount
        Get-ErrorId $Block | Should -Be $Id
        Get-RunCount | Should -Be $before
    }

    It 'is applied alone, and a run takes no selection of its own sessions' {
        $chosen = (Get-BackfillPlan $plan -WarningAction SilentlyContinue).Batches.Sessions[1]
        $results = [pscustomobject] @{ SessionId = "$chosen" } | Invoke-BackfillApply -Path $plan @apply -OutputPath (New-TestFolder)
        $results.SessionId | Should -Be $chosen
        Get-ErrorId { $results | Invoke-BackfillApply } | Should -Be 'SelectionInRun'
    }
}

Describe 'Several plans' {
    It 'are applied one after the other, until a run halts' {
        $folder = New-TestFolder
        $bad = New-Plan 0 1 (Join-Path $folder bad.plan.json)
        $worse = New-Plan 0 4 (Join-Path $folder worse.plan.json)
        $good = New-Plan 1 0 (Join-Path $folder good.plan.json)
        $before = Get-RunCount
        # The first run has a failure only, so the second one begins, and halts.
        $null = Invoke-BackfillApply $bad, $worse, $good @apply -OutputPath $folder -ConcurrencyLimit 1 -MaxConsecutiveFailures 2 `
            -ErrorAction SilentlyContinue -ErrorVariable problems -WarningVariable warned
        $run = Get-BackfillRun -Latest -Connection $world.Connection
        $run | Stop-BackfillRun -Reason 'the test is over' -Confirm:$false

        Get-RunCount | Should -Be ($before + 2)
        $problems | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] } | Should -Be RunHadFailures, RunHalted
        "$($warned[-1])" | Should -Be "Not begun, because run $($run.RunId) is Halted: $good."
    }
}

Describe 'A pipeline that stops an apply' {
    It 'pauses the run, which <case> resumes' -ForEach @(
        @{ Case = 'another apply'; Stop = { Invoke-BackfillApply $plan @slow | Select-Object -First 1 } }
        @{ Case = 'another apply after break'; Stop = { while ($true) { Invoke-BackfillApply $plan @slow | ForEach-Object { $_; break } } } }
        @{ Case = 'another apply after an error'; Stop = {
                try { Invoke-BackfillApply $plan @slow | ForEach-Object { $_; throw 'no more' } } catch { if ("$_" -ne 'no more') { throw } } } }
    ) {
        $folder = New-TestFolder
        $plan = New-Plan 3
        $slow = @{
            Connection = $world.Connection; OutputPath = $folder; WarningAction = 'SilentlyContinue'
            ThrottlePerMinute = 60; ConcurrencyLimit = 1
        }
        $first = & $Stop
        $first | Should -HaveCount 1
        $first.Outcome | Should -Be 'Succeeded'
        # A run writes its artifacts last, so it has ended by now.
        Join-Path $folder backfill_summary.md | Should -Exist
        $run = Get-BackfillRun -Latest -Connection $world.Connection
        "$($run.State) $($run.Succeeded + $run.Remaining) $($run.ActiveWorkers)" | Should -Be 'Paused 3 0'

        Set-BackfillRun $run.RunId -Connection $world.Connection -ThrottlePerMinute 1200
        $rest = $run | Invoke-BackfillApply -OutputPath $folder -WarningAction SilentlyContinue
        $rest.SessionId | Should -Not -Contain $first.SessionId
        Get-BackfillRun $run.RunId -Connection $world.Connection | ForEach-Object { "$($_.State) $($_.Succeeded) of $($_.Total)" } |
            Should -Be 'Completed 3 of 3'
    }

    It 'with -ErrorAction Stop keeps the results, and the artifacts are written' {
        $folder = New-TestFolder
        $plan = New-Plan 0 1
        { Invoke-BackfillApply $plan @apply -OutputPath $folder -ErrorAction Stop -OutVariable script:kept } |
            Should -Throw -ErrorId 'RunHadFailures,*'
        $script:kept | Should -HaveCount 1
        Join-Path $folder backfill_summary.md | Should -Exist
    }
}

Describe 'A file that an apply can''t write' {
    It 'is an error before there is a run, if it is the folder' {
        $plan = New-Plan 1
        $before = Get-RunCount
        Get-ErrorId { Invoke-BackfillApply $plan @apply -OutputPath $plan } | Should -Be 'FileNotWritten'
        Get-RunCount | Should -Be $before
    }

    It 'is an error after the results, writes the other files, and no next run begins' {
        $folder = New-TestFolder
        $plans = (New-Plan 1 0 (Join-Path $folder first.plan.json)), (New-Plan 1 0 (Join-Path $folder next.plan.json))
        $null = New-Item (Join-Path $folder backfill_summary.md) -ItemType Directory
        $before = Get-RunCount
        $results = Invoke-BackfillApply $plans @apply -OutputPath $folder `
            -ErrorAction SilentlyContinue -ErrorVariable problems -WarningVariable warned

        $results | Should -HaveCount 1
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'FileNotWritten,*'
        $problems[0].CategoryInfo.Category | Should -Be 'InvalidData'
        $problems[0].TargetObject | Should -Be $results.RunId
        $warned | Where-Object { "$_" -like 'Not begun*' } | Should -HaveCount 1
        Get-RunCount | Should -Be ($before + 1)
        Get-ChildItem (Join-Path $folder backfill_logs) -Filter rollback_*.sql | Should -HaveCount 1
    }
}
