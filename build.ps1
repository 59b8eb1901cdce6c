#requires -Version 7.6
<#
.SYNOPSIS
Builds, demonstrates, tests and packages Backfill.PowerShell.
.DESCRIPTION
Keeps to core commands and .NET calls: where pwsh is not installed, Backfill.Shell runs it, which has nothing else.
#>
[CmdletBinding()]
param(
    [ValidateSet('build', 'demo', 'test', 'bench', 'package', 'clean')]
    [string] $Command = 'build',

    # test: also what issues mark full.
    [switch] $Full,

    # test: only test projects whose name contains this.
    [string] $Project = '',

    # test: only tests whose name contains this.
    [string] $Filter = ''
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false
Set-StrictMode -Version 3.0

$Root = $PSScriptRoot
$Out = [IO.Path]::Combine($Root, 'out')
$Configuration = 'Release'
$Framework = 'net10.0'
$InBackfillShell = $Host.Name -eq 'BackfillShell'
$Utf8 = [Text.UTF8Encoding]::new($false)

function Say([string] $Text) { [Console]::Out.WriteLine($Text) }

function Get-OutputPath([string] $Folder, [string] $Name) {
    [IO.Path]::Combine($Root, $Folder, $Name, 'bin', $Configuration, $Framework)
}

# Runs a program on this console and returns its exit code; null after the time given. It ends with this script.
function Start-Program([string] $Program, [string[]] $Arguments, [timespan] $Timeout = [timespan]::FromHours(2)) {
    $start = [Diagnostics.ProcessStartInfo]::new($Program, $Arguments)
    $start.UseShellExecute = $false
    $start.WorkingDirectory = $Root
    $process = [Diagnostics.Process]::Start($start)
    $clock = [Diagnostics.Stopwatch]::StartNew()
    try {
        # Short waits: a script that waits in .NET can't be stopped.
        while (-not $process.WaitForExit(100)) {
            if ($clock.Elapsed -gt $Timeout) { return $null }
        }
        $process.ExitCode
    }
    finally {
        if (-not $process.HasExited) { $process.Kill($true) }
        $process.Dispose()
    }
}

function Invoke-Program([string] $What, [string] $Program, [string[]] $Arguments) {
    $code = Start-Program $Program $Arguments
    if ($code -ne 0) { throw "$What failed (exit code $code)." }
}

function Copy-Tree([string] $From, [string] $To) {
    $null = [IO.Directory]::CreateDirectory($To)
    foreach ($file in [IO.Directory]::EnumerateFiles($From, '*', 'AllDirectories')) {
        $target = [IO.Path]::Combine($To, [IO.Path]::GetRelativePath($From, $file))
        $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
        [IO.File]::Copy($file, $target, $true)
    }
}

function Remove-Tree([string] $Path) {
    if ([IO.Directory]::Exists($Path)) { [IO.Directory]::Delete($Path, $true) }
}

# Whoever looks at the target sees the old folder or the new one, never a half.
function Switch-Folder([string] $New, [string] $Target) {
    $old = "$Target.old"
    Remove-Tree $old
    if ([IO.Directory]::Exists($Target)) { [IO.Directory]::Move($Target, $old) }
    [IO.Directory]::Move($New, $Target)
    Remove-Tree $old
}

# Operators see the types of the cmdlets and of Core; all else loads in a private context. PowerShell brings its own engine.
function Get-ModuleFolder([string] $Name, [string] $Top, [string] $Dependencies) {
    switch -Regex ($Name) {
        '^System\.Management\.Automation\.dll$' { return }
        '^Backfill\.(PowerShell|Core)\.(dll|pdb)$' { return $Top }
        '^Backfill\..+\.pdb$|\.dll$' { return $Dependencies }
    }
}

# What is new, in the words of the change log: its newest section, which must be this version's.
function Set-ReleaseNotes([string] $Manifest) {
    $text = [IO.File]::ReadAllText($Manifest)
    $version = [regex]::Match($text, "(?m)^\s*ModuleVersion\s*=\s*'(.+?)'").Groups[1].Value
    $changes = [IO.File]::ReadAllText([IO.Path]::Combine($Root, 'CHANGELOG.md')).ReplaceLineEndings("`n")
    $newest = [regex]::Match($changes, '(?ms)^## (\S+)[^\n]*\n(.+?)(?=^## |\z)')
    if ($newest.Groups[1].Value -ne $version) { throw "The newest section of CHANGELOG.md is not about $version, the manifest's version." }
    $notes = $newest.Groups[2].Value.Trim().Replace("'", "''")
    [IO.File]::WriteAllText($Manifest, $text.Replace('{{CHANGELOG.md}}', $notes), $Utf8)
}

function Publish-Module {
    $target = [IO.Path]::Combine($Out, 'Backfill.PowerShell')
    $new = "$target.new"
    Remove-Tree $new
    Copy-Tree ([IO.Path]::Combine($Root, 'module')) $new
    if (-not [IO.File]::Exists([IO.Path]::Combine($new, 'Backfill.PowerShell.psd1'))) {
        throw 'module/Backfill.PowerShell.psd1, the manifest, is missing.'
    }
    Set-ReleaseNotes ([IO.Path]::Combine($new, 'Backfill.PowerShell.psd1'))

    $dependencies = [IO.Directory]::CreateDirectory([IO.Path]::Combine($new, 'Dependencies')).FullName
    # The cmdlets' output has only what the compiler saw used; the packages are whole in Supabase's.
    foreach ($name in 'Backfill.Supabase', 'Backfill.PowerShell') {
        foreach ($file in [IO.Directory]::EnumerateFiles((Get-OutputPath 'src' $name))) {
            $folder = Get-ModuleFolder ([IO.Path]::GetFileName($file)) $new $dependencies
            if ($folder) { [IO.File]::Copy($file, [IO.Path]::Combine($folder, [IO.Path]::GetFileName($file)), $true) }
        }
    }
    foreach ($needed in 'Backfill.Supabase.dll', 'Npgsql.dll', 'Dapper.dll', 'Polly.Core.dll', 'OxyPlot.dll') {
        if (-not [IO.File]::Exists([IO.Path]::Combine($dependencies, $needed))) {
            throw "$needed is missing from the output of src/Backfill.Supabase."
        }
    }

    Copy-Tree (Get-OutputPath 'src' 'Backfill.Sandbox') ([IO.Path]::Combine($new, 'Sandbox'))
    # It asks the staged cmdlets themselves what they take.
    Invoke-Program 'The help' 'dotnet' @(
        [IO.Path]::Combine((Get-OutputPath 'src' 'Backfill.Help'), 'backfill-help.dll'),
        '--docs', 'docs',
        '--module', [IO.Path]::Combine($new, 'Backfill.PowerShell.psd1'),
        '--output', [IO.Path]::Combine($new, 'en-US'))
    foreach ($name in 'LICENSE', 'CHANGELOG.md') {
        [IO.File]::Copy([IO.Path]::Combine($Root, $name), [IO.Path]::Combine($new, $name), $true)
    }
    Switch-Folder $new $target
    Say "Module: $target"
}

function Publish-Shell {
    $built = Get-OutputPath 'src' 'Backfill.Shell'
    $target = [IO.Path]::Combine($Out, 'shell')
    $running = [IO.Path]::TrimEndingDirectorySeparator([AppContext]::BaseDirectory) -eq $target
    if (Test-SameFile ([IO.Path]::Combine($built, 'backfill-shell.dll')) ([IO.Path]::Combine($target, 'backfill-shell.dll'))) {
        return
    }
    if ($running) {
        Say 'Shell: changed while it runs this build; the next ./build.sh replaces it.'
        return
    }
    Remove-Tree "$target.new"
    Copy-Tree $built "$target.new"
    Switch-Folder "$target.new" $target
    Say "Shell:  $target"
}

function Test-SameFile([string] $Left, [string] $Right) {
    [IO.File]::Exists($Right) -and
        [Linq.Enumerable]::SequenceEqual([IO.File]::ReadAllBytes($Left), [IO.File]::ReadAllBytes($Right))
}

function Invoke-Build {
    Invoke-Program 'The build' 'dotnet' @(
        'build', 'Backfill.PowerShell.sln', '-c', $Configuration, '-v', 'quiet', '-nologo')
    Publish-Shell
    Publish-Module
}

function Get-Count([int] $Passed = 0, [int] $Failed = 0, [int] $Skipped = 0) {
    [pscustomobject]@{ Passed = $Passed; Failed = $Failed; Skipped = $Skipped }
}

# A project that crashes, hangs, or leaves no readable report has failed, whatever it printed.
function Invoke-TestProject([string] $Name, [switch] $Everyday) {
    $assembly = [IO.Path]::Combine((Get-OutputPath 'tests' $Name), "$Name.dll")
    $report = [IO.Path]::Combine($Out, 'tests', "$Name.xml")
    [IO.File]::Delete($report)
    $arguments = @($assembly, '-noLogo', '-noColor', '-noAutoReporters', '-result-xml', $report)
    if ($Everyday -or -not $Full) { $arguments += '-trait-', 'Lane=full' }
    if ($Filter) { $arguments += '-method', "*$Filter*" }
    $limit = [timespan]::FromMinutes($Full ? 40 : 20)

    $code = Start-Program 'dotnet' $arguments $limit
    if ($null -eq $code) { Say "${Name}: stopped after $($limit.TotalMinutes) minutes." }
    try {
        $results = [xml] [IO.File]::ReadAllText($report)
    }
    catch {
        Say "${Name}: no readable report (exit code $code)."
        return Get-Count -Failed 1
    }

    $passed = 0; $failed = 0; $skipped = 0
    foreach ($run in $results.SelectNodes('/assemblies/assembly')) {
        $passed += [int] $run.GetAttribute('passed')
        # An error outside a test: a fixture that could not clean up, say.
        $failed += [int] $run.GetAttribute('failed') + [int] $run.GetAttribute('errors')
        $skipped += [int] $run.GetAttribute('skipped')
    }
    if ($code -ne 0 -and $failed -eq 0) {
        Say "${Name}: exit code $code, though no test failed."
        $failed = 1
    }
    Get-Count $passed $failed $skipped
}

# The integration suite's everyday part once more, on another ground.
function Invoke-IntegrationOn([string] $Ground, [Collections.IDictionary] $Settings) {
    Say "Integration tests ${Ground}:"
    foreach ($name in $Settings.Keys) { [Environment]::SetEnvironmentVariable($name, $Settings[$name]) }
    try {
        Invoke-TestProject 'Backfill.Supabase.Tests' -Everyday
    }
    finally {
        foreach ($name in $Settings.Keys) { [Environment]::SetEnvironmentVariable($name, $null) }
    }
}

function Get-PesterTestCount([string[]] $Files) {
    $count = 0
    foreach ($file in $Files) {
        $script = [Management.Automation.Language.Parser]::ParseFile($file, [ref] $null, [ref] $null)
        $count += @($script.FindAll({
            param($node) $node -is [Management.Automation.Language.CommandAst] -and $node.GetCommandName() -eq 'It'
        }, $true)).Count
    }
    $count
}

# Acceptance tests use the staged module as an operator does: from the full shell.
function Invoke-PesterLane {
    $folder = [IO.Path]::Combine($Root, 'tests', 'Acceptance')
    [string[]] $files = [IO.Directory]::Exists($folder) ? [IO.Directory]::GetFiles($folder, '*.Tests.ps1') : @()
    if ($files.Count -eq 0) {
        Say 'Pester lane: not run (no tests there yet)'
        return Get-Count
    }

    $reason = if ($InBackfillShell) { 'pwsh 7.6 is not installed' }
        elseif (-not (Get-Module -ListAvailable Pester | Where-Object { $_.Version.Major -ge 5 })) { 'Pester 5 is not installed' }
    if ($reason) {
        Say "Pester lane: not run ($reason)"
        return Get-Count -Skipped (Get-PesterTestCount $files)
    }

    $report = [IO.Path]::Combine($Out, 'tests', 'Acceptance.txt')
    [IO.File]::Delete($report)
    $exclude = $Full ? '' : "; `$c.Filter.ExcludeTag = 'full'"
    $script = "Import-Module Pester -MinimumVersion 5.0; `$c = New-PesterConfiguration; `$c.Run.Path = '$folder'; " +
        "`$c.Run.PassThru = `$true$exclude; `$r = Invoke-Pester -Configuration `$c; " +
        "[IO.File]::WriteAllText('$report', `"`$(`$r.PassedCount) `$(`$r.FailedCount + `$r.FailedContainersCount) `$(`$r.SkippedCount)`")"
    $code = Start-Program ([Environment]::ProcessPath) @('-NoLogo', '-NoProfile', '-NonInteractive', '-Command', $script)
    if (-not [IO.File]::Exists($report)) {
        Say "Pester lane: no report (exit code $code)."
        return Get-Count -Failed 1
    }
    [int[]] $counts = [IO.File]::ReadAllText($report).Split(' ')
    Get-Count @counts
}

function Invoke-Test {
    Invoke-Build
    $null = [IO.Directory]::CreateDirectory([IO.Path]::Combine($Out, 'tests'))
    $counts = @(
        foreach ($folder in [Linq.Enumerable]::Order([IO.Directory]::GetDirectories([IO.Path]::Combine($Root, 'tests'), '*.Tests'))) {
            $name = [IO.Path]::GetFileName($folder)
            if ($name.Contains($Project, 'OrdinalIgnoreCase')) { Invoke-TestProject $name }
        }
        if ($Full -and -not $Project -and -not $Filter) {
            Invoke-IntegrationOn 'on the newest PostgreSQL from npm' @{
                BACKFILL_POSTGRES_SOURCE = 'npm'; BACKFILL_POSTGRES_VERSION = 'latest'
            }
            Invoke-IntegrationOn 'through PgBouncer in transaction mode' @{ BACKFILL_TEST_POOLER = 'transaction' }
        }
        if ('Acceptance'.Contains($Project, 'OrdinalIgnoreCase') -and -not $Filter) { Invoke-PesterLane }
    )
    $passed = 0; $failed = 0; $skipped = 0
    foreach ($count in $counts) {
        $passed += $count.Passed; $failed += $count.Failed; $skipped += $count.Skipped
    }
    Say "$passed passed, $failed failed, $skipped skipped"
    if ($failed -gt 0 -or $passed -eq 0) { 1 } else { 0 }
}

function Invoke-Demo {
    $demo = [IO.Path]::Combine($Root, 'scripts', 'demo.ps1')
    if (-not [IO.File]::Exists($demo)) { throw 'scripts/demo.ps1 is missing.' }
    Invoke-Build
    $arguments = @('-NoLogo', '-NoProfile', '-File', $demo, '-OutputPath', [IO.Path]::Combine($Out, 'demo'))
    if ($InBackfillShell) {
        Start-Program 'dotnet' (@([IO.Path]::Combine($Out, 'shell', 'backfill-shell.dll')) + $arguments)
    }
    else {
        Start-Program ([Environment]::ProcessPath) $arguments
    }
}

function Invoke-Bench {
    Invoke-Build
    Invoke-Program 'The benchmark' 'dotnet' @(
        [IO.Path]::Combine((Get-OutputPath 'tests' 'Backfill.Benchmarks'), 'Backfill.Benchmarks.dll'),
        '--output', [IO.Path]::Combine($Out, 'bench.json'))
}

# What lies there is this build's package, and nothing else.
function New-Package {
    Invoke-Build
    $folder = [IO.Path]::Combine($Out, 'package')
    Remove-Tree $folder
    Invoke-Program 'The package' 'dotnet' @(
        [IO.Path]::Combine((Get-OutputPath 'src' 'Backfill.Packaging'), 'Backfill.Packaging.dll'),
        [IO.Path]::Combine($Out, 'Backfill.PowerShell'), $folder)
}

function Clear-Output {
    foreach ($folder in [IO.Directory]::CreateDirectory($Out).GetDirectories().FullName) {
        # The shell that runs this script stays; build.sh removes it afterwards.
        if ([IO.Path]::TrimEndingDirectorySeparator([AppContext]::BaseDirectory) -ne $folder) { Remove-Tree $folder }
    }
    foreach ($kind in 'src', 'tests') {
        foreach ($project in [IO.Directory]::GetDirectories([IO.Path]::Combine($Root, $kind))) {
            Remove-Tree ([IO.Path]::Combine($project, 'bin'))
            Remove-Tree ([IO.Path]::Combine($project, 'obj'))
        }
    }
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
