# The package that ./build.sh package makes of the staged module, and what an operator does with it.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $gallery = New-TestFolder
    $package = Compress-PSResource $ModuleFolder -DestinationPath $gallery -PassThru

    $unpacked = New-TestFolder
    [IO.Compression.ZipFile]::ExtractToDirectory($package.FullName, $unpacked)
    $nuspec = ([xml] (Get-Content (Join-Path $unpacked Backfill.PowerShell.nuspec) -Raw)).package.metadata
    $manifest = Import-PowerShellDataFile $ModuleManifest

    function Get-RelativeHash([string] $Folder) {
        Get-ChildItem $Folder -File -Recurse | ForEach-Object {
            $path = [IO.Path]::GetRelativePath($Folder, $_.FullName).Replace('\', '/')
            "$path $((Get-FileHash -LiteralPath $_.FullName).Hash)"
        }
    }
}

Describe 'The package' {
    It 'holds exactly the files of the staged module' {
        # What belongs to the format of every package.
        $ofTheFormat = '^(_rels/|\[Content_Types\]\.xml |Backfill\.PowerShell\.nuspec |package/services/metadata/)'
        $held = Get-RelativeHash $unpacked | Where-Object { $_ -notmatch $ofTheFormat }
        $held | Sort-Object | Should -Be (Get-RelativeHash $ModuleFolder | Sort-Object)
    }

    It 'is named after the module and its version' {
        $package.Name | Should -Be "Backfill.PowerShell.$($manifest.ModuleVersion).nupkg"
        "$($nuspec.id) $($nuspec.version)" | Should -Be "Backfill.PowerShell $($manifest.ModuleVersion)"
    }

    It 'says who made it, under which licence, and where it is from' {
        $nuspec.authors | Should -Be 'The Backfill.PowerShell contributors'
        $nuspec.description | Should -BeLike 'Repairs data*'
        $nuspec.licenseUrl | Should -Be 'https://licenses.nuget.org/MIT'
        [uri]::IsWellFormedUriString($nuspec.projectUrl, 'Absolute') | Should -BeTrue
        Join-Path $unpacked LICENSE | Should -Exist
    }

    It 'has the newest section of the change log as its release notes' {
        $notes = $nuspec.releaseNotes.ReplaceLineEndings("`n")
        $notes | Should -Match '(?m)^### (Added|Changed|Fixed)$'
        $log = (Get-Content (Join-Path $RepositoryRoot CHANGELOG.md) -Raw).ReplaceLineEndings("`n")
        ($log -split '(?m)^## ')[1] | Should -Match "^\[$([regex]::Escape($manifest.ModuleVersion))\] - "
        (($log -split '(?m)^## ')[1] -split "`n", 2)[1].Trim() | Should -Be $notes.Trim()
    }

    It 'is found in the gallery by each of its commands' {
        $tags = $nuspec.tags.Split(' ', [StringSplitOptions]::RemoveEmptyEntries)
        $wanted = (Get-Command -Module Backfill.PowerShell).Name | ForEach-Object { "PSCmdlet_$_"; "PSCommand_$_" }
        $wanted += 'PSModule', 'PSEdition_Core', 'PSIncludes_Cmdlet'
        $wanted | Where-Object { $_ -notin $tags } | Should -BeNullOrEmpty
        # The gallery takes no more.
        $nuspec.tags.Length | Should -BeLessOrEqual 4000
    }

    It 'has no path of this machine in it' {
        $places = $RepositoryRoot, $HOME, [IO.Path]::GetTempPath() | ForEach-Object { Join-Path $_ '' }
        # As text of one byte a character, and of two.
        $sought = $places + ($places | ForEach-Object { $_.ToCharArray() -join "`0" })
        $found = foreach ($file in Get-ChildItem $unpacked -File -Recurse) {
            $content = [Text.Encoding]::Latin1.GetString([IO.File]::ReadAllBytes($file.FullName))
            $sought | Where-Object { $content.Contains($_, [StringComparison]::Ordinal) } | ForEach-Object { "$($file.Name): $_" }
        }
        $found | Should -BeNullOrEmpty
    }
}

# An operator of this test's own: neither the modules nor the repositories of this machine are touched.
Describe 'A package in a repository' {
    BeforeAll {
        $own = New-TestFolder
        $data = (New-Item (Join-Path $own .local share) -ItemType Directory -Force).FullName
        $as = @{
            Environment = @{
                HOME = $own; XDG_DATA_HOME = $data; XDG_CONFIG_HOME = $data; XDG_CACHE_HOME = $data
                USERPROFILE = $own; LOCALAPPDATA = $data; PSModulePath = [NullString]::Value
            }
            Location    = $own
            NoModule    = $true
        }
        $repository = "Backfill-$(New-Guid)"
        $installed = Invoke-Pwsh @as @"
Register-PSResourceRepository $repository -Uri '$gallery'
Find-PSResource Backfill.PowerShell -Repository $repository | ForEach-Object { "found `$(`$_.Version)" }
Install-PSResource Backfill.PowerShell -Repository $repository -TrustRepository -Quiet
"installed `$((Get-InstalledPSResource Backfill.PowerShell).Version)"
"@
    }

    It 'is found there and installed' {
        $installed.Errors | Should -BeNullOrEmpty
        $installed.Lines | Should -Be "found $($manifest.ModuleVersion)", "installed $($manifest.ModuleVersion)"
    }

    It 'is imported by its name, and does a first rehearsal' {
        $result = Invoke-Pwsh @as @'
Import-Module Backfill.PowerShell
"from $((Get-Module Backfill.PowerShell).ModuleBase)"
$sandbox = Start-BackfillSandbox -CandidateCount 5
$null = Connect-Backfill -Sandbox $sandbox
$null = Get-BackfillCandidate | Where-Object Backfillable | Select-Object -First 2 | New-BackfillPlan ./plan.json -ThrottlePerMinute 600
"$((Invoke-BackfillApply ./plan.json -OutputPath ./rehearsal -WarningAction Ignore).Outcome)"
$run = Get-BackfillRun -Latest
(Confirm-BackfillGate ApplyReview $run.RunId -Reason 'reviewed' -Confirm:$false).Status.ToString()
$null = Invoke-BackfillRollback -RunId $run.RunId -Reason 'rehearsed' -Confirm:$false
(Get-BackfillRun -Latest).State.ToString()
(Get-Help Get-BackfillPlan).Synopsis.Length -gt 10
Stop-BackfillSandbox
'@
        $result.Errors | Should -BeNullOrEmpty
        $result.Lines[0] | Should -BeLike "from $own*"
        $result.Lines | Select-Object -Skip 1 | Should -Be 'Succeeded Succeeded', 'Approved', 'RolledBack', 'True'
    }

    It 'is uninstalled without a trace' {
        $result = Invoke-Pwsh @as @"
Uninstall-PSResource Backfill.PowerShell
Unregister-PSResourceRepository $repository
Get-Module Backfill.PowerShell -ListAvailable
Get-PSResourceRepository | Where-Object Name -EQ $repository
'that is left'
"@
        $result.Errors | Should -BeNullOrEmpty
        $result.Lines | Should -Be 'that is left'
        Get-ChildItem $own -Recurse -Filter Backfill.PowerShell.psd1 | Should -BeNullOrEmpty
    }
}
