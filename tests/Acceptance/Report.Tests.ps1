# What is read of a run after it: its report, and the results of its sessions.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $one = New-TestRun
    $two = New-TestRun
}

Describe 'A report' {
    BeforeAll {
        $folder = New-TestFolder
        Push-Location $folder
    }

    AfterAll { Pop-Location }

    It 'of the newest run lies in the current folder, and nothing comes out' {
        Export-BackfillReport @to | Should -BeNullOrEmpty
        "backfill_report_$($two.RunId).html" | Should -Exist
    }

    It 'goes to a chosen file, comes out with -PassThru, and is announced' {
        $file = Export-BackfillReport $one.RunId @to -Path chosen.html -PassThru -InformationVariable told
        $file | Should -BeOfType IO.FileInfo
        $file.FullName | Should -Be (Join-Path $folder chosen.html)
        $told.Tags | Should -Be ReportWritten
    }

    It 'of another run in its place moves the first aside, but not with -WhatIf' {
        $null = Export-BackfillReport $one.RunId @to -Path place.html
        $before = Get-Content place.html -Raw
        $preview = Invoke-Apart -ArgumentList $world.Connection, $two.RunId, (Join-Path $folder place.html) {
            param($Connection, $RunId, $Path)
            Export-BackfillReport $RunId -Connection $Connection -Path $Path -WhatIf
        }
        $preview.Screen | Should -BeLike 'What if:*'
        Get-Content place.html -Raw | Should -BeExactly $before
        "place.$($one.RunId).html" | Should -Not -Exist

        $null = Export-BackfillReport $two.RunId @to -Path place.html
        Get-Content "place.$($one.RunId).html" -Raw | Should -BeExactly $before
        Get-Content place.html -Raw | Should -Match $two.RunId
    }

    It 'is written once into a folder for each run that the pipeline names' {
        $null = New-Item reports -ItemType Directory
        $files = Get-BackfillSessionResult $one.RunId, $two.RunId @to | Export-BackfillReport -Path reports -PassThru
        $files.Name | Sort-Object | Should -Be ("backfill_report_$($one.RunId).html", "backfill_report_$($two.RunId).html" | Sort-Object)
        $null = Get-BackfillGate $one.RunId @to | Export-BackfillReport -Path made/
        "made/backfill_report_$($one.RunId).html" | Should -Exist
    }

    It 'of two runs needs a folder' { Get-ErrorId { $one, $two | Export-BackfillReport -Path both.html } | Should -Be ReportNeedsFolder }

    It 'of an empty pipeline is none, and never that of the newest run' { @() | Export-BackfillReport @to -PassThru | Should -BeNullOrEmpty }

    It 'of a run that is not there is refused' { Get-ErrorId { Export-BackfillReport (New-Guid) @to } | Should -Be RunNotFound }

    It 'that can''t be written is an error' {
        Set-Content taken.html ''
        Get-ErrorId { Export-BackfillReport @to -Path taken.html/report.html } | Should -Be FileNotWritten
        Get-ErrorId { Export-BackfillReport @to -Path Variable:x } | Should -Be PathNotFile
    }
}

Describe 'The results of a run' {
    It 'are chosen by the pattern of a batch' {
        Get-BackfillSessionResult $two.RunId @to -BatchId N* | Should -HaveCount 1
        Get-BackfillSessionResult $two.RunId @to -BatchId X* | Should -BeNullOrEmpty
    }

    It 'are chosen by whether they were rolled back' {
        Get-BackfillSessionResult $two.RunId @to -RolledBack | Should -BeNullOrEmpty
        Get-BackfillSessionResult $two.RunId @to -RolledBack:$false | Should -HaveCount 1
    }
}
