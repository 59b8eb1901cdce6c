BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }

    # What each session lacks, and which sessions of a run are rolled back, in order.
    function Get-Lack {
        Get-BackfillCandidate @to | ForEach-Object { "$($_.SessionId) $($_.MissingProfile) $($_.MissingFcScores) $($_.ResultsVersion)" }
    }
    function Get-RolledBack($Run) {
        Get-BackfillSessionResult $Run.RunId @to | Sort-Object Ordinal | ForEach-Object { $null -ne $_.RolledBackAt }
    }
}

Describe 'A rollback of a run, session by session and then whole' {
    BeforeAll {
        $before = Get-Lack
        $run = New-TestRun 3
        $null = Confirm-BackfillGate ApplyReview $run.RunId @to -Reason 'a test' -Confirm:$false
        $applied = Get-Lack
        $one = (Get-BackfillSessionResult $run.RunId @to)[0]
        $undone = $one | Invoke-BackfillRollback -Reason 'one of them' -Confirm:$false
        $between = Get-Lack
        $partly = Get-BackfillRun $run.RunId @to
        $rest = Invoke-BackfillRollback -RunId $run.RunId @to -Reason 'all of it' -Confirm:$false -InformationVariable told
        $whole = Get-BackfillRun $run.RunId @to
    }

    It 'leaves every session as it was before the run' {
        $applied.Count, $between.Count | Should -Be ($before.Count - 3), ($before.Count - 2)
        Get-Lack | Should -Be $before
    }

    It 'is verified, table by table, and adds up' {
        $undone[0] | Should -BeOfType Backfill.BackfillRollbackResult
        ($undone + $rest).Verified | Sort-Object -Unique | Should -Be $true
        ($undone + $rest | Measure-Object Conflicts -Sum).Sum | Should -Be 0
        ($undone + $rest | Where-Object Table -EQ public.fc_scores | Measure-Object Deleted -Sum).Sum | Should -Be 3
    }

    It 'leaves a run that says what is undone' {
        "$($partly.State): $($partly.Reason)" | Should -Be 'Completed: rolled back in part: 2 sessions still hold changes of this run'
        "$($whole.State): $($whole.Reason)" | Should -Be 'RolledBack: all of it'
        Get-RolledBack $run | Should -Be $true, $true, $true
        $told.Tags | Should -Be RunRolledBack
        Get-TypeNameColumn (Get-CsvOf $whole) | Should -BeNullOrEmpty
    }

    It 'takes back the approval of the run' { (Get-BackfillGate $run.RunId ApplyReview @to).Status | Should -Not -Be 'Approved' }

    It 'lets the run be neither rolled back again nor resumed' {
        Get-ErrorId { $run | Invoke-BackfillRollback -Confirm:$false } | Should -Be 'RunRolledBack'
        Get-ErrorId { $run | Invoke-BackfillApply } | Should -Be 'RunNotResumable'
    }
}

Describe 'A plan that was rolled back' {
    It 'is applied again, to the sessions that were undone only' {
        $folder = New-TestFolder
        $run = New-TestRun 4 $folder
        $undone = Get-BackfillSessionResult $run.RunId @to | Where-Object Ordinal -LE 2 | Invoke-BackfillRollback -Confirm:$false
        $undone | Where-Object Table -EQ public.fc_scores | ForEach-Object { $_.Deleted + $_.Restored } | Should -Be 2
        Get-RolledBack $run | Should -Be $true, $true, $false, $false

        $again = @{ Path = Join-Path $folder run.plan.json; OutputPath = $folder; ThrottlePerMinute = 1200; WarningAction = 'SilentlyContinue' }
        $results = Invoke-BackfillApply @again @to
        ($results | Sort-Object Ordinal).Outcome | Should -Be Succeeded, Succeeded, Skipped, Skipped
    }
}

Describe 'A selection to roll back' {
    BeforeAll {
        $run = New-TestRun
        $session = (Get-BackfillSessionResult $run.RunId @to).SessionId
        $other = New-Guid
    }

    AfterEach { (Get-BackfillRun $run.RunId @to).State | Should -Be 'Completed' -Because 'a bad selection never means the whole run' }

    It 'is refused if it is <case>' -ForEach @(
        @{ Id = 'SelectionEmpty'; Case = 'an empty pipeline'; Block = { @() | Invoke-BackfillRollback -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'an empty pipeline beside -RunId'; Block = {
                @() | Invoke-BackfillRollback -RunId $run.RunId @to -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'no session'; Block = { Invoke-BackfillRollback $run.RunId @to -SessionId @() -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = '$null'; Block = { Invoke-BackfillRollback $run.RunId @to -SessionId $null -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'an empty text'; Block = { Invoke-BackfillRollback $run.RunId @to -SessionId '' -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'an object whose session is $null'; Block = {
                [pscustomobject] @{ RunId = $run.RunId; SessionId = $null } | Invoke-BackfillRollback @to -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'an object whose session is an empty text'; Block = {
                [pscustomobject] @{ RunId = $run.RunId; SessionId = '' } | Invoke-BackfillRollback @to -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'an object with neither run nor session'; Block = {
                [pscustomobject] @{ Connection = $world.Connection } | Invoke-BackfillRollback -RunId $run.RunId -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'a time before the run'; Block = {
                Invoke-BackfillRollback $run.RunId @to -Before '2020-01-01' -Confirm:$false } }
        @{ Id = 'WindowEmpty'; Case = 'a window that ends before it begins'; Block = {
                Invoke-BackfillRollback $run.RunId @to -After '2030-01-01' -Before '2029-01-01' -Confirm:$false } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'an ambiguous date'; Block = {
                Invoke-BackfillRollback $run.RunId @to -After '01/12/2020' -Confirm:$false } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a misspelt variable after -After'; Block = {
                Invoke-BackfillRollback $run.RunId @to -After $misspelt -Confirm:$false } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a misspelt variable after -Before'; Block = {
                Invoke-BackfillRollback $run.RunId @to -Before $misspelt -Confirm:$false } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a misspelt variable for a script'; Block = {
                New-BackfillRollback $run.RunId @to -After $misspelt -OutputPath $TestDrive } }
        @{ Id = 'SessionNotInRun'; Case = 'a session of another run'; Block = {
                Invoke-BackfillRollback $run.RunId @to -SessionId $other -Confirm:$false } }
        @{ Id = 'SessionNotInRun'; Case = 'a row of a CSV, whose connection is a text'; Block = {
                [pscustomobject] @{ RunId = "$($run.RunId)"; SessionId = "$other"; Connection = "$($world.Connection)" } |
                    Invoke-BackfillRollback -Confirm:$false } }
        @{ Id = 'RunNotFound'; Case = 'an unknown run'; Block = { Invoke-BackfillRollback (New-Guid) @to -Confirm:$false } }
        @{ Id = 'SelectionManyRuns'; Case = 'two runs'; Block = {
                $run, [pscustomobject] @{ RunId = New-Guid } | Invoke-BackfillRollback -Confirm:$false } }
    ) {
        Get-ErrorId $Block | Should -Be $Id
    }

    It 'with a misspelt session says which one it is' {
        { Invoke-BackfillRollback $run.RunId @to -SessionId $session, typo -Confirm:$false } | Should -Throw 'Number 2 of 2 in -SessionId*'
    }
}

Describe 'A rollback that nobody has confirmed' {
    BeforeAll {
        $run = New-TestRun 2
        $alone = Invoke-Pwsh -Environment (Get-SandboxSetting) @"
            `$null = Connect-Backfill
            `$run = Get-BackfillRun $($run.RunId)
            foreach (`$ConfirmPreference in 'High', 'None') {
                foreach (`$command in { `$run | Invoke-BackfillRollback }, { `$run | Invoke-BackfillRollback -Confirm }) {
                    try { `$null = & `$command; 'undone' } catch { "`$(`$_.FullyQualifiedErrorId) `$_" }
                }
            }
            `$run | Invoke-BackfillRollback -WhatIf
"@
    }

    It 'is an error that names the run and its target, with any $ConfirmPreference' {
        $alone.Errors | Should -BeNullOrEmpty
        $alone.Lines -match '^ConfirmationNeeded,' | Should -HaveCount 4
        $alone.Lines[0] | Should -BeLike "*$($run.RunId)*"
        $alone.Lines[0] | Should -BeLike '*Staging*'
    }

    It 'says with -WhatIf how many rows of each table it would undo' {
        $preview = $alone.Lines | Select-Object -Skip 4
        $preview[0] | Should -BeLike "What if: Roll back run $($run.RunId)*"
        $preview -match 'public\.fc_scores: delete 2' | Should -HaveCount 1
    }

    It 'undoes nothing' {
        (Get-BackfillRun $run.RunId @to).State | Should -Be 'Completed'
        Get-RolledBack $run | Should -Be $false, $false
    }
}

Describe 'A rollback script' {
    BeforeAll {
        $folder = New-TestFolder
        $run = New-TestRun 4 $folder
        $rollback = Get-BackfillSessionResult $run.RunId @to | Where-Object Ordinal -EQ 3 | New-BackfillRollback -OutputPath $folder
    }

    It 'is written by each apply' { Get-ChildItem (Join-Path $folder backfill_logs) -Filter 'rollback_????-??-??.sql' | Should -HaveCount 1 }

    It 'is for the selected sessions, and says what it would undo' {
        "$($rollback.Sessions) $($rollback.Strategy) $($rollback.Conflicts) $($rollback.SessionIds.Count)" | Should -Be '1 Image 0 1'
        $rollback.RowsToDelete + $rollback.RowsToRestore | Should -BeGreaterThan 0
        Get-Content $rollback.ScriptPath -Raw | Should -BeLike "*$($run.RunId)*"
    }

    It 'can be read by its owner only' -Skip:$IsWindows {
        "$([IO.File]::GetUnixFileMode($rollback.ScriptPath))".Split(', ') | Sort-Object | Should -Be UserRead, UserWrite
    }

    It 'is made from a plan and a time, too' {
        $byTime = New-BackfillRollback -Path (Join-Path $folder run.plan.json) -Strategy Timestamp -After '2020-01-01' `
            @to -OutputPath (New-TestFolder) -WarningAction SilentlyContinue
        "$($byTime.Strategy) $($byTime.Sessions)" | Should -Be 'Timestamp 4'
        $byTime.ScriptPath | Should -Exist
    }

    It 'carries its selection on to a rollback, which undoes just that, once' {
        $asProperties = [pscustomobject] @{ RunId = $rollback.RunId; SessionIds = $rollback.SessionIds }
        Get-ErrorId { $rollback | Invoke-BackfillRollback -SessionId $rollback.SessionIds -Confirm:$false } | Should -Be 'SelectionEmpty'
        $null = $asProperties | Invoke-BackfillRollback @to -Confirm:$false
        Get-RolledBack $run | Should -Be $false, $false, $true, $false
        $null = $rollback | Invoke-BackfillRollback -Confirm:$false -WarningVariable again -WarningAction SilentlyContinue
        "$again" | Should -BeLike 'No row was left to undo*'
        Get-RolledBack $run | Should -Be $false, $false, $true, $false
    }
}
