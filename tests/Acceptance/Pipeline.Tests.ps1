BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $pace = @{ ThrottlePerMinute = 1200; Duration = '10m'; Interval = '5m'; WarningAction = 'SilentlyContinue' }

    function New-Plan([string] $Folder) { New-TestPlan (Join-Path $Folder pipeline.plan.json) (Get-FreeSession) }
    function Get-RunCount { @(Get-BackfillRun -Connection $world.Connection).Count }
}

Describe 'A pipeline' {
    It 'halts at each closed gate with its exit code, and goes on from there when called again' {
        $folder = New-TestFolder
        $plan = New-Plan $folder
        $call = @{ Path = $plan; Connection = $world.Connection; OutputPath = $folder; Hours = 'Mo-Su 00:00-24:00 UTC' } + $pace
        $before = Get-RunCount
        function Get-Step { Invoke-BackfillPipeline @call @args | ForEach-Object { "$_ $($_.ExitCode) $($_.Gate)".TrimEnd() } }

        $steps = Invoke-BackfillPipeline @call
        $steps | Should -BeOfType Backfill.BackfillPipelineStep
        $steps | ForEach-Object { "$_ $($_.ExitCode) $($_.Gate)".TrimEnd() } | Should -Be 'Apply Done 0', 'Soak Halted 3 ApplyReview'
        $last = $steps[-1]
        (Get-BackfillRun $last.RunId -Connection $world.Connection).Hours | Should -Be $call.Hours
        $last.Message.Contains("Confirm-BackfillGate ApplyReview -RunId $($last.RunId)") |
            Should -BeTrue -Because 'the step names the command that decides'
        Get-Step | Should -Be 'Apply Done 0', 'Soak Halted 3 ApplyReview'

        $null = $last | Confirm-BackfillGate ApplyReview -Reason 'a test' -Confirm:$false
        Get-Step | Should -Be 'Apply Done 0', 'Soak Done 0', 'ProdHealth Halted 3 SoakGoNoGo'
        Join-Path $folder staging_observability.md | Should -Exist

        $null = $last | Confirm-BackfillGate SoakGoNoGo -Reason 'a test' -Override -Confirm:$false -WarningAction SilentlyContinue
        Get-Step | Should -Be 'Apply Done 0', 'Soak Done 0', 'ProdHealth Halted 3'
        Get-RunCount | Should -Be ($before + 1) -Because 'nothing is done twice'
        Get-StagingSoak $last.RunId -Connection $world.Connection | Should -HaveCount 2

        $null = Get-BackfillRun $last.RunId -Connection $world.Connection | Invoke-BackfillRollback -Confirm:$false
        Get-Step -ErrorAction SilentlyContinue | Should -Be 'Apply Failed 1'
    }

    It 'says with -WhatIf what it would do, and does nothing' {
        $folder = New-TestFolder
        $plan = New-Plan (New-TestFolder)
        $before = Get-RunCount
        $preview = Invoke-Pwsh -Environment (Get-SandboxSetting) -Location $folder @"
            `$null = Connect-Backfill
            Invoke-BackfillPipeline '$plan' -ThrottlePerMinute 1200 -WhatIf -WarningAction SilentlyContinue | ForEach-Object { 'a step' }
"@
        $preview.Errors | Should -BeNullOrEmpty
        $preview.Lines[0] | Should -BeLike 'What if: *'
        $preview.Lines | Should -Not -Contain 'a step'
        Get-RunCount | Should -Be $before
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    It 'is refused: <case>' -ForEach @(
        @{ Id = 'PipelineNeedsProduction'; Case = 'staging as production'; Block = {
                Invoke-BackfillPipeline $plan @to -ProductionConnection $world.Connection } }
        @{ Id = 'HoursInvalid'; Case = 'hours without a zone'; Block = { Invoke-BackfillPipeline $plan @to -Hours 'Mo-Fr 22:00-06:00' } }
        @{ Id = 'WindowEmpty'; Case = 'a time in the future'; Block = { Invoke-BackfillPipeline $plan @to -Since 2999-01-01 } }
        @{ Id = 'PathAmbiguous'; Case = 'two plans'; Block = { Invoke-BackfillPipeline (Join-Path $folder *.json) @to } }
        @{ Id = 'PlanNotFound'; Case = 'no plan'; Block = { Invoke-BackfillPipeline (Join-Path $folder nothing.json) @to } }
    ) {
        $folder = New-TestFolder
        $to = @{ Connection = $world.Connection; OutputPath = $folder; WarningAction = 'SilentlyContinue' }
        $plan = New-TestPlan (Join-Path $folder pipeline.plan.json) (New-Guid)
        $null = New-TestPlan (Join-Path $folder other.plan.json) (New-Guid)
        $before = Get-RunCount
        Get-ErrorId $Block | Should -Be $Id
        Get-RunCount | Should -Be $before
    }
}

Describe 'A pipeline with production connected, too' {
    BeforeAll {
        $sandbox = Start-BackfillSandbox Production -CandidateCount 6 -Seed 2
        # Messages name the connections by their names, and their commands run as they stand.
        $staging = $world.Connection
        $production = $sandbox | Connect-Backfill
        $folder = New-TestFolder
        $call = @{ Path = New-Plan $folder; OutputPath = $folder; Connection = $staging; ProductionConnection = $production } + $pace

        function Get-LastStep { (Invoke-BackfillPipeline @call)[-1] }
        function Find-Command($Step, [string] $Pattern) {
            $command = [regex]::Match($Step.Message, $Pattern).Value
            if (-not $command) { throw "The message names no such command: $($Step.Message)" }
            $command
        }
        function Invoke-Named($Step, [string] $Pattern, [string] $Option = '') {
            & ([scriptblock]::Create("$(Find-Command $Step $Pattern) $Option -WarningAction SilentlyContinue"))
        }
    }

    AfterAll { Stop-BackfillSandbox -Sandbox $sandbox }

    It 'gives steps that can be piped on, and commands that run as they stand, up to a healthy production' {
        Push-Location $folder
        try {
            # Each of staging's gates: reviewed, approved, denied and approved again, by the commands that the steps name.
            foreach ($name in 'ApplyReview', 'SoakGoNoGo') {
                $step = Get-LastStep
                "$step" | Should -Be ($name -eq 'ApplyReview' ? 'Soak Halted' : 'ProdHealth Halted')
                ($step | Get-BackfillGate)[-1].Name | Should -Be $name
                & ([scriptblock]::Create((Find-Command $step '\(Get-BackfillGate .+?\)\.Criteria'))) | Should -Not -BeNullOrEmpty
                (Invoke-Named $step 'Confirm-BackfillGate .+$' "-Reason 'a test' -Override -Confirm:`$false").Name | Should -Be $name
                ($step | Get-BackfillGate -Name $name | Deny-BackfillGate -Reason 'a test' -Confirm:$false).Status | Should -Be 'Denied'
                $step = Get-LastStep
                (Invoke-Named $step 'Get-BackfillGate [^.]+? \| Confirm-BackfillGate.*$' "-Reason 'a test' -Override -Confirm:`$false").Status |
                    Should -Be 'Approved'
            }

            $step = Get-LastStep
            "$step" | Should -Be 'ProdHealth Halted'
            $step.Connection | Should -Be $staging
            ($step | Get-BackfillGate).Name | Should -Be ApplyReview, SoakGoNoGo
            $evidence = $step.RunId
            Invoke-Named $step 'Invoke-BackfillApply -Path .+$' |
                Should -BeNullOrEmpty -Because 'the gate of production is closed'

            $step = Get-LastStep
            "$step" | Should -Be 'ProdHealth Halted'
            $step.Connection | Should -Be $production
            $step | Get-BackfillGate | ForEach-Object { "$($_.Name) $($_.Status)" } | Should -Be 'ProdApply Pending'
            & ([scriptblock]::Create((Find-Command $step '\(Get-BackfillGate .+?\)\.Criteria'))) | Should -Not -BeNullOrEmpty
            (Invoke-Named $step 'Confirm-BackfillGate .+$' "-Reason 'a test' -Confirm:`$false").Status | Should -Be 'Approved'

            $step = Get-LastStep
            $step.Gate | Should -BeNullOrEmpty
            $done = Invoke-Named $step 'Invoke-BackfillApply -RunId .+$' '-ThrottlePerMinute 1200'
            $done.Outcome | Sort-Object -Unique | Should -Be 'Succeeded'

            $step = Get-LastStep
            "$step $($step.ExitCode)" | Should -Be 'ProdHealth Done 0'
            $step.RunId | Should -Be $evidence
            $step.Connection | Should -Be $staging
        }
        finally { Pop-Location }
    }
}
