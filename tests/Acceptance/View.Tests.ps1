# How objects look on the screen, and how they go into a CSV or JSON file. All kinds come from one run: it is applied, of which one
# session fails, soaked, and rolled back.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }
    $folder = New-TestFolder
    # The cmdlets write their files there.
    Push-Location $folder
    $missing = New-Guid
    $path = New-TestPlan (Join-Path $folder run.plan.json) (Get-FreeSession), $missing
    Set-Content (Join-Path $folder odd.json) '{ "backfill_plan": { "version": 1 }, "nonsense": true }'

    $results = Invoke-BackfillApply $path @to -ThrottlePerMinute 1200 -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
    $run = Get-BackfillRun -Latest @to
    $plan = Get-BackfillPlan $ApplyPlan
    $gate = Get-BackfillGate -RunId $run.RunId @to
    $sample = Start-StagingSoak -Since 2025-08-01 @to -WarningAction SilentlyContinue
    $rollback = $run | New-BackfillRollback
    $apart = Invoke-Apart -ArgumentList $world.Connection, $path, $ApplyPlan, $folder {
        param($Connection, $Path, $ApplyPlan, $Folder)
        Set-Location $Folder
        Invoke-BackfillApply $ApplyPlan -Connection $Connection -WhatIf | Select-Object -First 4
        Invoke-BackfillPipeline $Path -Connection $Connection
    }
    $undone = $run | Invoke-BackfillRollback -Confirm:$false -WarningAction SilentlyContinue
    $objects = @(
        $world.Connection
        $plan
        $plan.Batches
        Test-BackfillPlan (Join-Path $folder odd.json)
        $results
        $results[0].Operations
        $run
        $gate
        $gate.Criteria
        Test-BackfillConnection @to
        Get-BackfillCandidate -First 3 @to
        Test-ProdHealth @to
        $sample
        $sample.Checks
        $rollback
        $apart.Output
        $undone
        Get-BackfillSessionResult $run.RunId @to
        Get-BackfillEvent $run.RunId @to
        Get-BackfillImage $run.RunId @($results | Where-Object RowsInserted -GT 0)[0].SessionId @to | Where-Object Column -EQ session_id
    )

    # The types of the module that its cmdlets give out, with those of the lists in them.
    function Get-OutputTypeName {
        $found = [Collections.Generic.SortedSet[string]]::new()
        $open = [Collections.Generic.Queue[type]]::new([type[]] (Get-Command -Module Backfill.PowerShell).OutputType.Type)
        while ($open.Count) {
            $type = $open.Dequeue()
            if ($type.Namespace -ne 'Backfill' -or $type.IsEnum -or -not $found.Add($type.Name)) { continue }
            $lists = $type.GetProperties().PropertyType | Where-Object Name -Like 'ItemList*'
            foreach ($list in $lists) { $open.Enqueue($list.GetGenericArguments()[0]) }
        }
        $found
    }

    # All of the objects on a screen of that many columns. Headers have colours, which a real host would leave out.
    function Get-Screen([int] $Width) {
        $shown = Invoke-Apart -Width $Width -ArgumentList @(, $objects) { param($Objects) $Objects | ForEach-Object { , $_ | Out-Default } }
        $plain = $shown.Screen | ForEach-Object { [Management.Automation.Internal.StringDecorated]::new($_).ToString('PlainText') }
        $plain.Split("`n").TrimEnd()
    }

    function Get-View([string] $Kind) { [xml] (Get-Content (Join-Path $ModuleFolder "Backfill.PowerShell.$Kind.ps1xml") -Raw) }
}

AfterAll { Pop-Location }

Describe 'On a screen of <_> columns' -ForEach 80, 100, 200 {
    BeforeAll {
        $width = $_
        $lines = Get-Screen $width
        $text = $lines -join "`n"
    }

    It 'every line fits, and is at most 100 columns long' {
        $lines.Count | Should -BeGreaterThan 100
        $lines | Where-Object Length -GT $width | Should -BeNullOrEmpty
        # A path or a hash has no place to break, so its line may be longer.
        $lines | Where-Object { $_.Length -gt 100 -and $_ -notmatch '\S{60}' } | Should -BeNullOrEmpty
    }

    It 'nothing is cut off' {
        $text | Should -Not -Match '\.\.\.'
        $text | Should -Not -Match '…'
    }

    # A word is whole if it is one on a wider screen, too. Paths, hashes and commands may be broken.
    It 'no sentence breaks within a word' {
        $wide = (Get-Screen 1000) -split '\s+' | Sort-Object -Unique -CaseSensitive
        $long = ($wide | Where-Object Length -GT 20) -join ' '
        $words = $text -split '\s+' | Sort-Object -Unique -CaseSensitive
        $words | Where-Object { $_ -cnotin $wide -and -not $long.Contains($_) } | Should -BeNullOrEmpty
        $text | Should -Not -Match '(?m)^ +[.,]$'
    }

    It 'what an operator needs next can be copied' {
        $text | Should -Match "Failed +$missing"
        $text | Should -Match 'rolled back'
        [regex]::Matches($text, $run.RunId).Count | Should -BeGreaterThan 6
    }
}

Describe 'On a host without colours' {
    It 'no outcome is coloured' {
        $shown = (Invoke-Apart -ArgumentList @(, $results) { param($Results) $Results | Out-Default }).Screen -join "`n"
        $shown | Should -Match '(?m) Failed +[0-9a-f-]{36}$'
        $shown | Should -Match '(?m) Succeeded +[0-9a-f-]{36}$'
        $shown | Should -Not -Match '\e\[[0-9;]*m(Failed|Succeeded)'
    }
}

Describe 'The views' {
    BeforeAll {
        $views = (Get-View format).Configuration.ViewDefinitions.View
        $types = (Get-View types).Types.Type
    }

    It 'are a table, a list and a choice of properties for each type that comes out' {
        # A plan shows these as text.
        $parts = 'PlanOperation', 'PlanFunctionFootprint', 'PlanTableFootprint'
        $names = Get-OutputTypeName | Where-Object { $_ -notin $parts } | ForEach-Object { "Backfill.$_" }
        $names.Count | Should -BeGreaterThan 15
        $withTable = ($views | Where-Object TableControl).ViewSelectedBy.TypeName
        $withList = ($views | Where-Object ListControl).ViewSelectedBy.TypeName
        $withProperties = ($types | Where-Object { $_.SelectNodes('.//Name[.="DefaultDisplayPropertySet"]').Count }).Name
        $names | Where-Object { $_ -notin $withTable } | Should -BeNullOrEmpty
        $names | Where-Object { $_ -notin $withList } | Should -BeNullOrEmpty
        $names | Where-Object { $_ -notin $withProperties } | Should -BeNullOrEmpty
    }

    It 'are tables of fixed columns but the last, which has at least ten columns of 80' {
        foreach ($view in $views | Where-Object TableControl) {
            $widths = @($view.TableControl.TableHeaders.TableColumnHeader | ForEach-Object { $_.Width })
            $widths[-1] | Should -BeNullOrEmpty -Because "$($view.Name)'s last column takes the rest"
            $fixed = @($widths | Select-Object -SkipLast 1)
            $fixed | Where-Object { -not $_ } | Should -BeNullOrEmpty -Because "$($view.Name)'s other columns are fixed"
            ($fixed | Measure-Object -Sum).Sum + $fixed.Count | Should -BeLessOrEqual 71 -Because "$($view.Name) has a last column"
        }
    }

    It 'don''t size columns by their rows, and don''t name a secret: <_>' -ForEach 'format', 'types' {
        $text = (Get-View $_).SelectNodes('//text()').Value + (Get-View $_).SelectNodes('//*').Name
        $text | Where-Object { $_ -match 'AutoSize|RoleKey|AnonKey|DatabaseUrl|ControlKey' } | Should -BeNullOrEmpty
    }
}

Describe 'In a file' {
    BeforeAll { $kinds = $objects | Group-Object { $_.GetType().Name } -AsHashTable }

    It 'these tests look at every kind of object but a sandbox and a conflict' {
        $parts = 'BackfillSandbox', 'BackfillRollbackConflict', 'PlanOperation', 'PlanFunctionFootprint', 'PlanTableFootprint'
        $kinds.Keys | Sort-Object | Should -Be (Get-OutputTypeName | Where-Object { $_ -notin $parts } | Sort-Object)
    }

    It 'a cell of CSV holds a value: no type''s name, no line break' {
        foreach ($kind in $kinds.Keys) {
            $rows = @($kinds[$kind] | ConvertTo-Csv | ConvertFrom-Csv)
            $rows | Should -HaveCount $kinds[$kind].Count
            $rows | ForEach-Object { $_.PSObject.Properties } | Where-Object { $_.Value -match 'System\.|Backfill\.\w|`\d|\[\]|\n' } |
                Select-Object -ExpandProperty Name -Unique | Should -BeNullOrEmpty -Because "$kind goes into a spreadsheet"
        }
    }

    It 'JSON is not cut off, and has words for states' {
        foreach ($kind in $kinds.Keys) {
            $json = $kinds[$kind] | ConvertTo-Json -Depth 8 -EnumsAsStrings -AsArray -WarningVariable cut -WarningAction SilentlyContinue
            $cut | Should -BeNullOrEmpty -Because "$kind is not deeper than eight"
            $json | Should -Not -Match '"(System|Backfill)\.\w' -Because "$kind has no type's name for a value"
            $json | ConvertFrom-Json -Depth 16 | Should -HaveCount $kinds[$kind].Count
        }
        $read = $results | ConvertTo-Json -Depth 8 -EnumsAsStrings | ConvertFrom-Json -Depth 16
        $read.Outcome | Sort-Object | Should -Be Failed, Succeeded
        $read[0].Operations[0].Function | Should -Be score_fc_session
    }

    It 'there is no secret' {
        $written = ($objects | ConvertTo-Json -Depth 8 -EnumsAsStrings) + ($objects | ForEach-Object { $_ | ConvertTo-Csv })
        foreach ($name in 'ServiceRoleKey', 'AnonKey', 'DatabaseUrl') {
            $written.Contains($world.Sandbox.$name) | Should -BeFalse -Because "$name is a secret"
        }
    }

    It 'lists come last, so that what can be read in a table comes first' {
        foreach ($kind in $kinds.Keys | Where-Object { $_ -notin 'BackfillPlan', 'PlanBatch' }) {
            $lists = $kinds[$kind][0].GetType().GetProperties().PropertyType | ForEach-Object { $_.Name -like 'ItemList*' }
            $lists -join ' ' | Should -Not -Match 'True False' -Because "$kind has its lists last"
        }
    }

    It 'a rate is rounded' { "$($run.AchievedPerMinute)".Length | Should -BeLessThan 8 }
}

Describe 'Figures' {
    It 'read the same in every culture' {
        $culture = [Globalization.CultureInfo]::CurrentCulture
        try {
            [Globalization.CultureInfo]::CurrentCulture = 'de-DE'
            $view = [Backfill.PowerShell.Views.ViewText]
            $view::Duration([timespan]::FromMilliseconds(350)) | Should -Be '350 ms'
            $view::Duration([timespan]::FromSeconds(12.34)) | Should -Be '12.3 s'
            $view::Duration([timespan]::FromSeconds(125)) | Should -Be '2 min 05 s'
            $view::Duration([timespan]::FromHours(6)) | Should -Be '6 h 00 min'
            $view::Rate(19.94) | Should -Be '19.9/min'
            $view::Rate(20) | Should -Be '20/min'
            $view::Time([DateTimeOffset] '2025-09-17T10:00:12+02:00') | Should -Be '2025-09-17 08:00:12Z'
            $view::Wrap('fc_scores +39, profiles +13', 15) | Should -Be "fc_scores +39,`nprofiles +13"
        }
        finally { [Globalization.CultureInfo]::CurrentCulture = $culture }
    }

    It 'of a run''s bar count the hours of more than a day' {
        $progress = [Backfill.ApplyProgress]::new(39, 10, 0, 29, 20, 'Pace', [timespan]::new(1, 2, 3, 4), $false, $true)
        $streams = [Backfill.PowerShell.Views.ViewText].Assembly.GetType('Backfill.PowerShell.Streams.ApplyStreams')
        $bar = $streams.GetMethod('Bar', [Reflection.BindingFlags] 'NonPublic, Static').Invoke($null, [object[]] @($progress))
        $bar.CurrentOperation | Should -Be 'waiting: Pace; waited 26 h 03 min in all; at most 20/min'
    }
}
