#requires -Version 7.6

<#
.SYNOPSIS
Builds, demonstrates, tests and packages Backfill.PowerShell.
.EXAMPLE
./build.ps1 test -Project Acceptance -Filter gate
#>
[CmdletBinding()]
param(
    [ValidateSet('build', 'demo', 'test', 'bench', 'package', 'clean')]
    [string] $Command = 'build',

    # test: also the tests that are marked full.
    [switch] $Full,

    # test: only test projects whose name contains this. The Pester tests are called Acceptance.
    [string] $Project = '',

    # test: only tests whose name contains this.
    [string] $Filter = ''
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
Set-StrictMode -Version 3.0

$Root = $PSScriptRoot
$Out = Join-Path $Root out
$Staged = Join-Path $Out Backfill.PowerShell
$Reports = Join-Path $Out tests
$Configuration = 'Release'

# The real process of this very PowerShell: a .NET tool's pwsh starts it as a child.
[string[]] $Pwsh = if ([IO.Path]::GetFileNameWithoutExtension([Environment]::ProcessPath) -eq 'dotnet') { 'dotnet', (Join-Path $PSHOME pwsh.dll) } else { [Environment]::ProcessPath }

$env:BACKFILL_PWSH = $Pwsh[-1]
# Few processes of the tests live long enough for code that was optimized by a profile: without it they take a tenth less.
if ($Command -eq 'test') { $env:DOTNET_TieredPGO = '0' }

function Get-OutputPath([string] $Folder, [string] $Name) { Join-Path $Root $Folder $Name bin $Configuration net10.0 }

function Invoke-Program([string] $What, [string] $Program, [string[]] $Arguments) {
    & $Program @Arguments | Out-Host
    if ($LASTEXITCODE -ne 0) { throw "$What failed (exit code $LASTEXITCODE)." }
}

# Operators see the types of the cmdlets and of Contracts; everything else loads in a private context. PowerShell brings its own engine.
function Get-ModuleFolder([string] $Name, [string] $Top, [string] $Dependencies) {
    switch -Regex ($Name) {
        '^System\.Management\.Automation\.dll$' { return }
        '^Backfill\.(PowerShell|Contracts)\.(dll|pdb)$' { return $Top }
        '^Backfill\..+\.pdb$|\.dll$' { return $Dependencies }
    }
}

# The gallery finds a module by its commands, and shows the newest section of the change log.
function Complete-Manifest([string] $Path) {
    $manifest = Import-PowerShellDataFile $Path
    $version = $manifest.ModuleVersion
    $changes = (Get-Content (Join-Path $Root CHANGELOG.md) -Raw).ReplaceLineEndings("`n")
    $newest = [regex]::Match($changes, '(?ms)^## \[([^]\n]+)\][^\n]*\n(.+?)(?=^## |\z)')
    if ($newest.Groups[1].Value -ne $version) { throw "The newest section of CHANGELOG.md isn't about $version, the manifest's version." }

    $tags = $manifest.CompatiblePSEditions.ForEach{ "PSEdition_$_" } + 'PSIncludes_Cmdlet' +
        $manifest.CmdletsToExport.ForEach{ "PSCmdlet_$_"; "PSCommand_$_" }
    $text = (Get-Content $Path -Raw).
        Replace('{{CHANGELOG.md}}', $newest.Groups[2].Value.Trim().Replace("'", "''")).
        Replace("'{{commands}}'", "'$($tags -join "', '")'")
    Set-Content $Path $text -NoNewline -Encoding utf8NoBOM
}

# Another process sees the old module or the new one, never half of one.
function Switch-Folder([string] $New, [string] $Target) {
    $old = "$Target.old"
    if (Test-Path $old) { Remove-Item $old -Recurse }
    if (Test-Path $Target) { Move-Item $Target $old }
    Move-Item $New $Target
    if (Test-Path $old) { Remove-Item $old -Recurse }
}

# What operators read and adapt, in one folder: Get-BackfillRunbook lists and copies it.
function Copy-Runbook([string] $Folder) {
    Copy-Item (Join-Path $Root docs runbooks *) $Folder
    Copy-Item (Join-Path $Root docs monitoring *) $Folder -Exclude README.md
    Copy-Item (Join-Path $Root docs monitoring README.md) (Join-Path $Folder monitoring.md)
    Copy-Item (Join-Path $Root plans *.json) $Folder
    Copy-Item (Join-Path $Root docs glossary.md) $Folder
}

function Publish-Module {
    $new = "$Staged.new"
    if (Test-Path $new) { Remove-Item $new -Recurse }
    Copy-Item (Join-Path $Root module) $new -Recurse
    $manifest = Join-Path $new Backfill.PowerShell.psd1
    Complete-Manifest $manifest

    $dependencies = (New-Item (Join-Path $new Dependencies) -ItemType Directory).FullName
    # The cmdlets' output has only what the compiler saw used; the packages are complete in the engine's.
    foreach ($file in 'Backfill.Engine', 'Backfill.PowerShell' | ForEach-Object { Get-ChildItem (Get-OutputPath src $_) -File }) {
        $folder = Get-ModuleFolder $file.Name $new $dependencies
        if ($folder) { Copy-Item $file $folder -Force }
    }
    foreach ($needed in 'Backfill.Engine.dll', 'Npgsql.dll', 'Dapper.dll', 'Polly.Core.dll', 'OxyPlot.dll') {
        if (-not (Test-Path (Join-Path $dependencies $needed))) { throw "$needed is missing from the output of src/Backfill.Engine." }
    }

    Copy-Item (Get-OutputPath src Backfill.Sandbox) (Join-Path $new Sandbox) -Recurse
    # It asks the staged cmdlets for their parameters.
    Invoke-Program 'The help' dotnet @(
        (Join-Path (Get-OutputPath tools Backfill.Help) backfill-help.dll)
        '--docs', (Join-Path $Root docs)
        '--module', $manifest
        '--output', (Join-Path $new en-US)
    )
    Copy-Item (Join-Path $Root LICENSE), (Join-Path $Root CHANGELOG.md) $new
    Copy-Runbook (New-Item (Join-Path $new Runbooks) -ItemType Directory).FullName
    Switch-Folder $new $Staged
    Write-Host "Module: $Staged"
}

function Invoke-Build {
    Invoke-Program 'The build' dotnet @('build', (Join-Path $Root Backfill.PowerShell.sln), '-c', $Configuration, '-v', 'quiet', '-nologo')
    Publish-Module
}

# A part of the suite: a process whose output is kept in a file until it has ended.
function Start-Lane([string] $Name, [string] $Report, [string[]] $Command, [hashtable] $Environment = @{}) {
    Remove-Item $Report -ErrorAction Ignore
    $log = Join-Path $Reports "$Name.log"
    $process = @{
        FilePath               = $Command[0]
        ArgumentList           = $Command[1..($Command.Count - 1)] | ForEach-Object { $_ -match '[\s"*]|^$' ? "`"$_`"" : $_ }
        WorkingDirectory       = $Root
        RedirectStandardOutput = $log
        RedirectStandardError  = "$log.errors"
        Environment            = $Environment
        NoNewWindow            = $true
        PassThru               = $true
    }
    [pscustomobject]@{ Name = $Name; Report = $Report; Log = $log; Process = Start-Process @process; Clock = [Diagnostics.Stopwatch]::StartNew() }
}

function Start-XunitLane([string] $Project, [string] $Name = $Project, [string[]] $Only = @('-trait-', 'Lane=full'), [hashtable] $Environment = @{}) {
    $report = Join-Path $Reports "$Name.xml"
    $command = @('dotnet', (Join-Path (Get-OutputPath tests $Project) "$Project.dll"), '-noLogo', '-noColor', '-noAutoReporters', '-preEnumerateTheories', '-result-xml', $report) + $Only
    if ($Filter) { $command += '-method', "*$Filter*" }
    Start-Lane $Name $report $command $Environment
}

function Start-PesterLane {
    $report = Join-Path $Reports Acceptance.xml
    $command = $Pwsh + '-NoLogo', '-NoProfile', '-NonInteractive', '-File', (Join-Path $Root tests Acceptance Invoke-Acceptance.ps1), '-Pester', (Get-PesterPath), '-Report', $report
    if ($Filter) { $command += '-Filter', $Filter }
    if ($Full) { $command += '-Full' }
    Start-Lane Acceptance $report $command
}

# Restored by the build, as the version that Directory.Packages.props names.
function Get-PesterPath {
    $found = dotnet msbuild (Join-Path $Root tests Backfill.PowerShell.Tests) -getProperty:NuGetPackageRoot -getProperty:PesterVersion | ConvertFrom-Json
    Join-Path $found.Properties.NuGetPackageRoot pester $found.Properties.PesterVersion tools Pester.psd1
}

# Tests that fill the machine with processes: nothing runs beside this lane.
$Alone = 'Backfill.Engine.Tests, full'
$OnServer = @('-trait-', 'Lane=full') + ('Rules', 'Sandbox', 'Reports', 'Signals', 'Bench').ForEach{ '-namespace-', "Backfill.Engine.Tests.$_*" }

# The lanes of this call: its name, and how it starts.
function Get-Lane {
    $lanes = [ordered] @{
        'Backfill.Engine.Tests'     = { Start-XunitLane Backfill.Engine.Tests }
        'Acceptance'                = { Start-PesterLane }
        'Backfill.PowerShell.Tests' = { Start-XunitLane Backfill.PowerShell.Tests }
    }
    if ($Full) {
        if (-not $Filter) {
            # Pure rules, the sandbox and reports are the same on every database.
            $lanes['Newest PostgreSQL'] = { Start-XunitLane Backfill.Engine.Tests 'Newest PostgreSQL' $OnServer @{ BACKFILL_POSTGRES_SOURCE = 'npm'; BACKFILL_POSTGRES_VERSION = 'latest' } }
            $lanes['PgBouncer'] = { Start-XunitLane Backfill.Engine.Tests PgBouncer $OnServer @{ BACKFILL_TEST_POOLER = 'transaction' } }
        }
        $lanes[$Alone] = { Start-XunitLane Backfill.Engine.Tests $Alone @('-trait', 'Lane=full') }
    }
    $lanes.GetEnumerator() | Where-Object Key -Like "*$Project*"
}

# Null while the lane runs. A lane that crashes, hangs, or leaves no readable report has failed.
function Get-LaneResult($Lane) {
    $limit = [timespan]::FromMinutes($Full ? 40 : 20)
    $seconds = [int] $Lane.Clock.Elapsed.TotalSeconds
    $ended = $Lane.Process.HasExited
    if (-not $ended -and $Lane.Clock.Elapsed -lt $limit) { return }

    Get-Content $Lane.Log, "$($Lane.Log).errors" | Out-Host
    $result = [pscustomobject]@{ Passed = 0; Failed = 0; Skipped = 0 }
    if (-not $ended) {
        $Lane.Process.Kill($true)
        Write-Host "$($Lane.Name): stopped after $($limit.TotalMinutes) minutes."
        $result.Failed = 1
        return $result
    }

    try {
        foreach ($run in ([xml] (Get-Content $Lane.Report -Raw)).SelectNodes('/assemblies/assembly')) {
            $result.Passed += [int] $run.passed
            # An error is outside a test: a fixture that couldn't clean up, for example.
            $result.Failed += [int] $run.failed + [int] $run.errors
            $result.Skipped += [int] $run.skipped
        }
    }
    catch {
        Write-Host "$($Lane.Name): no readable report."
        $result.Failed++
    }
    $code = $Lane.Process.ExitCode
    if ($code -ne 0 -and $result.Failed -eq 0) {
        Write-Host "$($Lane.Name): exit code $code, though no test failed."
        $result.Failed++
    }
    Write-Host "$($Lane.Name): $($result.Passed) passed, $($result.Failed) failed, $($result.Skipped) skipped in $seconds s"
    $result
}

function Invoke-Test {
    Invoke-Build
    $null = New-Item $Reports -ItemType Directory -Force
    $waiting = [Collections.Generic.Queue[object]]::new(@(Get-Lane))
    $running = [Collections.Generic.List[object]]::new()
    $sum = [pscustomobject]@{ Passed = 0; Failed = 0; Skipped = 0 }
    $atOnce = [Math]::Clamp([Environment]::ProcessorCount, 1, 4)
    try {
        while ($waiting.Count + $running.Count -gt 0) {
            while ($waiting.Count -gt 0 -and $running.Count -lt $atOnce -and ($running.Count -eq 0 -or $waiting.Peek().Key -ne $Alone)) {
                $running.Add((& $waiting.Dequeue().Value))
            }
            foreach ($lane in $running.ToArray()) {
                $result = Get-LaneResult $lane
                if (-not $result) { continue }
                foreach ($name in 'Passed', 'Failed', 'Skipped') { $sum.$name += $result.$name }
                $null = $running.Remove($lane)
            }
            Start-Sleep -Milliseconds 200
        }
    }
    finally {
        foreach ($lane in $running) { $lane.Process.Kill($true) }
    }
    Write-Host "$($sum.Passed) passed, $($sum.Failed) failed, $($sum.Skipped) skipped"
    [int] ($sum.Failed -gt 0 -or $sum.Passed -eq 0)
}

function Invoke-Demo {
    Invoke-Build
    $command = $Pwsh + '-NoLogo', '-NoProfile', '-File', (Join-Path $Root scripts demo.ps1), '-OutputPath', (Join-Path $Out demo)
    $arguments = $command[1..($command.Count - 1)]
    & $command[0] @arguments | Out-Host
    $LASTEXITCODE
}

function Invoke-Bench {
    Invoke-Build
    Invoke-Program 'The benchmark' dotnet @(
        (Join-Path (Get-OutputPath tests Backfill.Benchmarks) Backfill.Benchmarks.dll)
        '--output', (Join-Path $Out bench.json)
        '--pwsh', $Pwsh[-1]
    )
}

# The folder holds this build's package, and nothing else.
function New-Package {
    Invoke-Build
    $folder = Join-Path $Out package
    if (Test-Path $folder) { Remove-Item $folder -Recurse }
    $null = New-Item $folder -ItemType Directory
    (Compress-PSResource $Staged -DestinationPath $folder -PassThru).FullName
}

function Clear-Output {
    $folders = @($Out) + (Get-ChildItem (Join-Path $Root src), (Join-Path $Root tests) -Directory | ForEach-Object { Join-Path $_ bin; Join-Path $_ obj })
    $folders | Where-Object { Test-Path $_ } | Remove-Item -Recurse -Force
}

$code = 0
try {
    switch ($Command) {
        'build' { Invoke-Build }
        'test' { $code = Invoke-Test }
        'demo' { $code = Invoke-Demo }
        'clean' { Clear-Output }
        'bench' { Invoke-Bench }
        'package' { New-Package }
    }
}
catch {
    [Console]::Error.WriteLine("build.ps1 ${Command}: $($_.Exception.Message)")
    exit 1
}
exit $code
