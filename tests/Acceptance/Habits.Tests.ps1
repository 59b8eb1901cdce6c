# Habits of PowerShell that must work: errors for what isn't there, objects that come back from a file, names, any culture.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $folder = New-TestFolder
    $missing = New-Guid
    $plan = New-TestPlan (Join-Path $folder run.plan.json) (@(Get-FreeSession 2) + $missing)
    Set-Content $plan (Get-Content $plan -Raw).Replace('"named"', '"priority"')
    $results = Invoke-BackfillApply $plan @to -OutputPath $folder -ThrottlePerMinute 1200 -WarningAction SilentlyContinue `
        -ErrorAction SilentlyContinue -InformationVariable told
    $run = Get-BackfillRun -Latest @to
    $gate = Get-BackfillGate $run.RunId ApplyReview @to
    $rollback = $results | Where-Object Outcome -EQ Succeeded | Select-Object -First 1 | New-BackfillRollback -OutputPath $folder

    function Get-Copy($Object) {
        $file = Join-Path (New-TestFolder) objects.clixml
        $Object | Export-Clixml $file
        Import-Clixml $file
    }

    function Get-Said([scriptblock] $Block) { try { $null = & $Block; '' } catch { "$_" } }
}

Describe 'What isn''t there' {
    It 'is one error, and the rest comes: <Command>' -ForEach @(
        @{ Command = 'Get-BackfillRun' }
        @{ Command = 'Get-BackfillSessionResult' }
        @{ Command = 'Get-BackfillEvent' }
        @{ Command = 'Get-BackfillGate' }
        @{ Command = 'Export-BackfillReport'; With = @{ PassThru = $true } }
    ) {
        $none = New-Guid
        $With ??= @{}
        Push-Location (New-TestFolder)
        try { $found = & $Command $none, $run.RunId @to @With -ErrorAction SilentlyContinue -ErrorVariable problems }
        finally { Pop-Location }
        $found | Should -Not -BeNullOrEmpty
        $problems | Should -HaveCount 1
        $problems[0].FullyQualifiedErrorId | Should -BeLike 'RunNotFound,*'
        $problems[0].TargetObject | Should -Be $none
        "$($problems[0].CategoryInfo.Category) $($problems[0].CategoryInfo.Activity)" | Should -Be "ObjectNotFound $Command"
        { & $Command $none @to -ErrorAction Stop } | Should -Throw -ErrorId 'RunNotFound,*'
    }

    It 'is one error of each plan, and the others are read' {
        $found = Get-BackfillPlan (Join-Path $folder none.json), (Join-Path $folder n*.json), $plan -ErrorAction SilentlyContinue -ErrorVariable problems
        $found | Should -HaveCount 1
        $problems | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] } | Sort-Object -Unique | Should -Be PlanNotFound
        $problems | Should -HaveCount 2
    }

    It 'is an error with a target, whatever it''s about' {
        try { Set-BackfillRun $run.RunId @to; $problem = $null } catch { $problem = $_ }
        $problem.TargetObject | Should -Not -BeNullOrEmpty
        try { @() | Stop-BackfillRun @to -Reason none; $problem = $null } catch { $problem = $_ }
        $problem.TargetObject | Should -Not -BeNullOrEmpty
    }
}

Describe 'A copy from a file' {
    BeforeAll { $copies = Get-Copy $results }

    It 'compares by the words that it shows' {
        "$(($copies | Where-Object Outcome -EQ Failed).SessionId)" | Should -Be "$missing"
        $copies | Where-Object Outcome -NE Succeeded | Should -HaveCount 1
        $copies | Where-Object Outcome -In Failed, Unknown | Should -HaveCount 1
        $copies | Where-Object { $_.Outcome -eq 'Succeeded' } | Should -HaveCount 2
        (Get-Copy $run).State -eq 'Completed' | Should -BeTrue
        (Get-Copy $gate).Status -eq 'Pending' | Should -BeTrue
    }

    It 'has every word of the module as a word' {
        $words = [Backfill.BackfillRun].Assembly.GetExportedTypes() | Where-Object IsEnum
        foreach ($word in $words | Where-Object Name -NotIn BackfillErrorKind, ConnectionUse, RunAction) {
            Get-Copy ([enum]::GetValues($word)[0]) | Should -BeOfType string -Because "$word is compared by name"
        }
    }

    It 'looks as the object does: <Kind>' -ForEach @(
        @{ Kind = 'results'; Objects = { $results } }
        @{ Kind = 'a run'; Objects = { $run } }
        @{ Kind = 'a gate'; Objects = { $gate } }
        @{ Kind = 'a rollback'; Objects = { $rollback } }
        @{ Kind = 'candidates'; Objects = { Get-BackfillCandidate @to -First 2 } }
        @{ Kind = 'a plan'; Objects = { Get-BackfillPlan $plan } }
        @{ Kind = 'a connection'; Objects = { $world.Connection } }
    ) {
        $shown = & $Objects
        $show = { param($Objects) $Objects | Out-String -Width 100; $Objects | Format-List | Out-String -Width 100 }
        $isSame = Invoke-Apart -Width 100 -ArgumentList $show, @($shown), @(Get-Copy $shown) {
            param($Show, $Objects, $Copies)
            $PSStyle.OutputRendering = 'PlainText'
            & ([scriptblock]::Create($Show)) $Objects
            '====='
            & ([scriptblock]::Create($Show)) $Copies
        }
        $both = ($isSame.Output -join "`n") -split '====='
        $both[0].Trim().Length | Should -BeGreaterThan 40
        $both[1].Trim() | Should -Be $both[0].Trim()
    }

    It 'goes on to the target that it is from, through the connection that is open' {
        (Get-Copy $run | Get-BackfillRun).Connection | Should -Be $world.Connection
        Get-Copy $run | Get-BackfillSessionResult | Should -HaveCount 3
        $again = Invoke-Apart -ArgumentList (Get-Copy $run) { param($Copy) try { $Copy | Get-BackfillRun } catch { "$_" } }
        $again.Output | Should -BeLike '*isn''t connected here*'
    }

    It 'of a rollback keeps its selection' {
        $undone = Get-Copy $rollback | Invoke-BackfillRollback -Confirm:$false
        $undone | Should -Not -BeNullOrEmpty
        (Get-BackfillSessionResult $run.RunId @to -RolledBack).SessionId | Should -Be $rollback.SessionIds
    }

    It 'is refused, and says why, where the object itself is needed: <Case>' -ForEach @(
        @{ Case = 'a gate'; Block = { Get-Copy $gate | Confirm-BackfillGate -Reason 'a test' -Confirm:$false } }
        @{ Case = 'a plan'; Block = { Get-Copy (Get-BackfillPlan $plan) | Invoke-BackfillApply @to -OutputPath $folder } }
        @{ Case = 'a sandbox'; Block = { Get-Copy $world.Sandbox | Connect-Backfill } }
        @{ Case = 'a rollback by timestamp'; Block = {
                $byTime = New-BackfillRollback -Path $plan -Strategy Timestamp -After 2020-01-01 @to -OutputPath (New-TestFolder) -WarningAction Ignore
                Get-Copy $byTime | Invoke-BackfillRollback @to -Confirm:$false } }
    ) {
        Get-Said $Block | Should -BeLike '*is a copy of a *, and can''t be used here.*'
    }
}

Describe 'A name' {
    It 'takes the place of a connection, and is completed' {
        (Get-BackfillRun $run.RunId -Connection staging).RunId | Should -Be $run.RunId
        (Get-BackfillRun $run.RunId -Connection $world.Connection.ProjectRef).RunId | Should -Be $run.RunId
        Get-Said { Get-BackfillRun -Connection Production } | Should -BeLike "*No open connection is called 'Production'*Staging*"
        $line = 'Get-BackfillRun -Connection '
        [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Be Staging
    }

    It 'that two connections share is refused, and each gets one of its own' {
        $other = Start-BackfillSandbox -CandidateCount 1 -Seed 3
        try {
            $two = $other | Connect-Backfill
            Get-Said { Get-BackfillRun -Connection Staging } | Should -BeLike "*'Staging' means several*"
            $line = 'Get-BackfillRun -Connection '
            $names = [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.ListItemText
            $names | Should -HaveCount 2
            foreach ($name in $names) { Get-BackfillRun -Connection $name -Latest -State Pending | Should -BeNullOrEmpty }
            (Get-BackfillCandidate -Connection $names[0] -First 1).Connection | Should -Be $two
            $named = [regex]::Match((Get-Said { Confirm-BackfillGate SoakGoNoGo $run.RunId @to -Reason x -Confirm:$false }), '-Connection (.+)$').Groups[1].Value
            $named | Should -BeIn $names -Because 'a command that is shown names its target where two are connected'
        }
        finally { Stop-BackfillSandbox -Sandbox $other }
    }

    It 'of a sandbox is taken, and completed' {
        Clear-BackfillSandboxFault -Sandbox Staging
        Clear-BackfillSandboxFault -Sandbox $world.Sandbox.ProcessId
        $line = 'Clear-BackfillSandboxFault -Sandbox '
        [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Be Staging
    }
}

Describe 'A span' {
    It 'is completed, and 7d is one: <Line>' -ForEach @(
        @{ Line = 'Start-StagingSoak -Duration '; First = '6h' }
        @{ Line = 'Remove-BackfillRun -OlderThan '; First = '30d' }
        @{ Line = 'Confirm-BackfillGate -ExpiresIn 7'; First = '7s' }
    ) {
        $offers = [Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText
        $offers[0] | Should -Be $First
        $span = [Backfill.PowerShell.Parameters.SpanAttribute]::new()
        foreach ($offer in $offers) { $span.Transform($ExecutionContext, $offer) | Should -BeOfType timespan }
        Get-ErrorId { Remove-BackfillRun @to -OlderThan 7d -Confirm:$false } | Should -Be SelectionEmpty
    }
}

Describe 'Completion of sessions' {
    It 'offers those of the run that the line names' {
        $line = "New-BackfillRollback $($run.RunId) -SessionId "
        Wait-Until { [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches }
        [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText |
            Sort-Object | Should -Be ($results.SessionId | Sort-Object { "$_" })
    }
}

Describe 'In Turkish' {
    BeforeAll { $culture = [Globalization.CultureInfo]::CurrentCulture }
    BeforeEach { [Globalization.CultureInfo]::CurrentCulture = 'tr-TR' }
    AfterEach { [Globalization.CultureInfo]::CurrentCulture = $culture }

    It 'names are found in any case' {
        Get-BackfillSessionResult $run.RunId @to -BatchId PRIORITY | Should -HaveCount 3
        Get-BackfillSessionResult $run.RunId @to -BatchId prıority | Should -BeNullOrEmpty
        Get-BackfillSessionResult $run.RunId @to -Outcome FAILED | Should -HaveCount 1
        (Get-BackfillGate $run.RunId APPLYREVIEW @to).Name | Should -Be ApplyReview
        (Get-BackfillRunbook STAGING-BACKFILL).Name | Should -Be staging-backfill.ps1
        (Get-BackfillRun $run.RunId -Connection STAGING).RunId | Should -Be $run.RunId
    }
}

Describe 'The files of a run' {
    It 'are told of by their folder, two names and a count' {
        $said = "$($told | Where-Object Tags -EQ ArtifactsWritten)"
        $said | Should -Match "^Artifacts: \d+ files in $([regex]::Escape($folder))\. Read backfill_summary\.md and backfill_logs/execution_results\.json first\.$"
    }

    It 'are private but for the metrics, and stay out of commits' -Skip:$IsWindows {
        $logs = Join-Path $folder backfill_logs
        "$([IO.File]::GetUnixFileMode($logs))" | Should -Be 'OtherExecute, GroupExecute, UserExecute, UserWrite, UserRead'
        "$([IO.File]::GetUnixFileMode((Join-Path $logs metrics.prom)))" | Should -BeLike 'OtherRead,*'
        "$([IO.File]::GetUnixFileMode((Join-Path $logs execution_results.json)))" | Should -Be 'UserWrite, UserRead'
        Get-Content (Join-Path $logs .gitignore) | Should -Be '*'
    }

    It 'say that the target is a sandbox, as every question does' {
        Get-Content (Join-Path $folder backfill_summary.md) -TotalCount 1 | Should -BeLike '# Backfill of Staging (sandbox): Completed*'
        Get-Said { Invoke-BackfillRollback $run.RunId @to } | Should -BeLike '*(sandbox)?*'
    }
}

Describe 'The files that come with the module' {
    It 'are listed, and copied once' {
        (Get-BackfillRunbook).Name | Should -Contain backfill-plan.schema.json
        (Get-BackfillRunbook *.ps1).Count | Should -Be 5
        (Get-BackfillRunbook backfill*, grafana*).Name | Should -Contain grafana-dashboard.json
        $place = Join-Path (New-TestFolder) books
        $copy = Get-BackfillRunbook staging-backfill, nowhere -Destination $place -ErrorAction SilentlyContinue -ErrorVariable problems
        $copy.FullName | Should -Be (Join-Path $place staging-backfill.ps1)
        Get-FileHash $copy | ForEach-Object Hash | Should -Be (Get-FileHash (Get-BackfillRunbook staging-backfill)).Hash
        $problems.FullyQualifiedErrorId | Should -BeLike 'RunbookNotFound,*'
        Get-ErrorId { Get-BackfillRunbook staging-backfill -Destination $place } | Should -Be FileExists
        Get-BackfillRunbook staging-backfill -Destination $place -Force | Should -HaveCount 1
    }

    It 'are told of online' { (Get-Command Get-BackfillRun).HelpUri | Should -Be (Import-PowerShellDataFile $ModuleManifest).PrivateData.PSData.ProjectUri }
}
