# What the Tab key offers, asked of the engine as the shell does it.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }

    function Get-Offer([string] $Line) {
        [Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches
    }

    function Get-OfferText([string] $Line) { (Get-Offer $Line).CompletionText }
}

Describe 'Completion without a target' {
    It 'offers no runs and no batches, and no file names in their place' {
        $found = Invoke-Apart -ArgumentList (New-TestFolder) {
            param($Folder)
            Set-Location $Folder
            Set-Content a.txt ''
            $commands = Get-Command -Module Backfill.PowerShell | Where-Object { $_.Parameters.ContainsKey('RunId') }
            foreach ($line in @($commands | ForEach-Object { "$_ -RunId " }) + 'Get-BackfillRun ' + 'Get-BackfillSessionResult -BatchId ') {
                $offers = [Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
                [pscustomobject] @{ Line = $line; Offers = $offers.CompletionText }
            }
        }
        $found.Output.Count | Should -BeGreaterThan 12
        $found.Output | Where-Object Offers | Should -BeNullOrEmpty
    }

    It 'offers the words of a parameter: <Line>' -ForEach @(
        @{ Line = 'Get-BackfillSessionResult -Outcome Su'; Offers = 'Succeeded' }
        @{ Line = 'Connect-Backfill St'; Offers = 'Staging' }
        @{ Line = 'Get-BackfillGate -Name So'; Offers = 'SoakGoNoGo' }
        @{ Line = 'Set-BackfillSandboxFault -Function '; Offers = 'score_fc_session', 'score_prism' }
        @{ Line = 'Set-BackfillSandboxFault TableLock -Table public.pr'; Offers = 'public.profiles' }
    ) {
        Get-OfferText $Line | Should -Be $Offers
    }
}

Describe 'Completion of a plan''s path' {
    BeforeAll {
        $folder = New-TestFolder
        Push-Location $folder
        $null = New-TestPlan one.json (New-Guid)
        $null = New-TestPlan two.json (New-Guid)
        Rename-Item two.json "it's two [1].json"
        Set-Content settings.json '{ "a": { "backfill_plan": 1 } }'
        Set-Content broken.json '{ "backfill_plan": { "version": '
        Set-Content text.txt ''
        $null = New-Item 'a folder' -ItemType Directory
    }

    AfterAll { Pop-Location }

    It 'offers plans, broken ones too, and folders, in quotes where they need them: <Line>' -ForEach @(
        @{ Line = 'Get-BackfillPlan '; Offers = "'./a folder'", './broken.json', "'./it''s two [1].json'", './one.json' }
        @{ Line = 'Test-BackfillPlan -LiteralPath o'; Offers = './one.json' }
        @{ Line = "Invoke-BackfillApply '"; Offers = "'./a folder'", "'./broken.json'", "'./it''s two [1].json'", "'./one.json'" }
        @{ Line = 'Invoke-BackfillPipeline ./b'; Offers = './broken.json' }
        @{ Line = 'Invoke-BackfillApply ./one.json -ReviewAfter '; Offers = 'named' }
        @{ Line = 'Invoke-BackfillPipeline ./one.json -ReviewAfter N'; Offers = 'named' }
        @{ Line = 'New-BackfillRollback -Path "i'; Offers = "`"./it's two [1].json`"" }
    ) {
        # On a busy machine a key that is pressed may get no answer in time.
        $offered = [ref] $null
        Wait-Until { $offered.Value = Get-OfferText $Line; $offered.Value }
        $offered.Value.Replace('\', '/') | Should -Be $Offers
    }

    It 'offers nothing in a folder that is not there' { Get-OfferText 'Get-BackfillPlan nowhere/' | Should -BeNullOrEmpty }

    It 'offers what the cmdlet takes' {
        $offer = Get-OfferText 'Get-BackfillPlan ./i'
        $offer | Should -HaveCount 1
        (Invoke-Expression "Get-BackfillPlan $offer -WarningAction SilentlyContinue").TotalCandidates | Should -Be 1
    }
}

Describe 'Completion of a run' {
    BeforeAll {
        $older = New-TestRun
        $newest = New-TestRun
    }

    It 'offers the newest first' { (Get-OfferText 'Remove-BackfillRun ')[0, 1] | Should -Be "$($newest.RunId)", "$($older.RunId)" }

    It 'tells the run''s state, environment, plan and time' {
        $tip = (Get-Offer 'Get-BackfillRun -RunId ')[0].ToolTip
        $tip | Should -Match '^Completed, Staging, plan \S+, started 20\d\d-\d\d-\d\d \d\d:\d\dZ$'
    }

    It 'keeps the quote and the digits that were typed' {
        Get-OfferText "Get-BackfillRun -RunId '$("$($newest.RunId)".Substring(0, 30))" | Should -Contain "'$($newest.RunId)'"
    }

    It 'offers only runs in a state that the command takes' {
        Get-OfferText 'Get-BackfillRun ' | Should -Contain "$($newest.RunId)"
        Get-OfferText 'Resume-BackfillRun ' | Should -Not -Contain "$($newest.RunId)"
    }

    It 'asks the connection that the line names' {
        (Invoke-Apart -ArgumentList $world.Connection, (Get-Command Get-Offer).Definition {
            param($Connection, $GetOffer)
            Set-Item Function:Get-Offer ([scriptblock]::Create($GetOffer))
            (Get-Offer 'Get-BackfillRun -Connection $Connection -RunId ')[0].CompletionText
            (Get-Offer 'Get-BackfillRun -RunId ').Count
        }).Output | Should -Be "$($newest.RunId)", 0
    }

    It 'offers the batches of the run that the line names' {
        Get-OfferText "Get-BackfillSessionResult $($newest.RunId) -BatchId " | Should -Be named
    }
}

Describe 'Completion while the target does not answer' {
    # No clock is needed: if the question still waits for the lock after the key, the key did not wait for it.
    It 'offers nothing and returns, and offers at a later key what has come since' {
        $null = New-TestRun
        $waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%backfill.run%'"
        $holder = Open-Sql
        try {
            $lock = $holder.CreateCommand()
            $lock.CommandText = 'begin; lock table backfill.run in access exclusive mode'
            $null = $lock.ExecuteNonQuery()
            # A question is given up after some seconds: a look that comes too late is repeated.
            $isWaiting = foreach ($press in 1..10) {
                Get-Offer 'Get-BackfillRun ' | Should -BeNullOrEmpty
                if ((Invoke-Sql $waiting) -ne '0') { $true; break }
            }
            $isWaiting | Should -BeTrue
        }
        finally { $holder.Dispose() }
        $offers = foreach ($press in 1..100) { if ($offer = Get-Offer 'Get-BackfillRun ') { $offer; break } }
        $offers | Should -Not -BeNullOrEmpty
    }
}
