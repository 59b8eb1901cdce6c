# The runbooks as an operator calls them, each in a sandbox. One path of each runs every day, the others in the full suite.

BeforeDiscovery {
    $runbooks = Get-ChildItem (Join-Path $PSScriptRoot .. .. docs runbooks) -Filter *.ps1 |
        ForEach-Object { @{ Name = $_.Name; FullName = $_.FullName } }
}

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $WarningPreference = 'SilentlyContinue'

    # Runs one with what it shows left out, and gives what it returns.
    function Invoke-Runbook([string] $Name, [hashtable] $Parameter) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$ModuleManifest'; function Out-Host { }").Invoke()
            $shell.Commands.Clear()
            $null = $shell.AddCommand((Join-Path $RepositoryRoot docs runbooks "$Name.ps1")).AddParameters($Parameter)
            $shell.Invoke()
        }
        finally { $shell.Dispose() }
    }

    # A run that the first result of its first batch has stopped.
    function New-HalfRun([hashtable] $Parameter) {
        $null = Invoke-BackfillApply @Parameter -ThrottlePerMinute 600 -ConcurrencyLimit 1 | Select-Object -First 1
        Get-BackfillRun -Latest -Connection $Parameter.Connection
    }

    # One of the sessions fails until the fault is cleared.
    function New-FailedRun([string] $Plan, [guid] $Session, [string] $OutputPath) {
        Set-BackfillSandboxFault Status -StatusCode 500 -SessionId $Session -Sandbox $world.Sandbox
        $null = Invoke-BackfillApply $Plan @to -OutputPath $OutputPath -ThrottlePerMinute 600 -ErrorAction Ignore
        Clear-BackfillSandboxFault -Sandbox $world.Sandbox
        Get-BackfillRun -Latest @to
    }

    function Get-Said($Output) { @($Output) | Where-Object { $_ -is [string] } }
}

Describe 'The text of <Name>' -ForEach $runbooks {
    BeforeAll {
        $text = Get-Content $FullName -Raw
        $parsed = [Management.Automation.Language.Parser]::ParseFile($FullName, [ref] $null, [ref] $null)
    }

    It 'stops at errors before it does anything' { "$($parsed.EndBlock.Statements[0])" | Should -Be "`$ErrorActionPreference = 'Stop'" }

    It 'says what to look at and when to stop' {
        $text | Should -Match 'ook at'
        $text | Should -Match '(?m)^Stop|for good'
    }

    It 'leaves no question out by itself' { $text | Should -Not -BeLike '*-Confirm:$false*' }

    It 'has help with an example' {
        $help = Get-Help $FullName
        $help.Synopsis | Should -Not -BeLike "*$Name*"
        $help.examples.example | Should -Not -BeNullOrEmpty
    }
}

Describe 'From staging to production' {
    BeforeAll {
        $sandbox = Start-BackfillSandbox -CandidateCount 60 -ClockFactor 240
        $staging = Connect-Backfill -Sandbox $sandbox
        $null = Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $sandbox
        $out = New-TestFolder
        $found = Get-BackfillCandidate -Connection $staging | Where-Object Backfillable | Select-Object -First 4
        $null = $found | New-BackfillPlan (Join-Path $out plan.json) -ThrottlePerMinute 600
        $book = @{ Connection = $staging; Path = Join-Path $out plan.json; OutputPath = $out; Duration = '1h'; ReviewAfter = '2'; Rehearse = $true }
        $last = Invoke-Runbook staging-backfill $book | Where-Object { $_ -is [Backfill.BackfillPipelineStep] }
    }

    AfterAll { if ($sandbox) { Stop-BackfillSandbox -Sandbox $sandbox } }

    It 'staging goes from the plan to the last gate' {
        "$($last.Phase) $($last.Status) $($last.ExitCode) [$($last.Gate)]" | Should -Be 'ProdHealth Halted 3 []'
        $gates = Get-BackfillGate -Connection $staging
        $gates | ForEach-Object { "$($_.Name) $($_.Status) $($_.Passed) for $(($_.ExpiresAt - $_.DecidedAt).TotalDays) days" } |
            Should -Be 'ApplyReview Used True for 1 days', 'BatchReview Used True for 1 days', 'SoakGoNoGo Approved True for 7 days'
    }

    It 'staging does nothing twice when it is called again' {
        $again = Invoke-Runbook staging-backfill $book | Where-Object { $_ -is [Backfill.BackfillPipelineStep] }
        "$($again.Phase) $($again.Status)" | Should -Be 'ProdHealth Halted'
        Get-BackfillRun -Connection $staging | Should -HaveCount 1
        Get-StagingSoak $last.RunId -Connection $staging | Should -HaveCount 12
    }

    # Production runs at 20 sessions a minute: each takes three seconds.
    Context 'on production' {
        BeforeEach {
            $prod = Start-BackfillSandbox Production -CandidateCount $Lacking -Seed 5
            $production = Connect-Backfill -Sandbox $prod
            $at = @{ Connection = $production }
            $look = @{ Connection = $production; OutputPath = $out }
            $prodBook = @{ EvidenceConnection = $staging; EvidenceRunId = $last.RunId; Rehearse = $true } + $look
        }

        AfterEach { if ($prod) { Stop-BackfillSandbox -Sandbox $prod } }

        Context 'where one session lacks something' -ForEach @{ Lacking = 1 } {
            It 'goes through its gate, until nothing needs a backfill' {
                $run = Invoke-Runbook production-mini-backfill $prodBook | Where-Object { $_ -is [Backfill.BackfillRun] }
                "$($run.State) $((Get-BackfillGate $run.RunId ProdApply @at).Status)" | Should -Be 'Completed Used'
                $run.Succeeded | Should -Be $run.Total
                Test-ProdHealth @look -Quiet | Should -BeTrue
                @(Invoke-Runbook production-mini-backfill $prodBook)[-1] | Should -Be 'Nothing needs a backfill.'
            }

            It 'calls nothing and asks nothing where its gate was denied' -Tag full {
                $null = Invoke-BackfillApply (Test-ProdHealth @look).PlanPath @look
                $run = Get-BackfillRun -Latest @at
                $null = $run | Deny-BackfillGate ProdApply -Reason 'not this week' -Confirm:$false
                $all = @(Invoke-Runbook production-mini-backfill $prodBook)
                $said = 'Its gate was denied: not this week. Stop-BackfillRun ends it, and its sessions are free again.'
                Get-Said $all | Should -Contain $said
                "$($all[-1].State) $((Get-BackfillGate $run.RunId ProdApply @at).Status)" | Should -Be 'Pending Denied'
            }
        }

        Context 'where three sessions lack something' -Tag full -ForEach @{ Lacking = 3 } {
            It 'resumes a run that was stopped half way, and asks for no second decision' {
                $null = Invoke-BackfillApply (Test-ProdHealth @look).PlanPath @look
                $run = Get-BackfillRun -Latest @at
                $null = $run | Confirm-BackfillGate ProdApply -Override -Reason 'a test' -Confirm:$false
                $half = New-HalfRun ($look + @{ RunId = $run.RunId })
                "$($half.State) $($half.Succeeded -gt 0) $($half.Remaining -gt 0)" | Should -Be 'Paused True True'

                $all = @(Invoke-Runbook production-mini-backfill $prodBook)
                $all[0] | Should -BeLike "Run $($run.RunId) is Paused (* with $($half.Remaining) of $($run.Total) sessions left.*"
                "$($all[-1].RunId) $($all[-1].State) $($all[-1].Succeeded)" | Should -Be "$($run.RunId) Completed $($run.Total)"
                (Get-BackfillGate $run.RunId ProdApply @at).Reason | Should -Be 'a test'
                Get-BackfillRun @at | Should -HaveCount 1
                @(Invoke-Runbook production-mini-backfill $prodBook)[-1] | Should -Be 'Nothing needs a backfill.'
            }

            It 'leaves what came since a run was frozen to the next call, and what fails to the one after' {
                $lacking = @(Get-BackfillCandidate @at | Where-Object Backfillable)
                $evening = $lacking | Select-Object -Skip 1 | New-BackfillPlan (Join-Path $out "$(New-Guid).json")
                $null = Invoke-BackfillApply $evening.Path @look
                $frozen = Get-BackfillRun -Latest @at

                $all = @(Invoke-Runbook production-mini-backfill $prodBook)
                $all[0] | Should -BeLike "Run $($frozen.RunId) is Pending, with $($frozen.Total) of $($frozen.Total) sessions left.*"
                $all[1] | Should -Be 'It is not of the plan that was written just now: call this again when it has ended.'
                "$($all[-1].RunId) $($all[-1].State) $($all[-1].Succeeded)" | Should -Be "$($frozen.RunId) Completed $($frozen.Total)"
                (Get-BackfillGate $frozen.RunId ProdApply @at).Status | Should -Be 'Used'

                Set-BackfillSandboxFault Status -StatusCode 500 -SessionId $lacking[0].SessionId -Sandbox $prod
                $failed = @(Invoke-Runbook production-mini-backfill $prodBook)[-1]
                "$($failed.State) $($failed.Failed) of $($failed.Total)" | Should -Be 'Completed 1 of 1'
                Clear-BackfillSandboxFault -Sandbox $prod
                $fixed = @(Invoke-Runbook production-mini-backfill $prodBook)[-1]
                $fixed.PlanHash | Should -Be $failed.PlanHash
                "$($fixed.State) $($fixed.Succeeded) of $($fixed.Total)" | Should -Be 'Completed 1 of 1'
                @(Invoke-Runbook production-mini-backfill $prodBook)[-1] | Should -Be 'Nothing needs a backfill.'
                Get-BackfillRun @at | Should -HaveCount 3
            }

            It 'calls what failed only through a gate of its own' {
                $null = Invoke-BackfillApply (Test-ProdHealth @look).PlanPath @look
                $run = Get-BackfillRun -Latest @at
                $null = $run | Confirm-BackfillGate ProdApply -Override -Reason 'a test' -Confirm:$false
                $one = Get-BackfillCandidate @at | Where-Object Backfillable | Select-Object -First 1
                Set-BackfillSandboxFault Status -StatusCode 500 -SessionId $one.SessionId -Sandbox $prod
                $null = $run | Invoke-BackfillApply -OutputPath $out -ThrottlePerMinute 600 -ErrorAction Ignore
                Clear-BackfillSandboxFault -Sandbox $prod
                (Get-BackfillRun $run.RunId @at).Failed | Should -Be 1

                $all = @(Invoke-Runbook partial-failure @{ Connection = $production; RunId = $run.RunId; OutputPath = $out })
                $all | Should -HaveCount 1
                $all[0] | Should -BeLike "1 sessions of production run $($run.RunId) did not succeed, and nothing was called again.*"
                $all[0] | Should -BeLike '*continue with production-mini-backfill.ps1*'
                Get-BackfillRun @at | Should -HaveCount 1
                (Test-ProdHealth @look).NeedingBackfill | Should -Be 1
            }
        }
    }
}

Describe 'Partial failure' {
    BeforeEach {
        $out = New-TestFolder
        $sessions = Get-FreeSession 3
        $plan = New-TestPlan (Join-Path $out plan.json) $sessions
        $run = New-FailedRun $plan $sessions[0] $out
        "$($run.State) $($run.Failed)" | Should -Be 'Completed 1'
        $book = @{ RunId = $run.RunId; Path = $plan; OutputPath = $out; ThrottlePerMinute = 600 } + $to
    }

    It 'does what failed again, and only that, once the cause is fixed' {
        $all = @(Invoke-Runbook partial-failure $book)
        Get-Said $all | Should -Contain '1 sessions had not succeeded; 0 still have not.'
        $new = $all[-1]
        "$($new.State) $($new.Succeeded) succeeded, $($new.Skipped) passed over" | Should -Be 'Completed 1 succeeded, 2 passed over'
        (Get-BackfillGate $new.RunId ApplyReview @to).Passed | Should -BeTrue
    }

    It 'does not say that it is done while the cause is there' -Tag full {
        Set-BackfillSandboxFault Status -StatusCode 401 -Sandbox $world.Sandbox
        try { $all = @(Invoke-Runbook partial-failure $book) }
        finally { Clear-BackfillSandboxFault -Sandbox $world.Sandbox }
        $said = Get-Said $all
        $said[0] | Should -BeLike "Run $($all[-1].RunId) is Halted: *"
        $said[1] | Should -Be '1 sessions had not succeeded; 1 still have not.'
    }
}

Describe 'Complete failure and rollback' {
    It 'denies the gate, takes the run back, and says so when it is called again' {
        $out = New-TestFolder
        $sessions = Get-FreeSession 2
        $plan = New-TestPlan (Join-Path $out plan.json) $sessions
        $null = Invoke-BackfillApply $plan @to -OutputPath $out -ThrottlePerMinute 600
        $run = Get-BackfillRun -Latest @to
        (Get-BackfillCandidate @to).SessionId | Where-Object { $_ -in $sessions } | Should -BeNullOrEmpty

        $book = @{ RunId = $run.RunId; Reason = 'taken back'; OutputPath = $out; Rehearse = $true } + $to
        $end = Invoke-Runbook complete-failure-and-rollback $book | Where-Object { $_ -is [Backfill.BackfillRun] }
        $end.State | Should -Be 'RolledBack'
        # What was denied is not what is there any more, so the gate waits again.
        $gate = Get-BackfillGate $run.RunId @to
        "$($gate.Name) $($gate.Status) $($gate.Passed)" | Should -Be 'ApplyReview Pending False'
        Invoke-Sql "select action from backfill.gate where run_id = '$($run.RunId)'" | Should -Be 'Denied'
        (Get-BackfillCandidate @to).SessionId | Where-Object { $_ -in $sessions } | Should -HaveCount 2
        Invoke-Runbook complete-failure-and-rollback $book | Should -Be "Run $($run.RunId) is rolled back already."
    }
}

Describe 'A stuck run' {
    It 'is left alone while it is suspended, and taken over with -Resume' {
        $out = New-TestFolder
        $run = New-HalfRun (@{ Path = New-TestPlan (Join-Path $out plan.json) (Get-FreeSession 3); OutputPath = $out } + $to)
        "$($run.State) $($run.Remaining -gt 0)" | Should -Be 'Paused True'
        Resume-BackfillRun $run.RunId @to
        Suspend-BackfillRun $run.RunId -Reason 'a deploy' @to

        $book = @{ RunId = $run.RunId; OutputPath = $out } + $to
        @(Invoke-Runbook stuck-run $book)[0] | Should -BeLike '* suspended it: a deploy. Ask why; -Resume lifts it.'
        (Get-BackfillRun $run.RunId @to).Remaining | Should -Be $run.Remaining
        $end = @(Invoke-Runbook stuck-run ($book + @{ Resume = $true }))[-1]
        "$($end.State) $($end.Remaining)" | Should -Be 'Completed 0'
        @(Invoke-Runbook stuck-run $book)[0] | Should -Be 'It is Completed.'
    }
}
