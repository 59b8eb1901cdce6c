#requires -Version 7.6

<#
.SYNOPSIS
Backfills production: check, freeze, approve with the staging evidence, run, check again.

.DESCRIPTION
When:   a staging run of the same versions was applied, soaked and approved at both gates, and its soak ended within the last
        7 days. The approval of SoakGoNoGo must not have expired, or must have been used to check production: staging-backfill.ps1
        gives it 7 days, otherwise an approval expires after 24 hours. If it has expired, approve it again.
Before: two connections, Connect-Backfill -Environment Staging and -Environment Production, each with its own keys.
Nothing is called on production before its gate ProdApply is approved.
If it stops, call it again, here, on another machine or the next morning: it continues the run that it finds there, and freezes
another one only when that one has ended.

Stop, and ask a second person, when
  - the health report finds many more sessions than you expect: find out why first;
  - a criterion of ProdApply is not met;
  - the run halts: a breaker has opened, or the key was refused. Fix the cause before you call this again.

.EXAMPLE
./production-mini-backfill.ps1 -Connection $production -EvidenceConnection $staging -EvidenceRunId $run.RunId -OutputPath ./artifacts
#>
[CmdletBinding()]
param(
    # The open connection to production.
    [Parameter(Mandatory)] $Connection,

    # The open connection to staging, whose ledger is read again.
    [Parameter(Mandatory)] $EvidenceConnection,

    # The staging run that was approved.
    [Parameter(Mandatory)] [guid] $EvidenceRunId,

    # Where the artifacts go.
    [string] $OutputPath = $PWD.ProviderPath,

    # Answers the questions for you. In a sandbox only.
    [switch] $Rehearse
)

$ErrorActionPreference = 'Stop'
if ($Rehearse -and -not ($Connection.IsSandbox -and $EvidenceConnection.IsSandbox)) { throw 'Rehearse in sandboxes: elsewhere a person answers.' }
if ($Connection.Environment -ne 'Production') { throw "This runbook is for production; the connection leads to $Connection." }

# 1. Check production; this only reads. Look at: NeedingBackfill, and NotBackfillable (listed in the report, never planned).
$health = Test-ProdHealth -Connection $Connection -OutputPath $OutputPath
$health | Out-Host

# 2. Is there a run that has not ended: running, frozen for a second person, paused or halted? Continue it first: its sessions are
#    not free for another run. Sessions that were found since are for the next call.
$run = Get-BackfillRun -Latest -Connection $Connection -State Pending, Suspended, Paused, Halted, Running
if ($run) {
    "Run $($run.RunId) is $($run.State)$(if ($run.Reason) { " ($($run.Reason.TrimEnd('.')))" }), with $($run.Remaining) of $($run.Total) sessions left. Its sessions are not free for another run, so it comes first."
    if ($run.Intent -eq 'Suspend') {
        "$($run.IntentBy) suspended it. Ask why; then lift it with Resume-BackfillRun $($run.RunId) -Connection `$production, and call this again."
        return $run
    }
    if ($run.PlanHash -ne $health.PlanHash) { "It is not of the plan that was written just now: call this again when it has ended." }
}
elseif ($health.Status -eq 'Healthy') { 'Nothing needs a backfill.'; return }
else {
    # Freeze: the plan's sessions become a run, which waits at its gate. -Reprocess Failed, because sessions that an earlier run
    # of the same plan tried without success still lack something.
    $null = Invoke-BackfillApply -Path $health.PlanPath -Connection $Connection -OutputPath $OutputPath -Reprocess Failed
    $run = Get-BackfillRun -Latest -Connection $Connection
}
$run | Out-Host

# 3. Decide. Look at: Health, StagingRun, StagingSoak, Versions, ModuleVersion, EvidenceAge. They are read from both ledgers now.
#    With approvals.four_eyes in the plan, a person who did not freeze it must do this, from an account of their own.
#    You are asked only about a gate that waits for a decision; a gate that has started this run lets it continue.
$gate = Get-BackfillGate -RunId $run.RunId -Name ProdApply -Connection $Connection
if ($gate.Status -eq 'Denied') { "Its gate was denied: $($gate.Reason). Stop-BackfillRun ends it, and its sessions are free again."; return $run }
if ($gate.Status -in 'Pending', 'Expired', 'Invalidated') {
    $evidence = @{ EvidenceConnection = $EvidenceConnection; EvidenceRunId = $EvidenceRunId }
    $gate | Confirm-BackfillGate @evidence -Reason 'reviewed with the runbook' -Confirm:(-not $Rehearse) | Out-Host
}

# 4. Run, at 20 a minute. Look at: Get-BackfillRun -RunId … | Format-List in another window. To make it wait: Suspend-BackfillRun.
#    -ErrorAction Continue: a run with failures ends with one error, and this runbook must check again.
Invoke-BackfillApply -RunId $run.RunId -Connection $Connection -OutputPath $OutputPath -ErrorAction Continue |
    Where-Object Outcome -ne Succeeded | Out-Host

# 5. Check again. Sessions that it finds now are new, or did not succeed: partial-failure.ps1.
$after = Test-ProdHealth -Connection $Connection -OutputPath $OutputPath
$after | Out-Host
Get-BackfillRun -RunId $run.RunId -Connection $Connection
