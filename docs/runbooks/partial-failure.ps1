#requires -Version 7.6

<#
.SYNOPSIS
Partial failure: most sessions succeeded, some did not. Find out why, mend it, do just these again.

.DESCRIPTION
When:   a run ended with Failed, NoEffect or Unknown sessions, or it halted and the cause is mended.
What the categories mean, and what mends them:

  NotFound         the function, or the session, is not there ("key not found"): deploy the function; check the plan's sessions
  Authentication   the key was refused; the run halts at once. A new key, a new connection, then go on with the run
  RateLimited      429 after all repeats: others call the same functions. Lower the pace with Set-BackfillRun, not the number of repeats
  Timeout          no answer in 150 s; the outcome is Unknown until it was read back. If it stays so, the function is too slow
  FunctionError    the function failed, and nothing was written. Its own logs say why
  ResourceLimit    the platform ended the worker (546): one session is too large for the function
  Validation       the session lacks what the function needs: it can't be backfilled, and belongs into no plan
  VersionMismatch  written, but with another version than the plan's: the deployed engine is not the plan's. Stop; deploy first
  ForeignChange    somebody else wrote the same rows meanwhile. Look at the session, then do it again
  NoEffect         answered well, wrote nothing

Stop, and go to complete-failure-and-rollback.ps1, when VersionMismatch shows up, or one category hits most of the sessions.

On production nothing is called again from here: a new run waits at a gate of its own. What did not succeed still lacks what it
lacked, so production-mini-backfill.ps1 finds it, plans just that, and asks.

.EXAMPLE
./partial-failure.ps1 -Connection $staging -RunId $run.RunId -Path ./backfill_apply.plan.json -OutputPath ./artifacts

.EXAMPLE
./partial-failure.ps1 -Connection $production -RunId $run.RunId -OutputPath ./artifacts
#>
[CmdletBinding()]
param(
    # The open connection.
    [Parameter(Mandatory)] $Connection,

    # The run.
    [Parameter(Mandatory)] [guid] $RunId,

    # The plan's file, the very one that the run was made of. Production needs none: it gets a plan of what is left.
    [string] $Path,

    # Where the artifacts go.
    [string] $OutputPath = $PWD.ProviderPath,

    # Sessions a minute; only a sandbox takes more than the plan says.
    [int] $ThrottlePerMinute = 0
)

$ErrorActionPreference = 'Stop'
$run = Get-BackfillRun -RunId $RunId -Connection $Connection
if ($run.Environment -ne 'Production') {
    if (-not $Path) { throw "Name the plan that run $RunId was made of, with -Path." }
    $plan = Get-BackfillPlan -Path $Path
    if ($plan.Hash -ne $run.PlanHash) { throw "The plan $Path is not the one that run $RunId was made of." }
}
$pace = @{}
if ($ThrottlePerMinute) { $pace.ThrottlePerMinute = $ThrottlePerMinute }

# 1. A run that is not at its end is brought there first: its sessions are not free for another.
#    -ErrorAction Continue: a run with failures ends with one error, and this runbook is about them.
if ($run.State -in 'Paused', 'Halted') {
    "Run $RunId was $($run.State): $($run.Reason). It goes on."
    $null = Invoke-BackfillApply -RunId $RunId -Connection $Connection -OutputPath $OutputPath @pace -ErrorAction Continue
    $run = Get-BackfillRun -RunId $RunId -Connection $Connection
}
if ($run.State -ne 'Completed') { "Run $RunId is $($run.State): stuck-run.ps1, or complete-failure-and-rollback.ps1."; return }

# 2. Why? Look at: whether it is one category or many, one function or all, one batch or all.
$bad = @(Get-BackfillSessionResult -RunId $RunId -Connection $Connection -Outcome Failed, NoEffect, Unknown)
if ($bad.Count -eq 0) {
    $tried = @(Get-BackfillSessionResult -RunId $RunId -Connection $Connection -Outcome Skipped | Where-Object Category -eq AlreadyTried)
    if ($tried.Count -eq 0) { 'Every session succeeded or was spared.'; return }
    "$($tried.Count) sessions were passed over, for an earlier run of the plan had tried them without success. Call this with that run:"
    $tried | Group-Object Reason | ForEach-Object { "$($_.Count) sessions: $($_.Name)" }
    return
}
$bad | Out-Host
if ($bad.Count * 2 -gt $run.Total) { throw 'More than half did not succeed: that is a complete failure. Stop here.' }
if ($bad | Where-Object Category -eq VersionMismatch) { throw 'A wrong version was written: the deployed engine is not the plan''s. Stop here.' }

# 3. Mend the cause, outside. On production that is all that is done here: its sessions wait for a plan and a gate of their own.
if ($run.Environment -eq 'Production') {
    "$($bad.Count) sessions of production run $RunId did not succeed, and nothing was called again. Mend the cause, look with Test-ProdHealth, then go on with production-mini-backfill.ps1: it freezes what is left as a new run."
    return
}

# 4. Do just these again: a new run of the same plan, in which whatever succeeded is passed over.
$null = Invoke-BackfillApply -Path $Path -Connection $Connection -OutputPath $OutputPath -Reprocess Failed @pace -ErrorAction Continue
$new = Get-BackfillRun -Latest -Connection $Connection
if ($new.State -ne 'Completed') { "Run $($new.RunId) is $($new.State): $($new.Reason)" }
$still = @(Get-BackfillSessionResult -RunId $new.RunId -Connection $Connection -Outcome Failed, NoEffect, Unknown)
$still | Out-Host
"$($bad.Count) sessions had not succeeded; $($still.Count + $new.Remaining) still have not."

# 5. The new run has a gate of its own; the pipeline goes on with it. Sessions that can't be mended: a plan without them, or
#    approvals.max_failed in the plan, or -Override at the gate with the reason by name.
$new
