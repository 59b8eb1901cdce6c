# Every example of the help runs as printed. A page's examples run one after the other, in a new folder; what one sets, the next has.
# Pages that only read share a world; every other page has its own.

BeforeDiscovery {
    . $PSScriptRoot/World.ps1
    . $PSScriptRoot/Console.ps1
    $noConsole = Get-NoConsoleReason
    $pages = (Get-Command -Module Backfill.PowerShell).Name | ForEach-Object {
        $code = (Get-Help $_ -Examples).examples.example.code
        $kind = $code -match '= Start-BackfillSandbox' ? 'Sandbox' :
            $code -match '\b(Clear|Confirm|Connect|Deny|Disconnect|Initialize|Invoke|Remove|Resume|Set|Start|Stop|Suspend)-(Backfill|Prod|Staging)' ? 'Change' : 'Read'
        @{ Page = $_; Count = @($code).Count; Kind = $kind }
    }
    $groups = @(
        @{ Group = 'start a sandbox'; Kind = 'Sandbox' }
        @{ Group = 'read what about_Backfill begins with'; Kind = 'Read' }
        @{ Group = 'change what about_Backfill begins with'; Kind = 'Change' }
    ) | ForEach-Object { $_.Pages = @($pages | Where-Object Kind -EQ $_.Kind); $_ }
}

BeforeAll {
    . $PSScriptRoot/World.ps1

    # The sandbox, plans and run from which examples go on: the indented code of about_Backfill. Its own sandbox is left out.
    $topic = (Get-Help about_Backfill).Split("`n")
    $start = [array]::IndexOf($topic.Trim(), 'A PLACE TO TRY IT')
    $end = $start + 1
    while ($topic[$end] -notmatch '^\S') { $end++ }
    $beginning = $topic[$start..$end] -match '^ {8}' -notmatch 'Start-BackfillSandbox' -join "`n"

    # Puts the world back to where it was. Examples that connect without a sandbox take the settings from the environment.
    $putBack = @'
$running = $null
function Reset-World {
    if (-not $script:running) {
        $script:running = Start-BackfillSandbox
        $env:SUPABASE_URL = $running.ApiUrl
        $env:SUPABASE_SERVICE_ROLE_KEY = $running.ServiceRoleKey
        $env:SUPABASE_ANON_KEY = $running.AnonKey
        $env:SUPABASE_DB_URL = $running.DatabaseUrl
    }
    $script:sandbox = $running
    Get-BackfillConnection | Disconnect-Backfill
    $null = Connect-Backfill -Sandbox $running
    Clear-BackfillSandboxFault
    Stop-BackfillSandboxTraffic
    $open = Get-BackfillRun -State Pending, Running, Suspended, Paused, Halted
    if ($open) { $open | Stop-BackfillRun -Reason 'the example is over' -Confirm:$false }
    foreach ($run in Get-BackfillRun -State Completed, Aborted) { Undo-Run $run.RunId }
    Get-BackfillConnection | Disconnect-Backfill
}

# For all that the module knows, a call that was refused a moment ago may still be committed: then the run is busy for two seconds.
function Undo-Run([guid] $RunId) {
    while ($true) {
        try { $null = Invoke-BackfillRollback -RunId $RunId -OnConflict Skip -Confirm:$false -WarningAction SilentlyContinue; return }
        catch { if ($_.FullyQualifiedErrorId -notlike 'RunBusy,*') { throw } }
        Start-Sleep -Milliseconds 200
    }
}

function Reset-Session {
    Get-BackfillConnection | Disconnect-Backfill
    Stop-BackfillSandbox
}

'@

    # A page's examples as a script, which says of each what came of it: 'well', or an error.
    function Get-PageScript([string] $Page, [string] $Before) {
        "& {`n$Before"
        foreach ($code in (Get-Help $Page -Examples).examples.example.code) {
            $block = "[scriptblock]::Create('$($code.Replace("'", "''"))')"
            "try { . ($block) | Out-Default; '> $Page well' } catch { `"> $Page `$(`$_.FullyQualifiedErrorId): `$_`" }"
        }
        '}'
    }
}

# A page that reads is quick. Each of the others brings its own world, so every day only the pages that read run.
$examples = {
    BeforeAll {
        $before = {
            "Set-Location '$(New-TestFolder)'"
            $Kind -eq 'Sandbox' ? 'Reset-Session' : "Reset-World`n$beginning"
        }
        $script = if ($Kind -eq 'Read') {
            & $before
            $Pages.Page | ForEach-Object { Get-PageScript $_ '' }
        }
        else { $Pages.Page | ForEach-Object { Get-PageScript $_ ((& $before) -join "`n") } }
        $result = Invoke-Pwsh "$putBack`n$($script -join "`n")`nReset-Session`n'> end'" -Minutes 8
        $said = $result.Lines -match '^> ' | ForEach-Object { $_.Substring(2) }
    }

    It 'run as printed: <Page>' -ForEach $Pages {
        $said -match "^$Page " | Should -Be (@("$Page well") * $Count)
    }

    It 'leave a session that can be ended' {
        $result.ExitCode | Should -Be 0 -Because $result.Errors
        $said[-1] | Should -Be 'end'
    }
}

Describe 'The examples that <Group>' -ForEach ($groups | Where-Object Kind -EQ Read) $examples
Describe 'The examples that <Group>' -Tag full -ForEach ($groups | Where-Object Kind -NE Read) $examples

Describe 'The README' {
    BeforeAll {
        . $PSScriptRoot/Console.ps1
        # The code block below a heading.
        function Get-ReadmeCode([string] $Heading) {
            $readme = Get-Content (Join-Path $RepositoryRoot README.md) -Raw
            [regex]::Match($readme, "(?s)## $Heading\n.*?``````powershell\n(.*?)``````").Groups[1].Value
        }

        # What the blocks expect in the current folder: the module, and the plans.
        function New-Checkout {
            $folder = New-TestFolder
            $null = New-Item (Join-Path $folder out Backfill.PowerShell) -ItemType SymbolicLink -Value $ModuleFolder -Force
            Copy-Item (Join-Path $RepositoryRoot plans) $folder -Recurse
            $folder
        }
    }

    It 'has a first rehearsal that runs as printed, with y at its two questions' -Skip:([bool] $noConsole) {
        $checkout = New-Checkout
        # Six hours in fifteen seconds instead of ninety: this test doesn't judge the soak's verdict.
        $script = (Get-ReadmeCode 'A first rehearsal').Replace('-ClockFactor 240', '-ClockFactor 1440') + '"$($results.Count) results"'
        $console = Start-Console $script -Location $checkout -Environment @{} -NoModule
        try {
            foreach ($question in 'Approve gate ApplyReview', 'Roll back') {
                Wait-Console $console $question
                Wait-Question $console
                Send-Console $console "y$Enter"
            }
            $end = Wait-ConsoleEnd $console
            $end.Text | Should -Match ' 39 results $'
            $end.ExitCode | Should -Be 0
            foreach ($file in 'backfill_summary.md', 'staging_observability.md') { Join-Path $checkout out rehearsal $file | Should -Exist }
        }
        finally { Stop-Console $console }
    }

    # In place of the project's settings those of sandboxes, before each Connect-Backfill; in place of the installed module the
    # staged one; and in place of answers, -Confirm:$false.
    It 'has a runbook in short that goes from the plan to the gate of production' -Tag full {
        $folder = New-TestFolder
        $sandbox = Start-BackfillSandbox -CandidateCount 60 -ClockFactor 720
        $prod = Start-BackfillSandbox Production -CandidateCount 3
        try {
            $connection = Connect-Backfill -Sandbox $sandbox
            $null = Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $sandbox
            $null = Get-BackfillCandidate -Connection $connection | Where-Object Backfillable | Select-Object -First 2 |
                New-BackfillPlan (Join-Path $folder backfill_apply.plan.json)
            Disconnect-Backfill -Connection $connection
            $settings = Get-SandboxSetting $prod
            $set = $settings.Keys | ForEach-Object { "`$env:$_ = '$($settings[$_])'" }
            $script = (Get-ReadmeCode 'A runbook in fifteen lines').
                Replace('Import-Module Backfill.PowerShell', "Import-Module '$ModuleManifest'").
                Replace('$production = Connect', "$($set -join "`n")`n`$production = Connect") -replace
                "(-Reason '[^']+')", '$1 -Confirm:$false'
            $result = Invoke-Pwsh $script -Location $folder -Environment (Get-SandboxSetting $sandbox) -NoModule -Minutes 5
            $result.Errors | Should -BeNullOrEmpty
            $result.ExitCode | Should -Be 3
            Join-Path $folder artifacts staging_observability.md | Should -Exist
            Join-Path $folder artifacts prod_mini_backfill_plan.json | Should -Exist
        }
        finally { $sandbox, $prod | ForEach-Object { Stop-BackfillSandbox -Sandbox $_ } }
    }
}
