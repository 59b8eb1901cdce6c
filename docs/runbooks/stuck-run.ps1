#requires -Version 7.6
<#
.SYNOPSIS
Stuck run: the figures do not move. Find out what it waits for, and set it going again, or end it.

.DESCRIPTION
What to look at, in Get-BackfillRun -RunId … | Format-List:

  State          Paused, Halted: somebody, or a breaker, has stopped it; Reason says why
  ActiveWorkers  0 while it is Running: the process that worked on it is gone. Nothing is lost; any machine goes on with it
  WaitingFor     Pace: as it should be. RetryAfter: the functions asked for patience. Paused: suspended.
                 QuietPeriod: a call had no answer; nothing is called again for 405 s, since it may be committed until then
  LastActivityAt older than 10 minutes with an active worker: look at the database (locks) before you do anything else

Stop-BackfillRun is for good: sessions that were not come to are given up. Suspend-BackfillRun is not.

.EXAMPLE
./stuck-run.ps1 -Connection $staging -RunId $run.RunId -OutputPath ./artifacts
#>
[CmdletBinding()]
param(
    # The open connection.
    [Parameter(Mandatory)] $Connection,

    # The run.
    [Parameter(Mandatory)] [guid] $RunId,

    # Where the artifacts go.
    [string] $OutputPath = $PWD.ProviderPath
)

$ErrorActionPreference = 'Stop'
$run = Get-BackfillRun -RunId $RunId -Connection $Connection
$run | Out-Default

# 1. Is it at its end? Then it is not stuck.
if ($run.State -in 'Completed', 'Aborted', 'RolledBack') { "It is $($run.State)."; return $run }

# 2. Does it wait for a person? A production run that is Pending waits at its gate.
if ($run.State -eq 'Pending') {
    Get-BackfillGate -RunId $RunId -Connection $Connection | Out-Default
    if ($run.Environment -eq 'Production') { 'It waits at its gate: production-mini-backfill.ps1.'; return $run }
}

# 3. Does somebody work on it? Then wait for what it waits for, or look at that machine. A second worker is no cure.
if ($run.ActiveWorkers -gt 0) {
    if ($run.WantedState -eq 'Paused') {
        'It was suspended. It goes on now.'
        Resume-BackfillRun -RunId $RunId -Connection $Connection -Reason 'resumed with the runbook'
    }
    else { "A worker is there, and it waits for: $($run.WaitingFor). Look again in ten minutes." }
    return Get-BackfillRun -RunId $RunId -Connection $Connection
}

# 4. Nobody does. A halt has a cause: read Reason, mend it, and only then go on.
if ($run.State -eq 'Halted') { "It halted: $($run.Reason) Mend that first, then: Invoke-BackfillApply -RunId $RunId."; return $run }

# 5. Take it over, here. What the lost process had in hand is read back before anything is called again.
Invoke-BackfillApply -RunId $RunId -Connection $Connection -OutputPath $OutputPath -ErrorAction Continue |
    Where-Object Outcome -ne Succeeded | Out-Default
Get-BackfillRun -RunId $RunId -Connection $Connection
