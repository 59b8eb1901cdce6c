# Another project than the known system: plans/examples/orders.*, from the profile to the rollback.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $examples = Join-Path $RepositoryRoot plans examples
    $targetProfile = Join-Path $examples orders.profile.json
    $sandbox = Start-BackfillSandbox
    $null = Invoke-Sql (Get-Content (Join-Path $examples orders.sql) -Raw) $sandbox
    $quiet = @{ WarningAction = 'SilentlyContinue' }
    function Get-Rows { Invoke-Sql 'select i::text from public.invoices i order by order_id' $sandbox }
    $before = Get-Rows
    $connection = Connect-Backfill -Sandbox $sandbox -TargetProfile $targetProfile
    $to = @{ Connection = $connection }
}

AfterAll { Stop-BackfillSandbox -Sandbox $sandbox }

Describe 'A target that its profile describes' {
    It 'has what each need takes, by its own names' {
        $checks = Test-BackfillConnection @to
        $checks | Where-Object Status -EQ Failed | ForEach-Object { "$($_.Name): $($_.Detail)" } | Should -BeNullOrEmpty
        ($checks | Where-Object Name -EQ TargetProfile).Detail | Should -BeLike '*orders (id) with status ''finished'' at finished_at get invoices*'
        ($checks | Where-Object Name -EQ Tables).Detail | Should -BeLike '3 tables*'
        ($checks | Where-Object Name -EQ Soak).Status | Should -Be Warning
    }

    It 'has candidates, and a plan of them that describes its function' {
        $candidates = Get-BackfillCandidate @to -EngineVersion v2
        $candidates | Should -HaveCount 6
        ($candidates | Where-Object Backfillable -EQ $false).SessionId | Should -Be '0bde0000-0000-4000-8000-000000000008'
        $plan = $candidates | Where-Object Backfillable | New-BackfillPlan (Join-Path (New-TestFolder) own.json) -EngineVersion v2 @to
        $plan.Functions.Function | Should -Be make_invoice
        $plan.ExpectedChanges.Tables[0].NewRows, $plan.ExpectedChanges.Tables[0].UpdatedRows | Should -Be 4, 1
    }

    It 'has no default for the version that its results must have: <_>' -ForEach @(
        { Test-ProdHealth @to -OutputPath (New-TestFolder) }, { Get-BackfillCandidate @to }
        { New-BackfillPlan -SessionId (New-Guid) -Path (Join-Path (New-TestFolder) own.json) @to }
        { Start-StagingSoak -Since ([DateTimeOffset]::UtcNow.AddHours(-4)) -OutputPath (New-TestFolder) @to }) {
        $_ | Should -Throw -ErrorId 'EngineVersionMissing,*'
    }

    It 'is applied, soaked, healthy, and rolled back to what it was' {
        $folder = New-TestFolder
        $results = Invoke-BackfillApply (Join-Path $examples orders.plan.json) -ThrottlePerMinute 1200 -OutputPath $folder @to @quiet
        $results.Outcome | Should -Be (@('Succeeded') * 5)
        $run = Get-BackfillRun -Latest @to
        (Invoke-Sql 'select count(*) from public.invoices where version = ''v2''' $sandbox) | Should -Be 6

        $sample = Start-StagingSoak -Since ([DateTimeOffset]::UtcNow.AddHours(-4)) -EngineVersion v2 -OutputPath $folder @to @quiet
        $status = @{}
        $sample[-1].Checks | ForEach-Object { $status[$_.Name] = "$($_.Status)" }
        $status.VersionOverrides, $status.FcUsage, $status.TokenAccess, $status.EngineOverrideEvents |
            Should -Be Pass, NotMeasured, NotMeasured, NotMeasured
        $sample[-1].ConversionRate | Should -Be (6 / 7)

        $report = Test-ProdHealth -EngineVersion v2 -OutputPath $folder @to
        $report.NeedingBackfill, $report.NotBackfillable, $report.SessionsAnalyzed | Should -Be 0, 1, 7

        # Whoever measures by another profile has other evidence.
        $null = Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' -Override -Confirm:$false @to
        (Get-BackfillGate $run.RunId ApplyReview @to).Status | Should -Be Approved
        $without = Connect-Backfill -Sandbox $sandbox
        (Get-BackfillGate $run.RunId ApplyReview -Connection $without).Status | Should -Be Invalidated
        Disconnect-Backfill -Connection $without

        $undone = Invoke-BackfillRollback -RunId $run.RunId -Confirm:$false @to @quiet
        $undone.Verified | Should -Not -Contain $false
        Get-Rows | Should -Be $before
    }
}

Describe 'A profile that is wrong' {
    It 'is told with pointer and line: <Code>' -ForEach @(
        @{ Old = '"key": "id"'; New = '"kei": "id"'; Code = 'PlanFieldUnknown'; Where = 'line 7, column 7, /target_profile/subject/kei' }
        @{ Old = '"public.invoices"'; New = '"other.invoices"'; Code = 'PlanTableInvalid'; Where = '/target_profile/result/table' }
        @{ Old = '"version": "v1"'; New = '"version": "v9"'; Code = 'PlanTextInvalid'; Where = 'line 4' }
        @{ Old = '"finished_at"'; New = '"finished at"'; Code = 'PlanColumnInvalid'; Where = '/target_profile/subject/when_column' }
    ) {
        $file = Join-Path (New-TestFolder) wrong.json
        Set-Content $file (Get-Content $targetProfile -Raw).Replace($Old, $New)
        $record = try { $null = Connect-Backfill -Sandbox $sandbox -TargetProfile $file } catch { $_ }
        $record.FullyQualifiedErrorId | Should -BeLike 'ProfileInvalid,*'
        "$record" | Should -BeLike "*$Where*"
        "$record" | Should -BeLike "*$Code*"
    }

    It 'names a table that is not there as any other that is missing' {
        $file = Join-Path (New-TestFolder) other.json
        Set-Content $file (Get-Content $targetProfile -Raw).Replace('public.orders', 'public.order_book')
        Get-ErrorId { Connect-Backfill -Sandbox $sandbox -TargetProfile $file } | Should -Be TablesMissing
        $checks = Test-BackfillConnection -Sandbox $sandbox -TargetProfile $file
        ($checks | Where-Object Name -EQ Tables).Detail | Should -BeLike '*no table public.order_book*'
        Set-Content $file (Get-Content $targetProfile -Raw).Replace('"finished_at"', '"status"')
        $checks = Test-BackfillConnection -Sandbox $sandbox -TargetProfile $file
        ($checks | Where-Object Name -EQ Tables).Detail | Should -BeLike '*public.orders.status is text, not timestamp with time zone*'
    }
}
