#requires -Version 7.6
<#
.SYNOPSIS
Runs the acceptance scenarios in one sandbox, without Pester and without the full shell, and says which ones hold.
.EXAMPLE
./Invoke-Scenarios.ps1 -Name apply, rollback
#>
[CmdletBinding()]
param(
    # Which; by default all, by name.
    [string[]] $Name = @([Linq.Enumerable]::Order([string[]] @(
        [IO.Directory]::GetFiles([IO.Path]::Combine($PSScriptRoot, 'scenarios'), '*.ps1') | ForEach-Object { [IO.Path]::GetFileNameWithoutExtension($_) })))
)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, 'World.ps1'))
$world = Start-AcceptanceWorld
$broken = 0
try {
    foreach ($one in $Name) {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        try {
            $found = @(& (Get-Scenario $one) -World $world)
            if ($found.Count -eq 0) { throw 'It found nothing.' }
            "holds: $one ($($found.Count) objects, $($clock.ElapsedMilliseconds) ms)"
        }
        catch {
            $broken++
            "BROKEN: $one, line $($_.InvocationInfo.ScriptLineNumber): $_ $($_.ScriptStackTrace.Split("`n") -join ' < ')"
        }
    }
}
finally { Stop-AcceptanceWorld $world }
exit $broken
