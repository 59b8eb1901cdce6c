# What an operator sees in a terminal: questions and their answers, progress, Ctrl+C, and a window that is closed.

BeforeDiscovery {
    . $PSScriptRoot/Console.ps1
    $noConsole = Get-NoConsoleReason

    # Each cmdlet that asks, and how the run stands after an answer of yes.
    $asking = @(
        @{ Cmdlet = 'Confirm-BackfillGate'; Call = 'Confirm-BackfillGate ApplyReview $run -Reason test'; Done = 'Completed, Approved' }
        @{ Cmdlet = 'Deny-BackfillGate'; Call = 'Deny-BackfillGate ApplyReview $run -Reason test'; Done = 'Completed, Denied' }
        @{ Cmdlet = 'Invoke-BackfillRollback'; Call = 'Invoke-BackfillRollback -RunId $run'; Done = 'RolledBack, Pending' }
        @{ Cmdlet = 'Remove-BackfillRun'; Call = 'Remove-BackfillRun $run'; Done = 'gone' }
    )
}

BeforeAll {
    . $PSScriptRoot/World.ps1
    . $PSScriptRoot/Console.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $WarningPreference = 'SilentlyContinue'

    # The run's state, and its gate's status and number of decisions where there is one.
    function Get-Standing([guid] $RunId) {
        $run = Get-BackfillRun @to | Where-Object RunId -EQ $RunId
        if (-not $run) { return 'gone' }
        $gate = Get-BackfillGate $RunId ApplyReview @to
        "$($run.State), $($gate.Status)$(if ($gate.ChainCount -gt 1) { ", $($gate.ChainCount) decisions" })"
    }

    # Runs a block, and says on a line of its own with which error it ended.
    $Attempt = @'
function Attempt([scriptblock] $Block) {
    try { $null = & $Block; '[ended well]' } catch { "[$($_.FullyQualifiedErrorId.Split(',')[0])]" }
}
'@

    # The same in a job, which has neither the module nor the connection of the script that starts it.
    function Get-Elsewhere([string] $Call) { "Import-Module '$ModuleManifest'`n$Attempt`n`$null = Connect-Backfill`nAttempt { $Call }" }

    function Start-Apply([string] $Plan, [string] $OutputPath, [string] $Then = '') {
        Start-Console @"
`$null = Connect-Backfill
Invoke-BackfillApply '$Plan' -OutputPath '$OutputPath' -ThrottlePerMinute 60 -WarningAction Ignore | ForEach-Object { 'settled one' }
$Then
"@
    }

    # Nothing of the plan is left, and nothing was done twice.
    function Assert-Resumed([guid] $RunId, [string] $OutputPath, [int] $Count) {
        $null = Invoke-BackfillApply -RunId $RunId -OutputPath $OutputPath -ThrottlePerMinute 1200 @to
        $run = Get-BackfillRun $RunId @to
        "$($run.State), $($run.Succeeded) of $($run.Total), $($run.Remaining) left" | Should -Be "Completed, $Count of $Count, 0 left"
        Get-BackfillSessionResult $RunId @to | Should -HaveCount $Count
    }
}

Describe 'A question in a terminal' -Skip:([bool] $noConsole) {
    It '<Cmdlet> does nothing at Enter and at n, and its work at y' -ForEach $asking {
        $run = (New-TestRun).RunId
        $console = Start-Console @"
$Attempt
`$null = Connect-Backfill
`$run = '$run'
Attempt { $Call }
Attempt { $Call }
Attempt { $Call }
"@
        try {
            foreach ($answer in '', 'n') {
                Wait-Question $console
                Send-Console $console "$answer$Enter"
                Wait-Console $console '[NotConfirmed]'
                Get-Standing $run | Should -Be 'Completed, Pending'
            }
            Wait-Question $console
            Send-Console $console "y$Enter"
            Wait-Console $console '[ended well]'
            (Wait-ConsoleEnd $console).Text | Should -Match '\(default is "N"\)'
            Get-Standing $run | Should -Be $Done
        }
        finally { Stop-Console $console }
    }

    # All of them ask by the same function.
    It '<Cmdlet> does nothing at Ctrl+C, though y was typed' -ForEach $asking[0, 2] {
        $run = (New-TestRun).RunId
        $console = Start-Console "`$null = Connect-Backfill`n`$run = '$run'`n$Call`n'went on'"
        try {
            Wait-Question $console
            Send-Console $console 'y'
            Wait-Console $console 'y'
            Send-Console $console $CtrlC
            (Wait-ConsoleEnd $console).Text | Should -Not -Match 'went on'
            Get-Standing $run | Should -Be 'Completed, Pending'
        }
        finally { Stop-Console $console }
    }

    # A job would stand still until somebody receives from it: the first one here is only waited for.
    It 'from a job, a thread or a parallel block is never asked, and decides nothing' -Tag full {
        $run = (New-TestRun).RunId
        $ask = Get-Elsewhere "Confirm-BackfillGate ApplyReview '$run' -Reason test"
        $console = Start-Console "`$job = Start-Job { $ask } | Wait-Job`n`$job | Receive-Job`nStart-ThreadJob { $ask } | Receive-Job -Wait`n1 | ForEach-Object -Parallel { $ask }"
        try {
            (Wait-ConsoleEnd $console).Text | Should -Match '\[ConfirmationNeeded\] \[ConfirmationNeeded\] \[ConfirmationNeeded\] $'
            Get-Standing $run | Should -Be 'Completed, Pending'
        }
        finally { Stop-Console $console }
    }
}

Describe 'A question with nobody to answer it' -ForEach @{ asking = $asking } {
    BeforeAll {
        $run = (New-TestRun).RunId
        $script = "$Attempt`n`$null = Connect-Backfill`n`$run = '$run'`n"
        foreach ($case in $asking) { $script += "`"$($case.Cmdlet) `$(Attempt { $($case.Call) })`"`n" }
    }

    It 'is refused where PowerShell is not interactive, though answers are waiting' {
        $result = Invoke-Pwsh $script -InputText ("y`n" * 10) -Environment (Get-SandboxSetting)
        $result.Lines | Should -Be ($asking.Cmdlet -replace '$', ' [ConfirmationNeeded]')
        Get-Standing $run | Should -Be 'Completed, Pending'
    }

    It 'is refused at the end of the input' {
        $result = Invoke-Pwsh $script -Option @() -Environment (Get-SandboxSetting)
        # The question is in the output, too.
        $result.Lines -match '\[\w+\]$' -replace '.*: ' | Should -Be ($asking.Cmdlet -replace '$', ' [ConfirmationNeeded]')
        Get-Standing $run | Should -Be 'Completed, Pending'
    }

    It 'from a job, a thread or a parallel block is refused' -Tag full {
        $result = Invoke-Pwsh @"
`$ask = { $(Get-Elsewhere "Confirm-BackfillGate ApplyReview '$run' -Reason test") }
Start-Job `$ask | Receive-Job -Wait
Start-ThreadJob `$ask | Receive-Job -Wait
1 | ForEach-Object -Parallel `$ask
"@ -Environment (Get-SandboxSetting)
        $result.Lines | Should -Be (@('[ConfirmationNeeded]') * 3)
        Get-Standing $run | Should -Be 'Completed, Pending'
    }

    It 'is left out in a job, a thread and a parallel block that say -Confirm:$false' -Tag full {
        $runs = 1..3 | ForEach-Object { (New-TestRun).RunId }
        $approve = $runs | ForEach-Object { "{ $(Get-Elsewhere "Confirm-BackfillGate ApplyReview '$_' -Reason test -Confirm:`$false") }" }
        $result = Invoke-Pwsh @"
Start-Job $($approve[0]) | Receive-Job -Wait
Start-ThreadJob $($approve[1]) | Receive-Job -Wait
1 | ForEach-Object -Parallel $($approve[2])
"@ -Environment (Get-SandboxSetting)
        $result.Lines | Should -Be (@('[ended well]') * 3)
        $runs | ForEach-Object { Get-Standing $_ } | Should -Be (@('Completed, Approved') * 3)
    }
}

Describe 'A run in a job' {
    It 'is applied whole by <Name>' -Tag full -ForEach @(
        @{ Name = 'Start-Job'; Call = 'Start-Job $apply | Receive-Job -Wait' }
        @{ Name = 'Start-ThreadJob'; Call = 'Start-ThreadJob $apply | Receive-Job -Wait' }
        @{ Name = 'ForEach-Object -Parallel'; Call = '1 | ForEach-Object -Parallel $apply' }
    ) {
        $folder = New-TestFolder
        $plan = New-TestPlan (Join-Path $folder plan.json) (Get-FreeSession 2)
        $result = Invoke-Pwsh @"
`$apply = {
    Import-Module '$ModuleManifest'
    `$null = Connect-Backfill
    Invoke-BackfillApply '$plan' -OutputPath '$folder' -ThrottlePerMinute 1200 -WarningAction Ignore
}
$Call | ForEach-Object { "`$(`$_.Outcome)" }
"@ -Environment (Get-SandboxSetting)
        $result.Lines | Should -Be 'Succeeded', 'Succeeded'
        Join-Path $folder backfill_summary.md | Should -Exist
    }
}

Describe 'An apply in a terminal' -Skip:([bool] $noConsole) {
    It 'shows its progress, and leaves the terminal clean' {
        $folder = New-TestFolder
        $console = Start-Apply (New-TestPlan (Join-Path $folder plan.json) (Get-FreeSession 2)) $folder -Then "'left clean'"
        try {
            Wait-Console $console 'Backfill'
            Wait-Console $console 'of 2 sessions verified'
            $end = Wait-ConsoleEnd $console
            $end.ExitCode | Should -Be 0
            $end.Text | Should -Match 'settled one .*settled one .*left clean $'
        }
        finally { Stop-Console $console }
    }

    It 'is paused at Ctrl+C, says how to resume, leaves its files, and loses nothing' {
        $folder = New-TestFolder
        $console = Start-Apply (New-TestPlan (Join-Path $folder plan.json) (Get-FreeSession 6)) $folder -Then "'went on'"
        try {
            Wait-Console $console 'settled one'
            Send-Console $console $CtrlC
            $text = (Wait-ConsoleEnd $console).Text
            $run = Get-BackfillRun -Latest @to
            $run.State | Should -Be 'Paused'
            "$($run.Cause)" | Should -Be 'WorkerStopped'
            $text | Should -Match 'Stopping: no session is begun any more'
            $text | Should -Match "Resume it with: Invoke-BackfillApply -RunId $($run.RunId)"
            $text | Should -Not -Match 'went on'
            foreach ($file in 'backfill_summary.md', 'backfill_logs/execution_results.json') { Join-Path $folder $file | Should -Exist }
            Assert-Resumed $run.RunId $folder 6
        }
        finally { Stop-Console $console }
    }

    It 'loses nothing when its window is closed' {
        $folder = New-TestFolder
        $console = Start-Apply (New-TestPlan (Join-Path $folder plan.json) (Get-FreeSession 6)) $folder
        try { Wait-Console $console 'settled one' }
        finally { Stop-Console $console }
        $run = Get-BackfillRun -Latest @to
        $run.State | Should -BeIn Running, Paused
        Assert-Resumed $run.RunId $folder 6
    }
}

Describe 'A soak in a terminal' -Skip:([bool] $noConsole) {
    It 'ends at Ctrl+C, keeps the samples that it took, and is resumed by the next call' {
        $run = (New-TestRun).RunId
        $null = Confirm-BackfillGate ApplyReview $run -Reason test -Confirm:$false @to
        $folder = New-TestFolder
        $soak = "Start-StagingSoak '$run' -OutputPath '$folder' -Duration 1h -WarningAction Ignore"
        $console = Start-Console "`$null = Connect-Backfill`n$soak | ForEach-Object { 'sampled one' }`n'went on'"
        try {
            Wait-Console $console 'sampled one'
            Send-Console $console $CtrlC
            $end = Wait-ConsoleEnd $console
            $end.Text | Should -Match 'Staging soak'
            $end.Text | Should -Match "Resume it with: Start-StagingSoak -RunId $run"
            $end.Text | Should -Not -Match 'went on'
        }
        finally { Stop-Console $console }
        $taken = @(Get-StagingSoak $run @to)
        $taken.Count | Should -BeGreaterThan 0
        $null = Start-StagingSoak $run -OutputPath $folder -Duration 1h -WarningAction SilentlyContinue @to
        $all = @(Get-StagingSoak $run @to)
        ($all | Select-Object -First $taken.Count).At | Should -Be $taken.At
        $all.Number | Should -Be (1..12)
    }
}

Describe 'A rollback in a terminal' -Skip:([bool] $noConsole) {
    BeforeAll {
        # Waits until a session of the database does this, as long as a condition holds.
        function Wait-Activity([string] $Where, [scriptblock] $While) {
            while ((Invoke-Sql "select count(*) from pg_stat_activity where $Where") -eq '0') {
                if (-not (& $While)) { throw "It ended before there was a session with $Where." }
            }
        }
    }

    It 'undoes nothing when Ctrl+C comes before it has committed, and all of it afterwards' {
        $run = New-TestRun 3
        $before = Invoke-Sql 'select count(*) from public.fc_scores'
        # Another client holds the table, so that the rollback is under way until it ends.
        $hold = { param($World, $Sandbox) . $World; Invoke-Sql 'begin; lock public.fc_scores; select pg_sleep(3600)' $Sandbox }
        $holder = Start-ThreadJob $hold -ArgumentList "$PSScriptRoot/World.ps1", $world.Sandbox
        $holds = "query = 'select pg_sleep(3600)' and wait_event = 'PgSleep'"
        Wait-Activity $holds { $holder.State -in 'NotStarted', 'Running' }
        $console = Start-Console "`$null = Connect-Backfill`nInvoke-BackfillRollback -RunId '$($run.RunId)' -Confirm:`$false`n'went on'"
        try {
            Wait-Activity "wait_event_type = 'Lock'" { -not $console.Process.HasExited }
            Send-Console $console $CtrlC
            (Wait-ConsoleEnd $console).Text | Should -Not -Match 'went on'
        }
        finally {
            $null = Invoke-Sql "select pg_terminate_backend(pid) from pg_stat_activity where $holds"
            Stop-Console $console
            Remove-Job $holder -Force
        }
        (Get-BackfillRun $run.RunId @to).State | Should -Be 'Completed'
        Invoke-Sql 'select count(*) from public.fc_scores' | Should -Be $before

        $undone = Invoke-BackfillRollback -RunId $run.RunId -Confirm:$false @to
        $undone.Verified | Should -Not -Contain $false
        (Get-BackfillRun $run.RunId @to).State | Should -Be 'RolledBack'
    }
}
