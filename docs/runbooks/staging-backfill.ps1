#requires -Version 7.6

<#
.SYNOPSIS
Runs a staging backfill: apply, review, soak, go or no-go.

.DESCRIPTION
When:   you have a plan for staging, and a second person has read it.
Before: Connect-Backfill -Environment Staging, with the keys from your secret store in the environment.
        Test-BackfillConnection shows what is missing, and also a wrong key.
If it stops, call it again, here or on another machine: it continues where the ledger says it stopped, and does nothing twice.

Stop, and ask a second person, when
  - the preview lists sessions that you do not know, or many more than the plan says;
  - a criterion at a gate is not met. Use -Override only if a named person accepts the risk, never to save time;
  - Failed or Unknown increase while it runs: Suspend-BackfillRun, then partial-failure.ps1.

.EXAMPLE
./staging-backfill.ps1 -Connection $staging -Path ./backfill_apply.plan.json -ReviewAfter priority -OutputPath ./artifacts

.EXAMPLE
$staging = Start-BackfillSandbox -ClockFactor 240 | Connect-Backfill
./staging-backfill.ps1 -Connection $staging -Path ./backfill_apply.plan.json -ReviewAfter priority -Duration 1h -Rehearse
#>
[CmdletBinding()]
param(
    # The open connection to staging.
    [Parameter(Mandatory)] $Connection,

    # The plan's file.
    [Parameter(Mandatory)] [string] $Path,

    # Where the artifacts go.
    [string] $OutputPath = $PWD.ProviderPath,

    # How long to soak.
    [string] $Duration = '6h',

    # Session attempts a minute; more than the plan says in a sandbox only.
    [int] $ThrottlePerMinute = 0,

    # Where a person reviews before the others are called: a batch, or a number of sessions. For the 39-session plan: priority.
    [string] $ReviewAfter = '',

    # Answers the questions for you. In a sandbox only.
    [switch] $Rehearse
)

$ErrorActionPreference = 'Stop'
if ($Rehearse -and -not $Connection.IsSandbox) { throw 'Rehearse in a sandbox: elsewhere a person answers.' }
if ($Connection.Environment -ne 'Staging') { throw "This runbook is for staging; the connection leads to $Connection." }

$preview = @{ Path = $Path; Connection = $Connection; WhatIf = $true }
if ($ReviewAfter) { $preview.ReviewAfter = $ReviewAfter }

# 1. What would it do? Nothing is written. Look at: how many sessions, which functions, what is skipped as already current.
$calls = @(Invoke-BackfillApply @preview)
"$($calls.Count) calls would be made."

# 2. Continue to the next closed gate. Look at: the progress bar (verified, without success, waiting), and in another window
#    Get-BackfillRun -Latest | Format-List: PeakPerMinute is never over ThrottlePerMinute.
$pipeline = @{ Path = $Path; Connection = $Connection; OutputPath = $OutputPath; Duration = $Duration }
if ($ReviewAfter) { $pipeline.ReviewAfter = $ReviewAfter }
if ($ThrottlePerMinute) { $pipeline.ThrottlePerMinute = $ThrottlePerMinute }
$steps = @(Invoke-BackfillPipeline @pipeline)
$steps | Out-Host

# 3. At a gate: read backfill_summary.md (after the reviewed batch, and after the apply) or staging_observability.md (after the
#    soak), then decide. You are asked only about a gate that waits for a decision; a denied one stays closed.
while ($steps[-1].Status -eq 'Halted' -and $steps[-1].Gate -in 'BatchReview', 'ApplyReview', 'SoakGoNoGo') {
    $gate = Get-BackfillGate -RunId $steps[-1].RunId -Name $steps[-1].Gate -Connection $Connection
    $gate | Out-Host
    if (-not $gate.Passed) { 'A criterion is not met. Nothing is approved here.'; break }
    if ($gate.Status -notin 'Pending', 'Expired', 'Invalidated') { "It is $($gate.Status)."; break }

    # The approval of SoakGoNoGo must still hold when production is approved: 7 days, as long as the soak counts. Other approvals
    # last 24 hours.
    $holds = @{}
    if ($gate.Name -eq 'SoakGoNoGo') { $holds.ExpiresIn = '7d' }

    # Confirm-BackfillGate asks; the default is No. The answer No ends the runbook here.
    $gate | Confirm-BackfillGate @holds -Reason "reviewed with the runbook: $($gate.Name)" -Confirm:(-not $Rehearse) | Out-Host
    $steps = @(Invoke-BackfillPipeline @pipeline)
    $steps | Out-Host
}

# 4. After SoakGoNoGo it halts before production. Continue with production-mini-backfill.ps1 within 7 days.
$steps[-1]
