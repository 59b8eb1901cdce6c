# Help as PowerShell gives it: of every cmdlet, of every parameter, and the topics.

BeforeDiscovery {
    . $PSScriptRoot/World.ps1
    $cmdlets = (Get-Command -Module Backfill.PowerShell).Name
}

BeforeAll {
    . $PSScriptRoot/World.ps1
    $docs = Join-Path $RepositoryRoot docs
}

Describe 'The help of <_>' -ForEach $cmdlets {
    BeforeAll {
        $help = Get-Help $_ -Full
        $command = Get-Command $_
    }

    # Where there is no help, PowerShell makes a synopsis of the syntax.
    It 'has a synopsis, the one of its page' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -BeLike "*$_*"
        # The page has code in backquotes, which plain text leaves out.
        ((Get-Content (Join-Path $docs cmdlets "$_.md"))[2] -replace '[`*]') | Should -Be $help.Synopsis
        $help.Synopsis.Length | Should -BeLessOrEqual 90
        # A verb in the third person, and one sentence or two.
        $help.Synopsis | Should -MatchExactly '^[A-Z][a-z]+s .+\.$'
    }

    It 'has a description, two examples, and what the cmdlet emits' {
        $help.Description.Text | Should -Not -BeNullOrEmpty
        @($help.Examples.example).Count | Should -BeGreaterOrEqual 2
        $help.returnValues.returnValue | Should -Not -BeNullOrEmpty
    }

    It 'describes exactly the parameters that the cmdlet takes' {
        $taken = $command.Parameters.Keys | Where-Object { $_ -notin [Management.Automation.Cmdlet]::CommonParameters }
        $listed = $help.Parameters.parameter | Where-Object Name
        $listed.Name | Sort-Object | Should -Be ($taken | Sort-Object)
        $listed | Where-Object { -not $_.Description.Text } | Should -BeNullOrEmpty
    }
}

Describe 'The help as a whole' {
    It 'has a page of each cmdlet, and no other' {
        $pages = Get-ChildItem (Join-Path $docs cmdlets) -Filter *-*.md
        $pages.BaseName | Should -Be (Get-Command -Module Backfill.PowerShell).Name
    }

    It 'says of -<Name> of <Command> what PowerShell does' -ForEach @(
        @{ Command = 'Get-BackfillPlan'; Name = 'Path'; Is = 'string[] required, position 0, True (ByValue, ByPropertyName), wildcards' }
        @{ Command = 'Get-BackfillPlan'; Name = 'LiteralPath'; Is = 'string[] required, position named, False' }
        @{
            Command = 'Invoke-BackfillRollback'; Name = 'SessionId'; Is = 'guid[], position named, True (ByPropertyName)'; Alias = 'SessionIds'
        }
        @{ Command = 'Invoke-BackfillApply'; Name = 'Reprocess'; Is = 'BackfillReprocess, position named, False' }
        @{ Command = 'Start-StagingSoak'; Name = 'Duration'; Is = 'timespan, position named, False'; Default = '6 hours' }
        @{ Command = 'Test-ProdHealth'; Name = 'Since'; Is = 'DateTimeOffset, position named, False'; Default = '2025-08-01T00:00:00Z' }
    ) {
        $p = Get-Help $Command -Parameter $Name
        $required = $p.required -eq 'true' ? ' required' : ''
        $wildcards = $p.globbing -eq 'true' ? ', wildcards' : ''
        "$($p.type.name)$required, position $($p.position), $($p.pipelineInput)$wildcards" | Should -Be $Is
        $p.defaultValue | Should -Be ($Default ?? 'None')
        $p.aliases | Should -Be ($Alias ?? 'none')
    }

    It 'is found where the culture is <_>' -ForEach 'en_US.UTF-8', 'de_DE.UTF-8', 'C' {
        $script = '(Get-Help Get-BackfillPlan).Synopsis; (Get-Help about_Backfill).Length -gt 1000'
        $result = Invoke-Pwsh $script -Environment @{ LANG = $_; LC_ALL = $_ }
        $result.Lines | Should -Be (Get-Help Get-BackfillPlan).Synopsis, 'True'
    }

    It 'is read without loading a dependency' {
        $result = Invoke-Pwsh @'
$null = Get-Help Invoke-BackfillApply -Full
$loaded = [AppDomain]::CurrentDomain.GetAssemblies().ForEach{ $_.GetName().Name }
$loaded -match '^(Backfill|Npgsql|Dapper|Polly)' | Sort-Object
'@
        $result.Lines | Should -Be 'Backfill.Contracts', 'Backfill.PowerShell'
    }
}

Describe 'The topics' {
    It 'are listed, each with a synopsis' {
        $topics = Get-Help about_Backfill* | Sort-Object Name
        $topics.Name | Should -Be (Get-ChildItem (Join-Path $docs about) -Filter *.md | Sort-Object BaseName).BaseName
        $topics | Where-Object { -not $_.Synopsis } | Should -BeNullOrEmpty
    }

    It 'fit a terminal of 80 columns' {
        $lines = Get-ChildItem (Join-Path $docs about) -Filter *.md | ForEach-Object { (Get-Help $_.BaseName).Split("`n") }
        $lines.Count | Should -BeGreaterThan 200
        $lines | Where-Object Length -GT 80 | Should -BeNullOrEmpty
    }
}

# What STYLE says of prose, as far as a test can tell. A text that passes can still be hard to read.
Describe 'The prose of the help, the README and the docs' {
    BeforeAll {
        # Words and turns that a reader in a hurry, or one who learned English late, reads twice. A blank is any white space.
        $hard = 'whoever', 'whatever', 'whichever', 'meanwhile', 'anew', 'ere', 'lest', 'hence', 'thus', 'thereof', 'amiss', 'mend(s|ed|ing)?',
        'heed(s|ed|ing)?', 'at it', 'at a run', 'in hand', 'by the way', 'to be had', 'is no time', '(go|goes|going|gone|went) on', 'of use', 'none other'
        $pattern = "(?i)\b($($hard.Replace(' ', '\s+') -join '|'))\b"

        function Find-HardWord([string] $Name, [string] $Text) {
            foreach ($found in [regex]::Matches($Text, $pattern)) {
                "$Name($($Text.Substring(0, $found.Index).Split("`n").Count)): $($found.Value)"
            }
        }
    }

    It 'finds such a turn across lines, and nothing in plain text' {
        Find-HardWord a.md "It was`ngone`n  on with." | Should -BeLike 'a.md(2): gone*on'
        Find-HardWord a.md 'It is resumed at its end; can_go_on is a name.' | Should -BeNullOrEmpty
    }

    It 'has no turn in <_> that must be read twice' -ForEach 'README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'docs' {
        $files = Get-ChildItem (Join-Path $RepositoryRoot $_) -Recurse -File -Include *.md, *.ps1, *.yml
        $files | Should -Not -BeNullOrEmpty
        $files | ForEach-Object { Find-HardWord $_.Name (Get-Content $_ -Raw) } | Should -BeNullOrEmpty
    }

    It 'has no such turn in the help that PowerShell shows' {
        $files = Get-ChildItem (Join-Path $ModuleFolder en-US) -File
        $files.Count | Should -BeGreaterThan 5
        $files | ForEach-Object { Find-HardWord $_.Name (Get-Content $_ -Raw) } | Should -BeNullOrEmpty
    }

    It 'explains in the glossary each word that it names a state or an outcome by' {
        $glossary = Get-Content (Join-Path $docs glossary.md) -Raw
        $words = [enum]::GetNames([Backfill.BackfillOutcome]) + [enum]::GetNames([Backfill.SoakVerdict])
        $words | Where-Object { -not $glossary.Contains("``$_``") } | Should -BeNullOrEmpty
        $states = [enum]::GetNames([Backfill.BackfillRunState]) -replace 'Aborted', 'stopped' -replace '(?-i)([a-z])([A-Z])', '$1 $2'
        $states | Where-Object { $glossary -notmatch "(?m)^\| $_ \|" } | Should -BeNullOrEmpty
    }

    It 'links only to files that are there' {
        $missing = foreach ($file in @(Get-ChildItem $RepositoryRoot -File -Filter *.md) + @(Get-ChildItem $docs -Recurse -File -Filter *.md)) {
            foreach ($link in [regex]::Matches((Get-Content $file -Raw), '\]\((?!https?:)([^)#]+)')) {
                $target = Join-Path $file.DirectoryName $link.Groups[1].Value
                if (-not (Test-Path $target)) { "$($file.Name): $($link.Groups[1].Value)" }
            }
        }
        $missing | Should -BeNullOrEmpty
    }

    It 'has a README of one screen and a few more' {
        (Get-Content (Join-Path $RepositoryRoot README.md)).Count | Should -BeLessThan 180
    }
}
