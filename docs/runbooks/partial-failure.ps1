#requires -Version 7.6

<#
.SYNOPSIS
Shows why some sessions did not succeed, and processes only these again.

.DESCRIPTION
When:   a run ended with Failed, NoEffect or Unknown sessions, or it halted and you have fixed the cause.
What the categories mean, and how to fix them:

  NotFound         the function or the session does not exist ("key not found"): deploy the function; check the plan's sessions
  Authentication   the key was refused, and the run halted at once. Get a new key, connect again, then resume the run
  RateLimited      429 after all repeats: others call the same functions. Lower the pace with Set-BackfillRun
  Timeout          no answer in 150 s; the outcome is Unknown until the rows are read back. If it stays Unknown, the function is too slow
  FunctionError    the function failed, and nothing was written. Read the function's own logs
  ResourceLimit    the platform ended the function's worker (546): the session is too large for the function
  Validation       the session lacks what the function needs: it can't be backfilled. Remove it from the plan
  VersionMismatch  a row was written with another version than the plan's: the wrong engine is deployed. Stop; deploy first
  ForeignChange    somebody else wrote the same rows during the run. Look at the session, then process it again
  NoEffect         the function answered well and wrote nothing

Stop, and go to complete-failure-and-rollback.ps1, if there is a VersionMismatch, or if most sessions have one category.

On production, this runbook calls nothing again: a new run must wait at a gate of its own. Sessions that did not succeed still
lack their results, so production-mini-backfill.ps1 finds them, plans only these, and asks.

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

    # The file of the run's own plan. Production needs none: it gets a plan of what is left.
    [string] $Path,

    # Where the artifacts go.
    [string] $OutputPath = $PWD.ProviderPath,

    # Session attempts a minute; more than the plan says in a sandbox only.
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

# 1. Finish a run that has not ended: its sessions are not free for another run.
#    -ErrorAction Continue: a run with failures ends with one error, and this runbook is about these failures.
if ($run.State -in 'Paused', 'Halted') {
    "Run $RunId was $($run.State): $($run.Reason). It is resumed now."
    $null = Invoke-BackfillApply -RunId $RunId -Connection $Connection -OutputPath $OutputPath @pace -ErrorAction Continue
    $run = Get-BackfillRun -RunId $RunId -Connection $Connection
}
if ($run.State -ne 'Completed') { "Run $RunId is $($run.State): stuck-run.ps1, or complete-failure-and-rollback.ps1."; return }

# 2. Why did they not succeed? Look at: is it one category or many, one function or all, one batch or all?
$bad = @(Get-BackfillSessionResult -RunId $RunId -Connection $Connection -Outcome Failed, NoEffect, Unknown)
if ($bad.Count -eq 0) {
    $tried = @(Get-BackfillSessionResult -RunId $RunId -Connection $Connection -Outcome Skipped | Where-Object Category -eq AlreadyTried)
    if ($tried.Count -eq 0) { 'Every session succeeded or had nothing to do.'; return }
    "$($tried.Count) sessions were skipped, because an earlier run of the plan tried them without success. Call this again with that run:"
    $tried | Group-Object Reason | ForEach-Object { "$($_.Count) sessions: $($_.Name)" }
    return
}
$bad | Out-Host
if ($bad.Count * 2 -gt $run.Total) { throw 'More than half did not succeed: that is a complete failure. Stop here.' }
if ($bad | Where-Object Category -eq VersionMismatch) { throw 'A wrong version was written: the deployed engine is not the plan''s. Stop here.' }

# 3. Fix the cause, outside this runbook. On production it ends here: the sessions need a plan and a gate of their own.
if ($run.Environment -eq 'Production') {
    "$($bad.Count) sessions of production run $RunId did not succeed, and nothing was called again. Fix the cause, check with Test-ProdHealth, then continue with production-mini-backfill.ps1: it freezes what is left as a new run."
    return
}

# 4. Process only these again: a new run of the same plan skips everything that succeeded.
$null = Invoke-BackfillApply -Path $Path -Connection $Connection -OutputPath $OutputPath -Reprocess Failed @pace -ErrorAction Continue
$new = Get-BackfillRun -Latest -Connection $Connection
if ($new.State -ne 'Completed') { "Run $($new.RunId) is $($new.State): $($new.Reason)" }
$still = @(Get-BackfillSessionResult -RunId $new.RunId -Connection $Connection -Outcome Failed, NoEffect, Unknown)
$still | Out-Host
"$($bad.Count) sessions had not succeeded; $($still.Count + $new.Remaining) still have not."

# 5. The new run has a gate of its own; the pipeline continues with it. If some sessions can't be fixed, use a plan without them,
#    approvals.max_failed in the plan, or -Override at the gate with the reason.
$new
