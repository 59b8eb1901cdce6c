# The sandbox: how it starts and ends, its faults and its traffic.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $box = Start-BackfillSandbox -CandidateCount 0 -ClockFactor 720.5

    function Wait-End([int] $ProcessId) {
        try { [Diagnostics.Process]::GetProcessById($ProcessId).WaitForExit(60000) } catch [ArgumentException] { $true }
    }

    # What the sandbox tells of itself.
    function Get-Control([string] $What) {
        $control = $box.GetControl()
        Invoke-RestMethod "$($control.Url)/sandbox/v1/$What" -Headers @{ 'x-sandbox-key' = $control.Key }
    }
}

AfterAll { if ($box) { Stop-BackfillSandbox -Sandbox $box } }

Describe 'A sandbox' {
    It 'starts with a ledger, stops when it is told, and can be told twice' {
        $found = Invoke-Apart {
            $sandbox = Start-BackfillSandbox Production -CandidateCount 2 -Seed 7
            $connection = $sandbox | Connect-Backfill
            "$($connection.Environment)", "$($sandbox.Environment)"
            $connection | Disconnect-Backfill
            $sandbox | Stop-BackfillSandbox
            $sandbox.ProcessId
            $sandbox | Stop-BackfillSandbox
            Stop-BackfillSandbox
        }
        $found.Output[0, 1] | Should -Be Production, Production
        Wait-End $found.Output[2] | Should -BeTrue
    }

    It 'ends when its module is removed' {
        $result = Invoke-Pwsh @'
            $id = (Start-BackfillSandbox -CandidateCount 1).ProcessId
            Remove-Module Backfill.PowerShell
            try { [Diagnostics.Process]::GetProcessById($id).WaitForExit(60000) } catch [ArgumentException] { $true }
'@
        $result.Lines | Should -Be 'True' -Because $result.Errors
    }

    It 'ends with the process that started it' {
        $result = Invoke-Pwsh '(Start-BackfillSandbox -CandidateCount 1).ProcessId'
        $result.Lines | Should -HaveCount 1 -Because $result.Errors
        Wait-End $result.Lines[0] | Should -BeTrue
    }
}

Describe 'A fault of the sandbox' {
    AfterEach { Clear-BackfillSandboxFault -Sandbox $box }

    It 'is set as it was ordered' {
        Set-BackfillSandboxFault PartialCommit -Function score_prism -AfterTables 2 -Delay 8s -StatusCode 504 -Sandbox $box
        $fault = (Get-Control faults).faults
        $fault.kind, $fault.after_tables, $fault.delay_ms, $fault.status_code | Should -Be PartialCommit, 2, 8000, 504
    }

    It 'leaves to the sandbox what was not ordered' {
        Set-BackfillSandboxFault PartialCommit -Sandbox $box
        Set-BackfillSandboxFault Accepted -Sandbox $box
        $partial, $accepted = (Get-Control faults).faults
        $partial.after_tables, $partial.delay_ms, $partial.status_code | Should -Be $null, $null, $null
        $accepted.kind, $accepted.delay_ms | Should -Be Accepted, 1000
    }

    It 'can be of every kind' {
        $others = 'Unreachable', 'LongTransaction', 'TableLock', 'ReplicationLag', 'ArchiveStuck', 'Autovacuum', 'ConnectionsUsed'
        $kinds = [enum]::GetNames([Backfill.BackfillSandboxFaultKind]).Where{ $_ -notin $others }
        $kinds | Should -HaveCount 11
        foreach ($kind in $kinds) { Set-BackfillSandboxFault $kind -Sandbox $box -WarningAction SilentlyContinue }
        (Get-Control faults).faults.kind | Sort-Object | Should -Be ($kinds | Sort-Object)
    }

    It 'that makes the API unreachable lasts until it is cleared' {
        function Get-Answer {
            $client = [Net.Http.HttpClient]::new()
            try { "$([int] $client.GetAsync("$($box.ApiUrl)/rest/v1/").GetAwaiter().GetResult().StatusCode)" }
            catch { "$($_.Exception.GetBaseException().SocketErrorCode)" }
            finally { $client.Dispose() }
        }
        Get-Answer | Should -Be 401
        Set-BackfillSandboxFault Unreachable -Sandbox $box
        Get-Answer | Should -Be ConnectionRefused
        Clear-BackfillSandboxFault -Sandbox $box
        Get-Answer | Should -Be 401
    }

    It 'that makes the API unreachable can''t be narrowed: <_>' -ForEach @(
        @{ Function = 'score_prism' }, @{ SessionId = [guid]::NewGuid() }, @{ Rate = 0.5 }, @{ Count = 1 }, @{ PerSession = 1 }
    ) {
        $narrowed = $_
        { Set-BackfillSandboxFault Unreachable @narrowed -Sandbox $box } | Should -Throw '*the whole API*' -ErrorId 'SandboxFaultRefused,*'
        (Get-Control faults).faults | Should -BeNullOrEmpty
    }

    It 'that ails the database is planted, lasts until it is cleared, and can''t be narrowed' {
        Set-BackfillSandboxFault LongTransaction -Table public.profiles -Sandbox $box
        $fault = (Get-Control faults).faults
        $fault.kind, $fault.table, $fault.delay_ms | Should -Be LongTransaction, public.profiles, $null
        { Set-BackfillSandboxFault TableLock -Table public.profiles -Sandbox $box } |
            Should -Throw '*TableLock could not be planted*' -ErrorId 'SandboxFaultRefused,*'
        { Set-BackfillSandboxFault TableLock -Rate 0.5 -Sandbox $box } | Should -Throw '*the whole database*' -ErrorId 'SandboxFaultRefused,*'

        Clear-BackfillSandboxFault -Sandbox $box
        Set-BackfillSandboxFault TableLock -Table public.profiles -Sandbox $box
        (Get-Control faults).faults.kind | Should -Be TableLock
    }

    It 'that makes no sense is refused' {
        { Set-BackfillSandboxFault Status -AfterTables 1 -Sandbox $box } | Should -Throw '*PartialCommit*'
        { Set-BackfillSandboxFault PartialCommit -AfterTables 6 -Sandbox $box } | Should -Throw '*AfterTables*'
        (Get-Control faults).faults | Should -BeNullOrEmpty
    }

    It 'is only described with -WhatIf, which warns, too, if it can have no effect' {
        $preview = Invoke-Apart -ArgumentList $box {
            param($Sandbox)
            Set-BackfillSandboxFault Unreachable -Sandbox $Sandbox -WhatIf
            Set-BackfillSandboxFault Accepted -StatusCode 200 -Sandbox $Sandbox -WhatIf -WarningVariable warned
            Set-BackfillSandboxFault TableLock -Table public.profiles -Sandbox $Sandbox -WhatIf
            Set-BackfillSandboxFault ConnectionsUsed -Sandbox $Sandbox -WhatIf
            $warned.Count
        }
        $preview.Output | Should -Be 1
        $preview.Screen | Should -HaveCount 4
        $preview.Screen[2] | Should -BeLike '*TableLock in public.profiles*'
        $preview.Screen[3] | Should -BeLike '*ConnectionsUsed in the database*'
        $preview.Screen[0] | Should -BeLike '*Unreachable for every caller*'
        $preview.Screen[1] | Should -BeLike '*Accepted for every session*'
        (Get-Control faults).faults | Should -BeNullOrEmpty
    }
}

Describe 'The traffic of the sandbox' {
    It 'is only described with -WhatIf' {
        $preview = Invoke-Apart -ArgumentList $box {
            param($Sandbox)
            Start-BackfillSandboxTraffic -RatePerMinute 30 -Unscored 0.25 -BrokenTokens -Sandbox $Sandbox -WhatIf
            Stop-BackfillSandboxTraffic -Sandbox $Sandbox -WhatIf
        }
        $preview.Screen | Should -HaveCount 2
        $preview.Screen[0] | Should -BeLike 'What if:*30 sessions a minute, 25 % unscored, any token opens a profile*'
        $preview.Screen[1] | Should -BeLike 'What if:*'
        (Get-Control traffic).traffic | Should -BeNullOrEmpty
    }

    It 'with impossible figures is refused, and none is started' {
        { Start-BackfillSandboxTraffic -Unscored 0.6 -WrongVersion 0.5 -Sandbox $box } |
            Should -Throw '*together at most 1*' -ErrorId 'SandboxTrafficRefused,*'
        { Start-BackfillSandboxTraffic -LegacyKind 1.5 -Sandbox $box } | Should -Throw '*LegacyKind*'
        { Start-BackfillSandboxTraffic 0 -Sandbox $box } | Should -Throw '*RatePerMinute*'
        { Start-BackfillSandbox -ClockFactor 0.5 } | Should -Throw '*ClockFactor*'
        (Get-Control traffic).traffic | Should -BeNullOrEmpty
    }

    It 'starts as it was ordered, replaces the traffic that runs, stops, and can be stopped twice' {
        $box.ClockFactor | Should -Be 720.5
        $shares = @{ Unscored = 0.1; WrongVersion = 0.2; LegacyKind = 0.3; OverrideEvents = 0.4 }
        Start-BackfillSandboxTraffic -RatePerMinute 20.5 @shares -BrokenTokens -Seed 3 -Sandbox $box
        $state = Get-Control traffic
        $first = $state.traffic[-1]
        $state.broken_tokens, $first.running, $first.seed | Should -Be $true, $true, 3
        $first.rate_per_minute | Should -Be 20.5
        $first.unscored, $first.wrong_version, $first.legacy_kind, $first.override_events | Should -Be 0.1, 0.2, 0.3, 0.4

        $box | Start-BackfillSandboxTraffic
        $state = Get-Control traffic
        $state.broken_tokens, $state.traffic[-1].running, $state.traffic[-1].seed | Should -Be $false, $true, 1
        $state.traffic[-1].number, $state.traffic[-1].rate_per_minute, $state.traffic[-1].unscored | Should -Be 2, 20, 0
        $state.traffic[0].running | Should -BeFalse

        Stop-BackfillSandboxTraffic $box
        Stop-BackfillSandboxTraffic $box
        $state = Get-Control traffic
        $state.broken_tokens, $state.traffic[-1].number, $state.traffic[-1].running | Should -Be $false, 2, $false
    }
}

Describe 'The sandbox that a cmdlet means without -Sandbox' {
    It 'is the only one that this session has started, and an error if there is none' {
        $found = Invoke-Apart {
            Get-ErrorId { Start-BackfillSandboxTraffic }
            $sandbox = Start-BackfillSandbox -CandidateCount 0
            Set-BackfillSandboxFault Accepted
            Clear-BackfillSandboxFault
            Start-BackfillSandboxTraffic
            Stop-BackfillSandboxTraffic
            Stop-BackfillSandbox
            Get-ErrorId { Stop-BackfillSandboxTraffic }
            Get-ErrorId { Start-BackfillSandboxTraffic -Sandbox $sandbox }
        }
        $found.Output | Should -Be SandboxNotRunning, SandboxNotRunning, SandboxGone
    }
}
