# Removing runs from the ledger: as one selection, by name or age, and never all by mistake.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $sure = @{ Confirm = $false }
    $runs = (New-TestRun), (New-TestRun)
}

Describe 'Removing runs' {
    It 'needs -Confirm:$false on the command where nobody can be asked' {
        $problems = (Invoke-Apart -ArgumentList @(, $runs) {
            param($Runs)
            try { $Runs | Remove-BackfillRun } catch { $_ }
            $ConfirmPreference = 'None'
            try { $Runs | Remove-BackfillRun } catch { $_ }
            try { $Runs[0] | Remove-BackfillRun } catch { $_ }
        }).Output
        $problems | Should -HaveCount 3
        $problems | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] } | Sort-Object -Unique | Should -Be ConfirmationNeeded
        "$($problems[2])" | Should -Match "undo|$($runs[0].RunId)"
        $runs | Get-BackfillRun | Should -HaveCount 2
    }

    It 'is refused for an empty pipeline, which never means all' {
        Get-ErrorId { @() | Remove-BackfillRun @to @sure } | Should -Be SelectionEmpty
        Get-ErrorId { @() | Remove-BackfillRun @to -OlderThan 500ms @sure } | Should -Be SelectionEmpty
        $noRun = [pscustomobject] @{ Connection = $world.Connection }
        Get-ErrorId { $noRun | Remove-BackfillRun -OlderThan 500ms @sure } | Should -Be SelectionEmpty
        $runs | Get-BackfillRun | Should -HaveCount 2
    }

    It 'by age leaves younger runs, whether they are named or not' {
        Get-ErrorId { Remove-BackfillRun @to -OlderThan 30d @sure } | Should -Be SelectionEmpty
        Get-ErrorId { $runs | Remove-BackfillRun -OlderThan 30d @sure } | Should -Be SelectionEmpty
        $runs | Get-BackfillRun | Should -HaveCount 2
    }

    It 'needs the unit of an age' {
        Get-ErrorId { Remove-BackfillRun @to -OlderThan 30 @sure } | Should -Be ParameterArgumentTransformationError
    }

    It 'of a run that is not there is refused' { Get-ErrorId { Remove-BackfillRun (New-Guid) @to @sure } | Should -Be RunNotFound }

    It 'with -WhatIf lists what would go, and removes nothing' {
        $run = New-TestRun
        $preview = Invoke-Apart -ArgumentList $run { param($Run) $Run | Remove-BackfillRun -WhatIf }
        $preview.Output | Should -BeNullOrEmpty
        $preview.Screen | Should -Match '^What if: Remove from Staging .*Completed, ended .*: 1 session, 2 calls, [0-9]+ images$'
        ($run | Get-BackfillRun).State | Should -Be Completed
    }

    It 'gives nothing out, and says how many went' {
        $gone = New-TestRun
        $gone, (New-TestRun) | Remove-BackfillRun @sure -InformationVariable told | Should -BeNullOrEmpty
        $told.Tags | Should -Be RunsRemoved
        "$told" | Should -Match '^2 runs removed'
        Get-ErrorId { $gone | Get-BackfillRun } | Should -Be RunNotFound
        $runs | Get-BackfillRun | Should -HaveCount 2
    }
}
