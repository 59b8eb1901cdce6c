#requires -Version 7.6

<#
.SYNOPSIS
Shows what a run without progress waits for, and resumes it if no worker is there.

.DESCRIPTION
Look at these properties in Get-BackfillRun -RunId … | Format-List:

  State, Cause   Suspended: an operator ordered it. Paused: no worker is there (Cause is WorkerStopped, WorkerFailed or
                 NoWorker). Halted: Cause says what halted it, for example KeyRefused
  Intent         what an operator ordered, with IntentBy, IntentAt, IntentUntil and IntentReason. Only Resume-BackfillRun lifts a
                 suspension
  WaitingFor     Pace: this is normal. RetryAfter: the target asked for a pause. Suspended: an operator ordered it.
                 TargetUnreachable: no connection to the API; after 2 minutes the run halts. SlowDatabase: the run continues, slowly.
                 QuietPeriod: a call had no clear answer; its session waits for 405 s, because it may be committed until then
  LastActivityAt older than 10 minutes, with an active worker: look at the database (locks) before you do anything else

Stop-BackfillRun ends a run for good: sessions that were not called yet are never called. Suspend-BackfillRun only makes it wait.

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

    # Lifts a suspension. Use it only if you know why the run was suspended, and that the reason no longer exists.
    [switch] $Resume
)

$ErrorActionPreference = 'Stop'
$run = Get-BackfillRun -RunId $RunId -Connection $Connection
$run | Out-Host

# 1. Has it ended? Then it is not stuck.
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

# 4. Is a worker there? Then wait for what it waits for, or look at that machine. A second worker does not help.
if ($run.ActiveWorkers -gt 0) {
    "A worker is there, and it waits for: $($run.WaitingFor). Look again in ten minutes."
    return $run
}

# 5. No worker is there. A halt has a cause: read Reason, fix it, and only then resume the run.
if ($run.State -eq 'Halted') { "It halted: $("$($run.Reason)".TrimEnd('.')). Fix that first, then: Invoke-BackfillApply -RunId $RunId."; return $run }

# 6. Resume it here. The sessions of the lost worker are read back before anything is called again.
Invoke-BackfillApply -RunId $RunId -Connection $Connection -OutputPath $OutputPath -ErrorAction Continue |
    Where-Object Outcome -ne Succeeded | Out-Host
Get-BackfillRun -RunId $RunId -Connection $Connection
