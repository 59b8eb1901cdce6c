BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $sandbox = Start-BackfillSandbox Production -CandidateCount 6 -Seed 2
    $production = $sandbox | Connect-Backfill
    $to = @{ Connection = $production }
}

AfterAll { Stop-BackfillSandbox -Sandbox $sandbox }

Describe 'The health check of sessions that need a backfill' {
    BeforeAll {
        $folder = New-TestFolder
        $report = Test-ProdHealth @to -OutputPath $folder -InformationVariable told
        $candidates = Get-BackfillCandidate @to
        $able = $candidates | Where-Object Backfillable
        $unable = $candidates | Where-Object Backfillable -EQ $false
    }

    It 'says so, and counts what Get-BackfillCandidate lists' {
        $report | Should -BeOfType Backfill.ProdHealthReport
        "$($report.Status) $($report.Environment)" | Should -Be 'NeedsBackfill Production'
        $report.NeedingBackfill, $report.NotBackfillable | Should -Be $able.Count, $unable.Count
        $report.SessionsAnalyzed | Should -BeGreaterThan $candidates.Count
        $told.Tags | Should -Be HealthChecked
    }

    It 'knows why each of the others can''t have one' {
        $unable | Should -Not -BeNullOrEmpty
        $unable | Where-Object Reason -EQ '' | Should -BeNullOrEmpty
    }

    It 'writes its report and a plan of just these sessions' {
        $report.ReportPath | Should -Be (Join-Path $folder prod_health_check.md)
        $report.PlanPath | Should -Be (Join-Path $folder prod_mini_backfill_plan.json)
        $report.ReportPath | Should -Exist
        $plan = Get-BackfillPlan $report.PlanPath -WarningAction SilentlyContinue
        $plan.Batches.Sessions | Sort-Object | Should -Be ($able.SessionId | Sort-Object)
    }

    It 'says what to do next' { "$($report.Recommendations)" | Should -Match 'Invoke-BackfillApply .* -WhatIf' }

    It 'fits a dashboard and a spreadsheet' {
        $json = Get-JsonOf $report
        $json.Status, $json.NeedingBackfill | Should -Be NeedsBackfill, $able.Count
        Get-TypeNameColumn (Get-CsvOf $report) | Should -BeNullOrEmpty
        Get-TypeNameColumn (Get-CsvOf $candidates) | Should -BeNullOrEmpty
    }

    It 'says with -Quiet whether all is well, and keeps the files of the check before' {
        $folder = New-TestFolder
        Test-ProdHealth @to -OutputPath $folder -Quiet | Should -BeFalse
        # Nothing completed within the last minute: so nothing is known.
        Test-ProdHealth @to -OutputPath $folder -Quiet -Since ([DateTimeOffset]::UtcNow.AddMinutes(-1)) -WarningAction SilentlyContinue |
            Should -BeFalse
        Test-ProdHealth @to -OutputPath $folder -Since ([DateTimeOffset]::UtcNow.AddMinutes(-1)) -WarningAction SilentlyContinue |
            ForEach-Object Status | Should -Be NothingAnalyzed
        Join-Path $folder prod_mini_backfill_plan.json | Should -Not -Exist -Because 'no plan is needed'
        Get-ChildItem $folder -Filter 'prod_mini_backfill_plan.*Z.json' | Should -HaveCount 1
    }

    It 'has tables of at most 100 columns that show ids in full' {
        $shown = Get-BackfillCandidate @to -EngineVersion v9 | Out-String -Width 100
        $shown | Should -Not -BeLike '*…*'
        $shown += $report | Out-String -Width 100
        $shown.Split("`n").TrimEnd() | Where-Object Length -GT 100 | Should -BeNullOrEmpty
        # A reason may go on in the next line.
        $text = $shown -replace '\s+', ' '
        foreach ($part in "$($candidates[0].SessionId) ", 'newer profile', 'no responses', 'NeedsBackfill') {
            $text.Contains($part) | Should -BeTrue -Because "$part is shown"
        }
    }
}

Describe 'The health check of the same data' {
    It 'makes the same plan in any time zone and culture' {
        $folder = New-TestFolder
        $check = {
            param($Culture)
            if ($Culture) { [cultureinfo]::CurrentCulture = $Culture }
            $report = Test-ProdHealth -Since '2025-08-01' -EngineVersion v9 -OutputPath (Join-Path $pwd "$(New-Guid)") -Connection $c
            $own = Get-BackfillCandidate -EngineVersion v9 -Connection $c | Where-Object Backfillable |
                New-BackfillPlan own.json -EngineVersion v9 -Force -Environment Production -WarningAction SilentlyContinue
            "$($report.PlanHash) $($report.SessionsAnalyzed) $($own.Hash)"
        }
        $c = $production
        Push-Location $folder
        try { $expected = & $check } finally { Pop-Location }
        $expected | Should -Match '^[0-9a-f]{64} [0-9]+ [0-9a-f]{64}$'

        foreach ($place in @{ TZ = 'Asia/Kathmandu'; Culture = 'tr-TR' }, @{ TZ = 'America/St_Johns'; Culture = 'de-DE' }) {
            $elsewhere = Invoke-Pwsh "`$c = Connect-Backfill`n& { $check } $($place.Culture)" -Location $folder `
                -Environment ((Get-SandboxSetting $sandbox) + @{ TZ = $place.TZ })
            $elsewhere.Errors | Should -BeNullOrEmpty
            $elsewhere.Lines[-1] | Should -Be $expected
        }
    }
}

Describe 'A plan of candidates' {
    BeforeAll {
        $folder = New-TestFolder
        # With a new engine version there are enough to choose from.
        $chosen = Get-BackfillCandidate @to -EngineVersion v9 | Where-Object { $_.Backfillable -and $_.FcResponses -gt 0 } |
            Sort-Object CompletedAt -Descending | Select-Object -First 7
        $new = @{ Path = Join-Path $folder chosen.plan.json; BatchSize = 3; EngineVersion = 'v9'; Connection = $production }
        $plan = $chosen | Select-Object * -ExcludeProperty Connection | New-BackfillPlan @new
    }

    It 'is written for the target that they come from' {
        $plan | Should -BeOfType Backfill.BackfillPlan
        "$($plan.TotalCandidates) $($plan.Batches.Count) $($plan.Environment) $($plan.ThrottlePerMinute) $($plan.EngineVersion)" |
            Should -Be '7 3 Production 20 v9'
        $plan.Warnings | Should -BeNullOrEmpty
        "$($plan.ExpectedChanges)" | Should -Match 'profiles \+\d ~\d$'
    }

    It 'can be read, tested and previewed' {
        (Get-BackfillPlan $plan.Path).Hash | Should -Be $plan.Hash
        Test-BackfillPlan $plan.Path -Quiet | Should -BeTrue
        $plan.Batches.Sessions | Sort-Object | Should -Be ($chosen.SessionId | Sort-Object)
    }

    It 'replaces no file without -Force, and is the same each time' {
        Get-ErrorId { $chosen | New-BackfillPlan @new } | Should -Be 'FileExists'
        ($chosen | New-BackfillPlan @new -Force).Hash | Should -Be $plan.Hash
    }

    It 'leaves out, with a warning, what can''t be backfilled' {
        $none = Get-BackfillCandidate @to | Where-Object Responses -EQ 0
        $mixed = @($none) + $chosen[0] |
            New-BackfillPlan (Join-Path $folder mixed.json) -EngineVersion v9 -WarningVariable warned -WarningAction SilentlyContinue
        $mixed.Batches.Sessions | Should -Be $chosen[0].SessionId
        "$warned" | Should -BeLike "*$($none.Count) of the chosen sessions can't be backfilled*no responses*"
    }

    It 'is refused: <case>' -ForEach @(
        @{ Id = 'SelectionEmpty'; Case = 'an empty pipeline'; Block = { @() | New-BackfillPlan $file -Environment Staging } }
        @{ Id = 'SelectionEmpty'; Case = 'no session'; Block = { New-BackfillPlan $file -SessionId @() -Environment Staging } }
        @{ Id = 'SessionNotFound'; Case = 'an unknown session'; Block = { New-BackfillPlan $file (New-Guid) @to } }
        @{ Id = 'NothingBackfillable'; Case = 'sessions that can''t be backfilled'; Block = {
                Get-BackfillCandidate @to | Where-Object { -not $_.Backfillable } | New-BackfillPlan $file } }
        @{ Id = 'EnvironmentMismatch'; Case = 'another environment than the connection''s'; Block = {
                New-BackfillPlan $file (New-Guid) @to -Environment Staging } }
    ) {
        $file = Join-Path $folder refused.json
        Get-ErrorId $Block | Should -Be $Id
        $file | Should -Not -Exist
    }

    It 'needs no connection where its environment is given, and isn''t written with -WhatIf' {
        $folder = New-TestFolder
        $ended = Invoke-Pwsh -Location $folder @'
            $one, $two = (New-Guid), (New-Guid)
            try { $null = New-BackfillPlan other.json $one; '(none)' } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            try { $null = New-BackfillPlan other.json $one -Environment Staging -ThrottlePerMinute 21; '(none)' } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            $null = New-BackfillPlan other.json $one -Environment Staging -WhatIf
            $own = "$one", "$two", "$one" | New-BackfillPlan own.json -Environment Production -Version v7 -Description 'mine'
            "$($own.Environment) $($own.Version) $($own.TotalCandidates) $($own.Batches[0].Description), $($own.Warnings.Count) warnings"
            $own.Path
'@
        $ended.Errors | Should -BeNullOrEmpty
        $ended.Lines[0..1] | Should -Be NotConnected, ThrottleOverLimit
        $ended.Lines[2] | Should -BeLike 'What if:*'
        $ended.Lines[3] | Should -Be 'Production v7 2 mine, 0 warnings'
        $ended.Lines[4] | Should -Be (Join-Path $folder own.json)
        (Get-ChildItem $folder).Name | Should -Be 'own.json'
    }
}

Describe 'A window or a time limit' {
    It 'is refused: <case>' -ForEach @(
        @{ Id = 'WindowEmpty'; Case = 'a window that ends before it begins'; Block = {
                Get-BackfillCandidate @to -Since 2025-09-01 -Until 2025-08-01 } }
        @{ Id = 'StatementTimeoutInvalid'; Case = 'a time limit of no time'; Block = {
                Test-ProdHealth @to -OutputPath $folder -StatementTimeout 0s } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a time limit without a unit'; Block = {
                Test-ProdHealth @to -OutputPath $folder -StatementTimeout 90 } }
    ) {
        $folder = New-TestFolder
        Get-ErrorId $Block | Should -Be $Id
    }

    It 'that begins in the future is refused, and nothing is written: <_>' -ForEach @(
        { Test-ProdHealth @to -Since 2999-01-01 -OutputPath $folder }, { Get-BackfillCandidate @to -Since 2999-01-01 }
    ) {
        $folder = Join-Path (New-TestFolder) ahead
        $_ | Should -Throw '*is in the future*' -ErrorId 'WindowEmpty,*'
        $folder | Should -Not -Exist
    }

    It 'of 90 seconds is enough' { Test-ProdHealth @to -OutputPath (New-TestFolder) -StatementTimeout 90s -Quiet | Should -BeFalse }
}

Describe 'A role that may read only' {
    It 'measures, and does nothing else' {
        # The tables' owner may not give BYPASSRLS away, so policies hide rows from this role.
        $null = Invoke-Sql -Sandbox $sandbox @'
            create role cmdlet_reader login password 'read-only-1';
            grant usage on schema public to cmdlet_reader;
            grant select on all tables in schema public to cmdlet_reader
'@
        $setting = Get-SandboxSetting $sandbox
        $setting.Remove('SUPABASE_SERVICE_ROLE_KEY')
        $database = [uri] $setting.SUPABASE_DB_URL
        $setting.SUPABASE_DB_URL = "postgresql://cmdlet_reader:read-only-1@$($database.Host):$($database.Port)/postgres"
        $ended = Invoke-Pwsh -Environment $setting -Location (New-TestFolder) @"
            function Get-Id([scriptblock] `$Block) { try { `$null = & `$Block; '(none)' } catch { `$_.FullyQualifiedErrorId.Split(',')[0] } }
            "connect: `$(Get-Id { Connect-Backfill Production })"
            "connect: `$(Get-Id { Connect-Backfill -MeasureOnly })"
            `$c = Connect-Backfill Production -MeasureOnly
            "`$(`$c.Environment) `$(`$c.MeasuresOnly) `$c"
            `$id = '0190aaaa-0000-7000-8000-000000000000'
            foreach (`$write in { Get-BackfillRun }, { Get-BackfillSessionResult },
                { Invoke-BackfillApply '$ApplyPlan' }, { Invoke-BackfillApply '$ApplyPlan' -WhatIf },
                { Stop-BackfillRun `$id -Reason none -Confirm:`$false }, { Invoke-BackfillRollback `$id -Confirm:`$false },
                { Initialize-BackfillLedger Production -Connection `$c -Confirm:`$false }) {
                "`${write}: `$(Get-Id `$write)"
            }
            "hidden: `$(Get-Id { Test-ProdHealth -Quiet })"
            "hidden: `$(Get-Id { Get-BackfillCandidate })"
            "checks: `$(@(Test-BackfillConnection | Where-Object Status -EQ Failed).Count -gt 0)"
"@
        $ended.Errors | Should -BeNullOrEmpty
        $ended.Lines[0..1] | Should -Be 'connect: ServiceRoleKeyMissing', 'connect: EnvironmentNeeded'
        $ended.Lines[2] | Should -BeLike 'Production True Production *'
        $ended.Lines -like '*: LedgerNeeded' | Should -HaveCount 7
        $ended.Lines[-3..-1] | Should -Be 'hidden: RowsHidden', 'hidden: RowsHidden', 'checks: True'
    }
}
