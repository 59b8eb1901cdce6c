BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }

    function New-Plan([int] $Count) { New-TestPlan (Join-Path (New-TestFolder) steered.plan.json) (Get-FreeSession $Count) }

    # A run that one worker began and left, with all but one of its sessions to do.
    function New-PausedRun([int] $Count = 2) {
        $plan = New-Plan $Count
        while ($true) {
            Invoke-BackfillApply $plan @to -OutputPath $TestDrive -ThrottlePerMinute 60 -ConcurrencyLimit 1 -WarningAction SilentlyContinue |
                ForEach-Object { break }
        }
        Get-BackfillRun -Latest @to
    }

    # A worker with a connection and a runspace of its own. It takes five seconds a session, and this waits for the first.
    function Start-Worker([int] $Count) {
        $worker = [pscustomobject] @{
            Shell = [powershell]::Create(); Results = [Management.Automation.PSDataCollection[psobject]]::new(); Work = $null
        }
        $null = $worker.Shell.AddScript({
                param($Module, $Sandbox, $Plan, $OutputPath)
                Import-Module $Module
                $null = Connect-Backfill -Sandbox $Sandbox
                Invoke-BackfillApply $Plan -OutputPath $OutputPath -ThrottlePerMinute 12 `
                    -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
                Disconnect-Backfill
            }).AddArgument($ModuleManifest).AddArgument($world.Sandbox).AddArgument((New-Plan $Count)).AddArgument((New-TestFolder))
        $worker.Work = $worker.Shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $worker.Results)
        foreach ($one in $worker.Results) { break }
        $worker
    }

    function Wait-Worker($Worker) {
        $Worker.Shell.EndInvoke($Worker.Work)
        $Worker.Shell.Dispose()
    }
}

Describe 'A run that another shell works on' {
    It 'is suspended, retuned and resumed, and the worker follows' {
        $worker = Start-Worker 6
        $run = Get-BackfillRun -Latest @to
        Suspend-BackfillRun $run.RunId @to -Reason 'deploy'
        Wait-Until { (Get-BackfillRun $run.RunId @to).State -eq 'Suspended' }
        $run = Get-BackfillRun $run.RunId @to
        "$($run.State) $($run.Cause) $($run.Intent) $($run.Reason), $($run.ActiveWorkers) worker" | Should -Be 'Suspended Ordered Suspend deploy, 1 worker'
        $run.Succeeded | Should -BeGreaterThan 0
        $run.Remaining | Should -Be (6 - $run.Succeeded)
        $run.Remaining | Should -BeGreaterThan 0
        $run.EstimatedCompletion | Should -BeNullOrEmpty

        (Set-BackfillRun $run.RunId @to -ThrottlePerMinute 1200 -Reason 'late' -PassThru).ThrottlePerMinute | Should -Be 1200
        ($run | Resume-BackfillRun -PassThru -WarningVariable warned -WarningAction SilentlyContinue).State | Should -Be 'Running'
        $warned | Should -BeNullOrEmpty -Because 'a worker is there'

        Wait-Worker $worker
        $worker.Results.Outcome | Should -Be (, 'Succeeded' * 6)
        Get-BackfillRun $run.RunId @to | ForEach-Object { "$($_.State) $($_.Succeeded)" } | Should -Be 'Completed 6'
    }

    It 'is stopped for good, and its sessions are free again' {
        $worker = Start-Worker 6
        $run = Get-BackfillRun -Latest @to
        ($run | Stop-BackfillRun -Reason 'wrong plan' -PassThru -Confirm:$false).Intent | Should -Be 'Stop'
        Wait-Worker $worker

        $run = Get-BackfillRun $run.RunId @to
        "$($run.State) $($run.Reason), $($run.Remaining) left" | Should -Be 'Aborted wrong plan, 0 left'
        $skipped = @(Get-BackfillSessionResult $run.RunId @to -Outcome Skipped)
        $skipped.Count | Should -BeGreaterThan 0
        $run.NeverCalled, $run.Succeeded, $run.Skipped | Should -Be $skipped.Count, (6 - $skipped.Count), 0
        $settled = (Get-BackfillGate $run.RunId -Name ApplyReview @to).Criteria | Where-Object Name -EQ Settled
        "$($settled.Passed) $($settled.Actual)" | Should -Be "False $($run.Succeeded) of 6 sessions"
        $skipped.Reason | Sort-Object -Unique | Should -Be 'Aborted'
        Get-BackfillCandidate @to | Where-Object SessionId -In $skipped.SessionId | Should -HaveCount $skipped.Count
        Get-ErrorId { $run | Resume-BackfillRun } | Should -Be 'RunNotResumable'
        Get-ErrorId { $run | Stop-BackfillRun -Reason again } | Should -Be 'RunNotStoppable'
        Get-ErrorId { $run | Invoke-BackfillApply } | Should -Be 'RunNotResumable'
    }
}

Describe 'A paused run that nobody works on' {
    BeforeAll { $run = New-PausedRun }
    AfterAll { $run | Stop-BackfillRun -Reason 'the test is over' -Confirm:$false }

    It 'is resumed with a warning that names the command that starts a worker' {
        $run | Resume-BackfillRun -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike "*Invoke-BackfillApply -RunId $($run.RunId)*"
        $run = Get-BackfillRun $run.RunId @to
        "$($run.State) $($run.Cause) $($run.Intent)" | Should -Be 'Paused NoWorker Run'
    }

    It 'says what an order changes and where the run stands' {
        Suspend-BackfillRun $run.RunId @to
        Set-BackfillRun $run.RunId @to -ThrottlePerMinute 5 -ConcurrencyLimit 2 -InformationVariable told
        "$told" | Should -Be "Run $($run.RunId): change to 5 a minute, 2 sessions at once; it is Suspended."
    }

    It 'is left alone with -WhatIf, which says what would change' {
        $before = Get-BackfillRun $run.RunId @to
        $preview = Invoke-Pwsh -Environment (Get-SandboxSetting) @"
            `$null = Connect-Backfill
            Set-BackfillRun $($run.RunId) -ThrottlePerMinute 6 -WhatIf
            Suspend-BackfillRun $($run.RunId) -WhatIf
            Resume-BackfillRun $($run.RunId) -WhatIf
            Stop-BackfillRun $($run.RunId) -Reason none -WhatIf
"@
        $preview.Errors | Should -BeNullOrEmpty
        $preview.Lines | Where-Object { $_ -like 'What if:*' } | Should -HaveCount 4
        $preview.Lines[0] | Should -BeLike '*Change to 6 a minute*'
        $after = Get-BackfillRun $run.RunId @to
        "$($after.State) $($after.Intent) $($after.ThrottlePerMinute)" |
            Should -Be "$($before.State) $($before.Intent) $($before.ThrottlePerMinute)"
    }
}

Describe 'An order to several runs' {
    BeforeAll {
        $open = New-PausedRun
        $open | Resume-BackfillRun -WarningAction SilentlyContinue
        $over = New-TestRun
    }
    AfterAll { Get-BackfillRun $open.RunId @to | Where-Object State -NE Aborted | Stop-BackfillRun -Reason 'the test is over' -Confirm:$false }

    It 'reaches the runs that can obey, even where an error ends the command' {
        $open | Resume-BackfillRun -WarningAction SilentlyContinue
        # Newest first: the run that is over comes before the one to suspend.
        $newestFirst = Get-BackfillRun @to | Where-Object RunId -In $open.RunId, $over.RunId
        $newestFirst[0].RunId | Should -Be $over.RunId
        try { $newestFirst | Suspend-BackfillRun; $problem = $null } catch { $problem = $_ }
        $problem.FullyQualifiedErrorId | Should -BeLike 'RunNotSuspendable,*'
        $problem.TargetObject | Should -Be $over.RunId
        (Get-BackfillRun $open.RunId @to).Intent | Should -Be 'Suspend'
    }

    It 'is an error for each run that can''t obey, with the run as its target' {
        $none = New-Guid
        $set = Set-BackfillRun $none, $over.RunId, $open.RunId @to -ThrottlePerMinute 7 -PassThru `
            -ErrorAction SilentlyContinue -ErrorVariable refused
        $set.RunId | Should -Be $open.RunId
        $set.ThrottlePerMinute | Should -Be 7
        $refused.TargetObject | Should -Be $none, $over.RunId
        $refused | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] } | Should -Be RunNotFound, RunNotSettable
    }

    It 'that no run could obey ends the command at once' {
        { Set-BackfillRun $over.RunId, $open.RunId @to -ConcurrencyLimit 300 -ErrorAction SilentlyContinue } |
            Should -Throw -ErrorId 'ConcurrencyLimitInvalid,*'
    }

    It 'is refused with -WhatIf, too, for each run that can''t obey' {
        $none = New-Guid
        Suspend-BackfillRun $none, $over.RunId, $open.RunId @to -WhatIf -ErrorAction SilentlyContinue -ErrorVariable refused
        $refused.TargetObject | Should -Be $none, $over.RunId
        Get-ErrorId { Set-BackfillRun $open.RunId @to -WhatIf } | Should -Be NothingToSet
    }

    It 'stops a run that waits, and says so' {
        $run = New-PausedRun
        Stop-BackfillRun $over.RunId, $run.RunId @to -Reason 'a test' -Confirm:$false -InformationVariable told `
            -ErrorAction SilentlyContinue -ErrorVariable refused
        "$told" | Should -Be "Run $($run.RunId): stop for good; it is Aborted."
        $refused.TargetObject | Should -Be $over.RunId
        (Get-BackfillRun $run.RunId @to).State | Should -Be 'Aborted'
    }
}

Describe 'An order that names nothing' {
    It 'is refused: <case>' -ForEach @(
        @{ Case = 'nothing to set'; Id = 'NothingToSet'; Block = { Set-BackfillRun (New-TestRun).RunId @to } }
        @{ Case = 'an unknown run'; Id = 'RunNotFound'; Block = { Suspend-BackfillRun (New-Guid) @to } }
        @{ Case = 'an empty pipeline'; Id = 'SelectionEmpty'; Block = { @() | Stop-BackfillRun -Reason none } }
    ) {
        Get-ErrorId $Block | Should -Be $Id
    }

    It 'says how to name runs, and nothing of sessions, where it is for good' {
        try { @() | Stop-BackfillRun -Reason none; $said = '' } catch { $said = "$_" }
        $said | Should -BeLike '*name runs with -RunId*'
        $said | Should -Not -BeLike '*-SessionId*'
    }

    It 'does nothing where nothing comes to be steered or shown: <_>' -ForEach @(
        { @() | Suspend-BackfillRun @to -PassThru }
        { @() | Resume-BackfillRun @to -PassThru }
        { @() | Set-BackfillRun @to -ThrottlePerMinute 5 -PassThru }
        { @() | Export-BackfillReport @to -PassThru }
        { @() | Get-BackfillGate @to }
    ) {
        & $_ | Should -BeNullOrEmpty
    }

    It 'gives no reason with a placeholder: <_>' -ForEach '…', '...', '<why>', " '…' " {
        Get-ErrorId { Suspend-BackfillRun (New-Guid) @to -Reason $_ } | Should -Be ParameterArgumentValidationError
    }

    It 'says how to pick a gate' {
        try { @() | Deny-BackfillGate -Reason none; $said = '' } catch { $said = "$_" }
        $said | Should -BeLike '*pick one with Get-BackfillGate*'
    }
}
