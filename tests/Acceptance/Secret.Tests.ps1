# Keys and passwords are looked for everywhere that a run, and what goes wrong with it, leaves something.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $box = $world.Sandbox
    $secrets = [ordered] @{
        'the service role''s key'   = $box.ServiceRoleKey
        'the anonymous key'         = $box.AnonKey
        'the database''s password' = ([uri] $box.DatabaseUrl).UserInfo.Split(':')[1]
    }

    function Get-SecretIn([string] $Text) { foreach ($name in $secrets.Keys) { if ($Text.Contains($secrets[$name])) { $name } } }
}

Describe 'A sandbox and its connection' {
    It 'are shown without a secret, <_>' -ForEach 'as a table', 'as a list', 'as text' {
        $objects = $world.Connection, $box
        $shown = switch ($_) {
            'as a table' { ($objects | ForEach-Object { $_ | Format-Table | Out-String -Width 1000 }) -join '' }
            'as a list' { ($objects | ForEach-Object { $_ | Format-List | Out-String -Width 1000 }) -join '' }
            'as text' { "$objects; $($objects -join '; ')" }
        }
        $shown | Should -Match 'Staging'
        Get-SecretIn $shown | Should -BeNullOrEmpty
        $shown | Should -Not -Match 'Key'
    }
}

Describe 'A run that fails' {
    BeforeAll {
        $folder = New-TestFolder
        # A session that needs a backfill, and one that isn't there.
        $null = New-TestPlan (Join-Path $folder plan.json) (Get-FreeSession), (New-Guid)
        $script = {
            $WarningPreference = $VerbosePreference = $InformationPreference = $ErrorActionPreference = 'Continue'
            $null = Connect-Backfill
            Get-BackfillConnection | Out-Default
            Test-BackfillConnection | Out-Default
            Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 *>&1 | Out-Default
            Get-BackfillRun -Latest | Select-Object * | Format-List | Out-Default
            # Each secret wrong in turn: what was typed must not come back in a message.
            $url = $env:SUPABASE_DB_URL
            foreach ($wrong in @(
                    @{ DatabaseUrl = $url -replace ':\d+/', ':1/' }
                    @{ DatabaseUrl = "$($url)?nonsense=1" }
                    @{ DatabaseUrl = $url -replace '/postgres$', '/elsewhere' }
                    @{ ServiceRoleKey = $env:SUPABASE_ANON_KEY }
                    @{ ServiceRoleKey = "$($env:SUPABASE_SERVICE_ROLE_KEY)x" }
                )) {
                try {
                    $null = Connect-Backfill @wrong
                    'connected'
                    Test-BackfillConnection | Out-Default
                }
                catch { "refused: $($_.FullyQualifiedErrorId)"; $_ | Out-Default; "$($_.Exception)" }
            }
            $error | ForEach-Object { "$($_.Exception)"; "$($_.TargetObject)"; "$($_.ErrorDetails)" }
        }
        $told = Invoke-Pwsh $script.ToString() -Environment (Get-SandboxSetting) -Location $folder
        $output = $told.Lines -join "`n"
    }

    It 'says in its streams what went wrong, and no secret' {
        "$output$($told.Errors)" | Should -Match 'did not succeed'
        $told.Lines -match '^refused: ' | Should -Not -BeNullOrEmpty
        Get-SecretIn "$output`n$($told.Errors)" | Should -BeNullOrEmpty
    }

    It 'leaves files without a secret' {
        $files = Get-ChildItem $folder -Recurse -File
        $files.Count | Should -BeGreaterThan 2
        foreach ($file in $files) {
            Get-SecretIn (Get-Content $file -Raw) | Should -BeNullOrEmpty -Because "$($file.Name) is read by others"
        }
    }

    It 'leaves a ledger without a secret' {
        # What an image holds is the target's own.
        $tables = Invoke-Sql "select schemaname || '.' || tablename from pg_tables where schemaname = 'backfill'"
        $ledger = ($tables | Where-Object { $_ -ne 'backfill.image' } | ForEach-Object { Invoke-Sql "select t::text from $_ t" }) -join "`n"
        $ledger | Should -Match 'score_prism'
        Get-SecretIn $ledger | Should -BeNullOrEmpty
    }
}

# Of every process that can be seen: the sandbox, its PostgreSQL and its guardian are among them.
Describe 'The command lines of processes' {
    It 'hold no secret' -Skip:(-not $IsLinux) {
        $lines = Get-ChildItem /proc -Directory | Where-Object Name -Match '^\d+$' |
            ForEach-Object { Get-Content (Join-Path $_.FullName cmdline) -Raw -ErrorAction Ignore }
        $all = $lines -join "`n"
        $all | Should -Match 'Backfill\.Sandbox'
        Get-SecretIn $all | Should -BeNullOrEmpty
    }
}
