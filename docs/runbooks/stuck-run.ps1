#requires -Version 7.6

<#
.SYNOPSIS
Stuck run: the figures do not move. Find out what it waits for, and set it going again, or end it.

.DESCRIPTION
What to look at, in Get-BackfillRun -RunId … | Format-List:

  State, Cause   Suspended: an operator ordered it. Paused: no worker is there (Cause is WorkerStopped, WorkerFailed or
                 NoWorker). Halted: Cause says what halted it, for example KeyRefused
  Intent         what an operator ordered, with IntentBy, IntentAt, IntentUntil and IntentReason. Only Resume-BackfillRun lifts it
  WaitingFor     Pace: as it should be. RetryAfter: the target asked for a pause. Suspended: an operator ordered it.
                 TargetUnreachable: no connection to the API; after 2 minutes the run halts. SlowDatabase: it goes on, slowly.
                 QuietPeriod: a call had no clear answer; its session waits for 405 s, since it may be committed until then
  LastActivityAt older than 10 minutes with an active worker: look at the database (locks) before you do anything else

Stop-BackfillRun is for good: sessions that were not called yet are given up. Suspend-BackfillRun isn't.

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
    [string] $OutputPath = $PWD.ProviderPath,

    # Lifts a suspension, once you know why it is there, and that it is over.
    [switch] $Resume
)

$ErrorActionPreference = 'Stop'
$run = Get-BackfillRun -RunId $RunId -Connection $Connection
$run | Out-Host

# 1. Is it at its end? Then it is not stuck.
if ($run.State -in 'Completed', 'Aborted', 'RolledBack') { "It is $($run.State)."; return $run }

# 2. Does it wait for a person? A production run that is Pending waits at its gate.
if ($run.State -eq 'Pending') {
    Get-BackfillGate -RunId $RunId -Connection $Connection | Out-Host
    if ($run.Environment -eq 'Production') { 'It waits at its gate: production-mini-backfill.ps1.'; return $run }
}

# 3. Has a person suspended it? Then there is a reason, and it is not stuck. Ask that person before you lift it.
if ($run.Intent -eq 'Suspend') {
    if (-not $Resume) { "$($run.IntentBy) suspended it: $($run.IntentReason). Ask why; -Resume lifts it."; return $run }
    Resume-BackfillRun -RunId $RunId -Connection $Connection -Reason 'resumed with the runbook'
    $run = Get-BackfillRun -RunId $RunId -Connection $Connection
    if ($run.ActiveWorkers -gt 0) { 'Its worker resumes it.'; return $run }
}

# 4. Does somebody work on it? Then wait for what it waits for, or look at that machine. A second worker is no cure.
if ($run.ActiveWorkers -gt 0) {
    "A worker is there, and it waits for: $($run.WaitingFor). Look again in ten minutes."
    return $run
}

# 5. Nobody does. A halt has a cause: read Reason, mend it, and only then go on.
if ($run.State -eq 'Halted') { "It halted: $("$($run.Reason)".TrimEnd('.')). Mend that first, then: Invoke-BackfillApply -RunId $RunId."; return $run }

# 6. Take it over, here. What the lost process had in hand is read back before anything is called again.
Invoke-BackfillApply -RunId $RunId -Connection $Connection -OutputPath $OutputPath -ErrorAction Continue |
    Where-Object Outcome -ne Succeeded | Out-Host
Get-BackfillRun -RunId $RunId -Connection $Connection
