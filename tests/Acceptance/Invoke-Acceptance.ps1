#requires -Version 7.6

<#
.SYNOPSIS
Runs the acceptance tests on the staged module and says how many passed. ./build.sh test calls it.
.EXAMPLE
./Invoke-Acceptance.ps1 -Filter gate
#>
[CmdletBinding()]
param(
    # Pester 6: its manifest, or its name where it's installed.
    [string] $Pester = 'Pester',

    # The file for the counts, in the form of the other lanes.
    [string] $Report = '',

    # Only tests whose full name contains this.
    [string] $Filter = '',

    # Also the tests with the tag full.
    [switch] $Full
)

$ErrorActionPreference = 'Stop'
Import-Module $Pester -MinimumVersion 6.0

$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Normal'
$configuration.Output.RenderMode = 'Plaintext'
if ($Filter) { $configuration.Filter.FullName = "*$Filter*" }
if (-not $Full) { $configuration.Filter.ExcludeTag = 'full' }

. (Join-Path $PSScriptRoot World.ps1)
try { $result = Invoke-Pester -Configuration $configuration }
finally { Stop-World }

# A block or a file that can't begin is a failure, too: its tests didn't run.
$failed = $result.FailedCount + $result.FailedBlocksCount + $result.FailedContainersCount
if ($Report) {
    $seconds = [int] $result.Duration.TotalSeconds
    "<assemblies><assembly name='Acceptance' passed='$($result.PassedCount)' failed='$failed' errors='0' skipped='$($result.SkippedCount + $result.InconclusiveCount)' time='$seconds'/></assemblies>" | Set-Content $Report
}
exit [int] ($failed -gt 0 -or $result.PassedCount -eq 0)
