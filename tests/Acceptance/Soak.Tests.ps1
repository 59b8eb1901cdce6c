BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $quiet = @{ WarningAction = 'SilentlyContinue' }
}

# By the sandbox's clock, an hour of soak takes ten seconds. Its scoring takes real time, so that the grace period is long.
Describe 'A soak of sound traffic' {
    BeforeAll {
        $folder = New-TestFolder
        $run = New-ReviewedRun 2
        Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $world.Sandbox
        try {
            $samples = $run | Start-StagingSoak -Duration 60m -Interval 10m -GracePeriod 40m -OutputPath $folder @quiet -InformationVariable told
        }
        finally { Stop-BackfillSandboxTraffic -Sandbox $world.Sandbox }
        $last = $samples[-1]
    }

    It 'gives every sample that was due, and passes' {
        $samples[0] | Should -BeOfType Backfill.SoakSample
        $samples.Number | Should -Be (1..6)
        $samples.RunId | Should -Be (, $run.RunId * 6)
        $last.Verdict | Should -Be 'Pass'
        $last.Checks.Name | Should -Contain 'TokenAccess'
    }

    It 'has a conversion between 0 and 1, within its interval' {
        $last.ConversionRate | Should -BeLessOrEqual 1
        $last.ConversionLowerBound | Should -BeLessOrEqual $last.ConversionRate
        $last.ConversionUpperBound | Should -BeGreaterOrEqual $last.ConversionRate
    }

    It 'is kept in the ledger, with its run' {
        Get-StagingSoak $run.RunId @to | ForEach-Object { "$($_.Number) $($_.Verdict)" } |
            Should -Be ($samples | ForEach-Object { "$($_.Number) $($_.Verdict)" })
        $kept = $run | Get-StagingSoak
        $kept.Connection.Fingerprint | Sort-Object -Unique | Should -Be $world.Connection.Fingerprint
        $kept[-1].Checks | Should -Not -BeNullOrEmpty
        # Without -RunId it's the latest soak.
        (Get-StagingSoak @to).RunId | Sort-Object -Unique | Should -Be $run.RunId
    }

    It 'writes its report with a chart, and raises the next gate, with every criterion met' {
        $told.Tags | Should -Be SoakStarted, SoakPass, GateRaised, ArtifactsWritten
        Get-Content (Join-Path $folder staging_observability.md) -Raw | Should -BeLike '# Staging soak: Pass*'
        Join-Path $folder staging_observability.svg | Should -Exist
        $gate = Get-BackfillGate $run.RunId SoakGoNoGo @to
        "$($gate.Status) $($gate.Passed)" | Should -Be 'Pending True'
    }

    It 'fits a spreadsheet, and keeps its checks in JSON' {
        $rows = Get-CsvOf $samples
        Get-TypeNameColumn $rows | Should -BeNullOrEmpty
        $rows[-1].ConversionRate | Should -Match '^\d(\.\d+)?$'
        (Get-JsonOf $last).Checks.Name | Should -Contain 'TokenAccess'
    }

    It 'has tables of at most 100 columns, with nothing cut off' {
        $lines = ($samples | Out-String -Width 100), ($last.Checks | Out-String -Width 100) | ForEach-Object { $_.Split("`n") }
        $lines | Where-Object Length -GT 100 | Should -BeNullOrEmpty
        $lines -like 'Sampling*' | Should -Not -BeNullOrEmpty
        $lines -like '*…*' | Should -BeNullOrEmpty
    }
}

Describe 'A soak of traffic of a wrong version' {
    It 'fails before the window ends' {
        Start-BackfillSandboxTraffic -RatePerMinute 60 -WrongVersion 0.5 -Sandbox $world.Sandbox
        try { $samples = Start-StagingSoak -Duration 30m -Interval 5m -StopOnFailure -OutputPath $TestDrive @to @quiet }
        finally { Stop-BackfillSandboxTraffic -Sandbox $world.Sandbox }
        $samples.Count | Should -BeLessThan 6
        $samples[-1].Verdict | Should -Be 'Fail'
        $samples[-1].VersionOverrides | Should -BeGreaterThan 0
    }
}

Describe 'A soak of no traffic' {
    It 'is inconclusive' {
        $run = New-ReviewedRun
        $samples = $run | Start-StagingSoak -Duration 20m -Interval 5m -OutputPath $TestDrive @quiet -InformationVariable told
        $samples.Number | Should -Be 1, 2, 3, 4
        $samples.Verdict | Should -Be Pass, Pass, Pass, Inconclusive
        $told.Tags | Should -Be SoakStarted, SoakInconclusive, GateRaised, ArtifactsWritten
    }
}

Describe 'A soak that its pipeline stopped' {
    It 'is resumed in the same window, with the same settings only' {
        $run = New-ReviewedRun
        $folder = New-TestFolder
        while ($true) { $run | Start-StagingSoak -Duration 80m -Interval 20m -OutputPath $folder @quiet | ForEach-Object { $first = $_; break } }
        $first.Number | Should -Be 1
        Get-Content (Join-Path $folder staging_observability.md) -Raw | Should -BeLike '*stopped early*'
        Get-ErrorId { $run | Start-StagingSoak -Baseline 0.5 -OutputPath $folder @quiet } | Should -Be 'SoakSettingDiffers'
        ($run | Start-StagingSoak -OutputPath $folder @quiet).Number | Should -Be 2, 3, 4
    }
}

Describe 'A look back' {
    It 'is one sample, and needs no run' {
        $sample = Start-StagingSoak -Since '2025-08-01' -EngineVersion v1.2.1 -FcVersion v1.2 -TokenSample 3 -OutputPath $TestDrive @to @quiet
        "$($sample.Number) $($sample.Retrospective) $($sample.RunId)" | Should -Be '1 True '
        $sample.WindowStart | Should -Be ([DateTimeOffset] '2025-08-01T00:00:00Z')
        $sample.TokensTested | Should -Be 3
        # There are always sessions in the sandbox that wait for a backfill.
        $sample.Verdict | Should -Be 'Fail'
        ($sample.Checks | Where-Object Name -EQ Scoring).SessionIds | Should -Not -BeNullOrEmpty
    }
}

Describe 'A soak that can''t begin' {
    It 'is refused before it writes a file: <case>' -ForEach @(
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'a duration without a unit'; Block = { Start-StagingSoak -Duration 6 @to } }
        @{ Id = 'SoakSettingInvalid'; Case = 'a baseline in percent'; Block = { Start-StagingSoak -Baseline 85 @to } }
        @{ Id = 'SoakSettingInvalid'; Case = 'an interval beyond the window'; Block = { Start-StagingSoak -Duration 1m -Interval 2m @to } }
        @{ Id = 'SoakSettingInvalid'; Case = 'a grace period as long as the window'; Block = {
                Start-StagingSoak -Duration 1m -GracePeriod 1m @to } }
        @{ Id = 'SoakSettingInvalid'; Case = 'a look back from the future'; Block = { Start-StagingSoak -Since '2999-01-01' @to } }
        @{ Id = 'RunNotFound'; Case = 'an unknown run'; Block = { Start-StagingSoak (New-Guid) @to } }
        @{ Id = 'RunNotFound'; Case = 'the samples of an unknown run'; Block = { Get-StagingSoak (New-Guid) @to } }
        @{ Id = 'SelectionEmpty'; Case = 'an empty pipeline'; Block = { @() | Start-StagingSoak @to } }
        @{ Id = 'SelectionEmpty'; Case = 'a misspelt variable'; Block = { Start-StagingSoak $misspelt -Duration 1s @to } }
        @{ Id = 'FileNotWritten'; Case = 'a file as the folder'; Block = { Start-StagingSoak @to -OutputPath $PSCommandPath } }
    ) {
        $folder = New-TestFolder
        Push-Location $folder
        try { Get-ErrorId $Block | Should -Be $Id } finally { Pop-Location }
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    It 'says what is wrong with a span' { { Start-StagingSoak -Duration 1w @to } | Should -Throw "*'1w' is no span*" }

    It 'does nothing with -WhatIf, and loads none of its dependencies where scripts could meet them' {
        $folder = New-TestFolder
        $preview = Invoke-Pwsh -Environment (Get-SandboxSetting) -Location $folder @'
            $null = Connect-Backfill
            Start-StagingSoak -WhatIf | ForEach-Object { 'a sample' }
            $null = Get-ChildItem -OutVariable written
            $null = Start-StagingSoak -Since '2025-08-01' -WarningAction SilentlyContinue
            "written: $($written.Count)"
            $foreign = [Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { $_.GetName().Name -cmatch '^(OxyPlot|Npgsql)' }
            "loaded: $foreign"
'@
        $preview.Errors | Should -BeNullOrEmpty
        $preview.Lines[0] | Should -BeLike 'What if: *'
        $preview.Lines | Select-Object -Skip 1 | Should -Be 'written: 0', 'loaded: '
    }
}

Describe 'A soak by a role that has SELECT only' {
    BeforeAll {
        $folder = New-TestFolder
        Invoke-Sql @'
            create role cmdlet_soaker login noinherit password 'read-only-1';
            grant usage on schema public to cmdlet_soaker;
            grant select on all tables in schema public to cmdlet_soaker;
            grant anon to cmdlet_soaker
'@
        $setting = Get-SandboxSetting
        $setting.Remove('SUPABASE_SERVICE_ROLE_KEY')
        $database = [UriBuilder] $setting.SUPABASE_DB_URL
        $setting.SUPABASE_DB_URL = "postgresql://cmdlet_soaker:read-only-1@$($database.Host):$($database.Port)/postgres"
        $tables = 'assessment_sessions', 'assessment_responses', 'fc_responses', 'fc_scores', 'profiles', 'fn_logs'
        function Set-RowSecurity([string] $Verb) {
            Invoke-Sql (($tables | ForEach-Object { "alter table public.$_ $Verb row level security;" }) -join ' ')
        }
        function Get-KeptCount { Invoke-Sql 'select (select count(*) from backfill.soak) + (select count(*) from backfill.soak_sample)' }
    }

    It 'is refused where policies hide rows, and never for a run' {
        $ended = Invoke-Pwsh -Environment $setting -Location $folder @'
            $null = Connect-Backfill Staging -MeasureOnly
            foreach ($soak in { Start-StagingSoak -Duration 1s }, { Start-StagingSoak -Since 2025-08-01 }, { Start-StagingSoak -RunId (New-Guid) }) {
                try { $null = & $soak; '(none)' } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            }
'@
        $ended.Lines | Should -Be RowsHidden, RowsHidden, LedgerNeeded
        Get-ChildItem $folder | Should -BeNullOrEmpty
    }

    It 'goes from beginning to end where it sees all rows, and writes nothing to the target' {
        # The tables' owner may not give BYPASSRLS away, so for once there are no policies. For the next minutes, five sessions a second
        # complete, each scored at once. The role can't see that this is a sandbox, so its clock is the real one.
        Set-RowSecurity disable
        Invoke-Sql @'
            with session as (
                insert into public.assessment_sessions
                    (id, status, created_at, completed_at, updated_at, completed_questions, share_token, share_token_expires_at)
                select gen_random_uuid(), 'completed', at, at, at, 36, 'soaked-' || i, at + interval '1 year'
                from generate_series(1, 900) i, lateral (select now() + i * interval '200 ms' as at) t
                returning id, completed_at as at
            ),
            profile as (
                insert into public.profiles (session_id, type_code, results_version, created_at, updated_at, computed_at)
                select id, 'LII', 'v1.2.1', at, at, at from session
            )
            insert into public.fc_scores (session_id, version, fc_kind, scores_json, blocks_answered, created_at, updated_at)
            select id, 'v1.2', 'functions', '{}', 12, at, at from session
'@
        $kept = Get-KeptCount
        try {
            $ended = Invoke-Pwsh -Environment $setting -Location $folder @'
                $null = Connect-Backfill Staging -MeasureOnly
                $samples = Start-StagingSoak -Duration 3s -Interval 500ms -GracePeriod 0s -MinimumSample 1 -WarningAction SilentlyContinue
                "$($samples.Number), run: $($samples[0].RunId)"
                "$($samples[-1].Verdict) $($samples[-1].CompletedSessions -ge 2)"
                $samples[-1].Checks | Where-Object Name -EQ TokenAccess | ForEach-Object { "$($_.Name) $($_.Status)" }
'@
        }
        finally {
            Set-RowSecurity enable
            Invoke-Sql "delete from public.assessment_sessions where share_token like 'soaked-%'"
        }

        $ended.Errors | Should -BeNullOrEmpty
        $ended.Lines | Should -Be '1 2 3 4 5 6, run: ', 'Pass True', 'TokenAccess Pass'
        $report = Get-Content (Join-Path $folder staging_observability.md) -Raw
        $report | Should -BeLike '# Staging soak: Pass*'
        $report | Should -BeLike "*Staging, by the operator's word*"
        Get-KeptCount | Should -Be $kept
    }
}
