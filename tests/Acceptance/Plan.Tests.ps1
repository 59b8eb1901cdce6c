# Finding, reading, checking, previewing and making plans.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $folder = New-TestFolder
    # The small plans expect no changes, and are warned of for that.
    $quiet = @{ WarningAction = 'SilentlyContinue' }
    Push-Location $folder
    foreach ($name in 'a1.plan.json', 'a2.plan.json', 'c.plan.json') { $null = New-TestPlan $name (New-Guid) }
    Rename-Item c.plan.json 'b[1].plan.json'
    Set-Content broken.json '{ "backfill_plan": ' -NoNewline
    Set-Content empty.json '{}'
}

AfterAll { Pop-Location }

Describe 'A plan''s path' {
    It 'is a pattern, or a literal name' {
        (Get-BackfillPlan a*.plan.json @quiet).Path | Split-Path -Leaf | Should -Be a1.plan.json, a2.plan.json
        (Get-BackfillPlan 'b[1].plan.json' @quiet).Path | Split-Path -Leaf | Should -Be 'b[1].plan.json'
        (Get-BackfillPlan -LiteralPath 'b[1].plan.json' @quiet).Path | Split-Path -Leaf | Should -Be 'b[1].plan.json'
        { Get-BackfillPlan -LiteralPath 'a*.plan.json' } | Should -Throw -ErrorId 'PlanNotFound,*'
        @('a1.plan.json', 'a2.plan.json' | Get-BackfillPlan @quiet) | Should -HaveCount 2
    }

    It 'starts at the current folder, even if the current location is not in the file system' {
        Push-Location Env:
        try {
            (Get-BackfillPlan a1.plan.json @quiet).Path | Should -Be (Join-Path $folder a1.plan.json)
            (Get-BackfillPlan *.plan.json @quiet).Path | Split-Path -Leaf | Should -Be a1.plan.json, a2.plan.json, 'b[1].plan.json'
        }
        finally { Pop-Location }
    }

    It 'comes as text, as a file, or as the property of a plan or another object' {
        $ApplyPlan | Test-BackfillPlan -Quiet | Should -BeTrue
        Get-Item $ApplyPlan | Test-BackfillPlan -Quiet | Should -BeTrue
        [pscustomobject] @{ Path = $ApplyPlan } | Test-BackfillPlan -Quiet | Should -BeTrue
        Get-BackfillPlan $ApplyPlan | Test-BackfillPlan -Quiet | Should -BeTrue
        $found = Get-ChildItem (Split-Path $ApplyPlan) -Filter *.plan.json | Get-BackfillPlan
        $found | Where-Object TotalCandidates -EQ 39 | Should -HaveCount 1
    }
}

Describe 'A plan that can''t be read' {
    It 'ends with <Id>: <Path>' -ForEach @(
        @{ Path = 'missing.json'; Id = 'PlanNotFound' }
        @{ Path = 'nothing*.json'; Id = 'PlanNotFound' }
        @{ Path = 'no/such/folder/*.json'; Id = 'PlanNotFound' }
        @{ Path = 'broken.json'; Id = 'PlanNotJson' }
        @{ Path = 'empty.json'; Id = 'PlanInvalid' }
        @{ Path = 'Env:PATH'; Id = 'PathNotFile' }
    ) {
        Get-ErrorId { Get-BackfillPlan $Path } | Should -Be $Id
    }

    It 'is named by the error' {
        try { Get-BackfillPlan broken.json } catch { $problem = $_ }
        $problem.CategoryInfo.Category | Should -Be InvalidData
        $problem.TargetObject | Should -Be (Join-Path $folder broken.json)
    }
}

Describe 'A plan''s test' {
    It 'finds nothing wrong with the plan of the repository' {
        Test-BackfillPlan $ApplyPlan | Where-Object Severity -EQ Error | Should -BeNullOrEmpty
        Test-BackfillPlan $ApplyPlan -Quiet | Should -BeTrue
    }

    It 'finds a rate of zero, with its line and place' {
        (Get-Content $ApplyPlan -Raw).Replace('"throttle_per_minute": 20', '"throttle_per_minute": 0') | Set-Content zero.json
        $problem = Test-BackfillPlan zero.json | Where-Object Severity -EQ Error
        $problem.Pointer | Should -Be '/backfill_plan/throttle_per_minute'
        (Get-Content zero.json)[$problem.Line - 1] | Should -Match 'throttle_per_minute'
    }

    It 'reports what isn''t JSON as a problem, and with -Quiet as false' {
        Test-BackfillPlan broken.json | ForEach-Object { "$($_.Severity) $($_.Line) $($_.Code)" } | Should -Be 'Error 1 PlanNotJson'
        Test-BackfillPlan broken.json -Quiet | Should -BeFalse
    }

    It 'ends with an error if the plan is missing, with -Quiet too' {
        Get-ErrorId { Test-BackfillPlan missing.json } | Should -Be PlanNotFound
        Get-ErrorId { Test-BackfillPlan missing.json -Quiet } | Should -Be PlanNotFound
    }
}

Describe 'A plan' {
    It 'has its environment, its batches and a hash' {
        $plan = Get-BackfillPlan $ApplyPlan
        $plan.Environment | Should -Be Staging
        $plan.TotalCandidates | Should -Be 39
        $plan.Batches | Should -HaveCount 3
        $plan.Hash | Should -MatchExactly '^[0-9a-f]{64}$'
    }

    It 'that is made of chosen sessions is the one that loads' {
        $sessions = Get-BackfillCandidate @to -First 2
        $made = $sessions | New-BackfillPlan made.plan.json -Environment Staging
        $loaded = Get-BackfillPlan $made.Path
        $loaded.Hash | Should -Be $made.Hash
        $loaded.TotalCandidates | Should -Be 2
        $loaded.Batches.Sessions | Sort-Object | Should -Be ($sessions.SessionId | Sort-Object)
    }
}

Describe 'A preview' {
    BeforeAll {
        $before = @(Get-BackfillRun @to).Count
        $preview = Invoke-Apart -ArgumentList $world.Connection, $ApplyPlan {
            param($Connection, $Plan)
            Invoke-BackfillApply $Plan -Connection $Connection -OutputPath out -WhatIf
        }
        $calls = $preview.Output
    }

    It 'names each call of the two functions once' {
        ($calls | Group-Object Function | Sort-Object Name).Name | Should -Be score_fc_session, score_prism
        $calls.Count | Should -Be ($calls | Sort-Object SessionId, Function -Unique).Count
        $calls | ForEach-Object { $_.GetType().FullName } | Sort-Object -Unique | Should -Be Backfill.BackfillPlannedCall
    }

    It 'keeps the calls'' parameters in JSON' {
        ($calls | ConvertTo-Json -Depth 8 -EnumsAsStrings -AsArray | ConvertFrom-Json)[0].Params.version | Should -Be 'v1.2'
    }

    It 'makes no run and no file' {
        Get-BackfillRun @to | Should -HaveCount $before
        Join-Path $folder out | Should -Not -Exist
    }
}
