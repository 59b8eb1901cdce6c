# Connecting to a target, looking at it, and what each cmdlet does without one.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $keys = @{}
    foreach ($name in 'ApiUrl', 'ServiceRoleKey', 'AnonKey', 'DatabaseUrl') { $keys[$name] = $world.Sandbox.$name }
}

Describe 'A connection by the settings of the environment' {
    BeforeAll {
        $environment = Get-SandboxSetting
        foreach ($name in $environment.Keys) { Set-Item "Env:$name" $environment[$name] }
    }

    AfterAll { foreach ($name in $environment.Keys) { Remove-Item "Env:$name" -ErrorAction Ignore } }

    It 'is open in its own session, with the label that the ledger has' {
        $found = Invoke-Apart {
            $connection = Connect-Backfill Staging
            $connection, @(Get-BackfillConnection).Count
            Disconnect-Backfill
        }
        $found.Output[0].Environment | Should -Be Staging
        $found.Output[0].IsSandbox | Should -BeTrue
        $found.Output[1] | Should -Be 1
    }

    It 'is refused under another label' {
        (Invoke-Apart {
            Get-ErrorId { Connect-Backfill Production }
            Get-ErrorId { Connect-Backfill Prodution }
            @(Get-BackfillConnection).Count
        }).Output | Should -Be EnvironmentMismatch, CannotConvertArgumentNoMessage, 0
    }

    It 'takes a secret that is given instead, as text or as SecureString' {
        $given = Invoke-Apart {
            $secure = ConvertTo-SecureString $env:SUPABASE_SERVICE_ROLE_KEY -AsPlainText -Force
            $text = $env:SUPABASE_DB_URL
            try {
                $env:SUPABASE_SERVICE_ROLE_KEY = $env:SUPABASE_DB_URL = ''
                Get-ErrorId { Connect-Backfill }
                (Connect-Backfill -ServiceRoleKey $secure -DatabaseUrl $text).Environment
                Disconnect-Backfill
            }
            finally {
                $env:SUPABASE_SERVICE_ROLE_KEY = ConvertFrom-SecureString $secure -AsPlainText
                $env:SUPABASE_DB_URL = $text
            }
        }
        $given.Output[0] | Should -Not -Be '(none)'
        $given.Output[1] | Should -Be Staging
    }

    It 'can be tested before it is open, and after' {
        (Invoke-Apart {
            Test-BackfillConnection -Quiet
            $null = Connect-Backfill
            Test-BackfillConnection -Quiet
            Disconnect-Backfill
        }).Output | Should -Be $true, $true
    }

    It 'can be open twice, and is not ambiguous then' {
        (Invoke-Apart {
            $first = Connect-Backfill
            $second = Connect-Backfill
            Get-ErrorId { Get-BackfillRun }
            Get-ErrorId { Invoke-BackfillApply missing.json }
            $first, $second | Disconnect-Backfill
        }).Output | Should -Be '(none)', PlanNotFound
    }

    # What an operator has set for other databases: the driver itself would follow each of them.
    It 'writes and reads the same, no matter what PostgreSQL''s own variables say' {
        $plan = New-TestPlan (Join-Path (New-TestFolder) plan.json) (Get-FreeSession)
        $reason = 'geprüft – 漢字 😀'
        $other = @{
            PGCLIENTENCODING = 'LATIN1'; PGOPTIONS = '-c default_transaction_read_only=on'; PGTZ = 'Nowhere/Land'
            PGSSLNEGOTIATION = 'direct'
            PGGSSENCMODE = 'require'; PGTARGETSESSIONATTRS = 'standby'; PGUSER = 'nobody'; PGPASSWORD = 'another'; PGAPPNAME = 'another'
        }
        $result = Invoke-Pwsh -Environment $other -Location (Split-Path $plan) @"
            `$null = Connect-Backfill Staging
            `$null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -WarningAction SilentlyContinue
            `$id = (Get-BackfillRun -Latest).RunId
            `$null = Confirm-BackfillGate ApplyReview `$id -Reason '$reason' -Override -Confirm:`$false
            "`$id"
            (Get-BackfillGate `$id ApplyReview).Reason -ceq '$reason'
"@
        $result.Lines | Should -HaveCount 2 -Because $result.Errors
        $result.Lines[1] | Should -Be 'True'
        (Get-BackfillGate $result.Lines[0] ApplyReview @to).Reason | Should -BeExactly $reason
    }
}

Describe 'Settings' {
    It 'that are missing are named' { { Connect-Backfill } | Should -Throw '*SUPABASE_URL*' -ErrorId 'ApiUrlMissing,*' }

    It 'that are wrong are refused, and no secret among them is repeated: <_>' -ForEach @(
        @{}
        @{ ServiceRoleKey = 'hunter2hunter2' }
        @{ ServiceRoleKey = 'sb_secret_hunter2hunter2'; DatabaseUrl = 'postgresql://u:hunter2hunter2@h:x/y' }
    ) {
        $wrong = $_
        $url = 'https://abcdefghijklmnopqrst.supabase.co'
        $told = try { Connect-Backfill -ApiUrl $url @wrong -Verbose -Debug *>&1 } catch { $_; "$($_.Exception)" }
        $told.FullyQualifiedErrorId | Should -Match ',Backfill\.PowerShell'
        $told | Out-String -Width 1000 | Should -Not -Match 'hunter2'
    }
}

Describe 'The checks of a connection' {
    BeforeAll { $checks = Test-BackfillConnection @to }

    It 'all pass on a sandbox' {
        $checks.Count | Should -BeGreaterThan 5
        $checks | ForEach-Object { $_.GetType().FullName } | Sort-Object -Unique | Should -Be Backfill.BackfillCheck
        ($checks | Group-Object Status).Name | Should -Be Passed
        Test-BackfillConnection @to -Quiet | Should -BeTrue
    }

    It 'fit a spreadsheet' {
        ($checks | ConvertTo-Csv | ConvertFrom-Csv)[0].PSObject.Properties.Name | Should -Be Name, Status, Detail, Remedy
    }

    It 'fail on a wrong key, with a remedy each and without a secret' {
        $wrong = $keys.Clone()
        $wrong.ServiceRoleKey = $keys.AnonKey
        $failed = Test-BackfillConnection @wrong | Where-Object Status -EQ Failed
        $failed | Should -Not -BeNullOrEmpty
        $failed | Where-Object { -not $_.Remedy } | Should -BeNullOrEmpty
        Test-BackfillConnection @wrong -Quiet | Should -BeFalse
        $said = @($checks) + $failed | Format-List | Out-String -Width 1000
        foreach ($name in 'ServiceRoleKey', 'AnonKey', 'DatabaseUrl') {
            $said.Contains($keys[$name]) | Should -BeFalse -Because "$name is a secret"
        }
    }
}

Describe 'Open connections' {
    It 'are listed' { @(Get-BackfillConnection).Fingerprint | Should -Contain $world.Connection.Fingerprint }

    It 'can be closed twice, and can''t be used after that' {
        (Invoke-Apart -ArgumentList $world.Sandbox {
            param($Sandbox)
            $connection = Connect-Backfill -Sandbox $Sandbox
            $connection | Disconnect-Backfill
            Disconnect-Backfill -Connection $connection
            Get-ErrorId { Get-BackfillRun -Connection $connection }
            Get-ErrorId { Test-BackfillConnection -Connection $connection }
            Get-ErrorId { Get-BackfillRun }
            @(Get-BackfillConnection).Count
        }).Output | Should -Be ConnectionClosed, ConnectionClosed, NotConnected, 0
    }

    It 'to two targets: what reads takes the newest, and what writes must be told where' {
        $found = Invoke-Apart -ArgumentList $world.Sandbox {
            param($Sandbox)
            $first = Connect-Backfill -Sandbox $Sandbox
            $other = Start-BackfillSandbox Production -CandidateCount 1 | Connect-Backfill
            try {
                "$($other.Environment)"
                Get-ErrorId { Get-BackfillRun }
                Get-ErrorId { Invoke-BackfillApply missing.json }
                Get-ErrorId { Disconnect-Backfill }
                Get-ErrorId { Invoke-BackfillApply missing.json -Connection $first }
                $lost = New-Guid
                try { Get-BackfillRun $lost }
                catch { $_.FullyQualifiedErrorId.Split(',')[0]; "$_".Contains("Only $other was looked at"); $_.TargetObject -eq $lost }
                # With -Connection it's clear where it looked.
                try { Get-BackfillGate $lost -Connection $first } catch { "$_".Contains('Only ') }
            }
            finally {
                Stop-BackfillSandbox
                $first, $other | Disconnect-Backfill
            }
        }
        $found.Output[0..4] | Should -Be Production, '(none)', ConnectionAmbiguous, ConnectionAmbiguous, PlanNotFound
        $found.Output[5..8] | Should -Be RunNotFound, $true, $true, $false
    }
}

Describe 'Without a connection' {
    It '<_> says how to connect' -ForEach @(
        'Get-BackfillRun', 'Get-BackfillSessionResult', 'Get-BackfillCandidate', 'Test-ProdHealth', 'Disconnect-Backfill',
        'Invoke-BackfillApply -RunId 0190aaaa-0000-7000-8000-000000000000'
    ) {
        $problem = (Invoke-Apart -ArgumentList $_ { param($Line) try { Invoke-Expression $Line } catch { $_ } }).Output[0]
        $problem.FullyQualifiedErrorId | Should -BeLike 'NotConnected,*'
        $problem.CategoryInfo.Category | Should -Be InvalidOperation
        "$problem" | Should -BeLike '*Connect-Backfill*'
    }
}

Describe 'A run that is not there' {
    It 'is an error that names it' {
        $id = [guid] '0190aaaa-0000-7000-8000-000000000000'
        try { Get-BackfillRun $id @to } catch { $problem = $_ }
        $problem.FullyQualifiedErrorId | Should -BeLike 'RunNotFound,*'
        $problem.TargetObject | Should -Be $id
        { Get-BackfillSessionResult -RunId $id @to } | Should -Throw -ErrorId 'RunNotFound,*'
    }
}

Describe 'The ledger' {
    It 'that exists can be installed again without a change' {
        $again = Initialize-BackfillLedger Staging @keys -Confirm:$false
        try { $again.Fingerprint | Should -Be $world.Connection.Fingerprint } finally { $again | Disconnect-Backfill }
    }

    It 'keeps its label' { Get-ErrorId { Initialize-BackfillLedger Production @keys -Confirm:$false } | Should -Be EnvironmentMismatch }

    It 'is left alone where nobody can be asked, and with -WhatIf' {
        $found = Invoke-Apart -ArgumentList $keys {
            param($Keys)
            Get-ErrorId { Initialize-BackfillLedger Staging @Keys }
            $null = Initialize-BackfillLedger Staging @Keys -WhatIf
            @(Get-BackfillConnection).Count
        }
        $found.Output[0] | Should -Match 'HostException$'
        $found.Output[1] | Should -Be 0
        $found.Screen | Should -BeLike 'What if:*'
    }
}
