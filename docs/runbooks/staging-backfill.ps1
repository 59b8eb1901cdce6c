#requires -Version 7.6

<#
.SYNOPSIS
Staging backfill, start to finish: apply, review, soak, go or no-go.

.DESCRIPTION
When:   a plan for staging has been written and read by a second person.
Before: Connect-Backfill -Environment Staging, with the keys from your secret store in the environment.
        Test-BackfillConnection names what is missing, a wrong key included.
Call it again whenever it has stopped, here or on another machine: it goes on where the ledger says it stands, and does
nothing twice.

Stop, and ask a second person, when
  - the preview lists sessions that you do not know, or far more than the plan says;
  - a criterion at a gate is not met. -Override is for a risk that somebody has accepted by name, not for haste;
  - Failed or Unknown grow while it runs: Suspend-BackfillRun, then partial-failure.ps1.

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

    # Sessions a minute; only a sandbox takes more than the plan says.
    [int] $ThrottlePerMinute = 0,

    # After which batch, or how many sessions, a person looks before the rest is called; of the 39-session plan: priority.
    [string] $ReviewAfter = '',

    # Answers the questions itself. In a sandbox only.
    [switch] $Rehearse
)

$ErrorActionPreference = 'Stop'
if ($Rehearse -and -not $Connection.IsSandbox) { throw 'Rehearse in a sandbox: elsewhere a person answers.' }
if ($Connection.Environment -ne 'Staging') { throw "This runbook is for staging; the connection leads to $Connection." }

$preview = @{ Path = $Path; Connection = $Connection; WhatIf = $true }
if ($ReviewAfter) { $preview.ReviewAfter = $ReviewAfter }

# 1. What would it do? Nothing is written. Look at: how many sessions, which functions, what is spared as already current.
$calls = @(Invoke-BackfillApply @preview)
"$($calls.Count) calls would be made."

# 2. Go as far as the gates allow. Look at: the bar (verified, without success, waiting), and in another window
#    Get-BackfillRun -Latest | Format-List: PeakPerMinute is never over ThrottlePerMinute.
$pipeline = @{ Path = $Path; Connection = $Connection; OutputPath = $OutputPath; Duration = $Duration }
if ($ReviewAfter) { $pipeline.ReviewAfter = $ReviewAfter }
if ($ThrottlePerMinute) { $pipeline.ThrottlePerMinute = $ThrottlePerMinute }
$steps = @(Invoke-BackfillPipeline @pipeline)
$steps | Out-Host

# 3. At a gate: read backfill_summary.md (after the reviewed batch, and after the apply) or staging_observability.md (after the
#    soak), then decide. Only a gate that nobody has decided on is asked about; a denied one stays closed.
while ($steps[-1].Status -eq 'Halted' -and $steps[-1].Gate -in 'BatchReview', 'ApplyReview', 'SoakGoNoGo') {
    $gate = Get-BackfillGate -RunId $steps[-1].RunId -Name $steps[-1].Gate -Connection $Connection
    $gate | Out-Host
    if (-not $gate.Passed) { 'A criterion is not met. Nothing is approved here.'; break }
    if ($gate.Status -notin 'Pending', 'Expired', 'Invalidated') { "It is $($gate.Status)."; break }

    # Production is approved on the go of SoakGoNoGo, which must still hold then: 7 days, as long as the soak may count. Any
    # other approval keeps to 24 hours.
    $holds = @{}
    if ($gate.Name -eq 'SoakGoNoGo') { $holds.ExpiresIn = '7d' }

    # Confirm-BackfillGate asks, with a default of No; an answer of No ends the runbook here.
    $gate | Confirm-BackfillGate @holds -Reason "reviewed with the runbook: $($gate.Name)" -Confirm:(-not $Rehearse) | Out-Host
    $steps = @(Invoke-BackfillPipeline @pipeline)
    $steps | Out-Host
}

# 4. With SoakGoNoGo approved it halts before production: production-mini-backfill.ps1 goes on, within 7 days.
$steps[-1]
