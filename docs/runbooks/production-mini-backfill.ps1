#requires -Version 7.6
<#
.SYNOPSIS
Production mini backfill: look, freeze, approve with the staging evidence, run, look again.

.DESCRIPTION
When:   a staging run of the same versions was applied, soaked and approved at both gates within the last 7 days.
Before: two connections, Connect-Backfill -Environment Staging and -Environment Production, each with its own keys.
Nothing is called on production before its gate ProdApply is approved, whatever else you type.

Stop, and ask a second person, when
  - the health report finds far more sessions than you expect: find out why first;
  - a criterion of ProdApply is not met;
  - the run halts by itself: a breaker has opened, or the key was refused. partial-failure.ps1 goes on from there.

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

    # Answers the questions itself. In a sandbox only.
    [switch] $Rehearse
)

$ErrorActionPreference = 'Stop'
if ($Rehearse -and -not ($Connection.IsSandbox -and $EvidenceConnection.IsSandbox)) { throw 'Rehearse in sandboxes: elsewhere a person answers.' }
if ($Connection.Environment -ne 'Production') { throw "This runbook is for production; the connection leads to $Connection." }

# 1. Look; reads only. Look at: NeedingBackfill, and NotBackfillable (listed in the report, never planned).
$health = Test-ProdHealth -Connection $Connection -OutputPath $OutputPath
$health | Out-Default
if ($health.Status -eq 'Healthy') { 'Nothing needs a backfill.'; return }

# 2. Freeze: the plan's sessions are written down as a run, which waits at its gate. A frozen run of this plan is gone on with.
$run = Get-BackfillRun -Connection $Connection -State Pending | Where-Object PlanHash -eq $health.PlanHash
if (-not $run) {
    $null = Invoke-BackfillApply -Path $health.PlanPath -Connection $Connection -OutputPath $OutputPath
    $run = Get-BackfillRun -Latest -Connection $Connection
}
$run | Out-Default

# 3. Decide. Look at: Health, StagingRun, StagingSoak, Versions, ModuleVersion, EvidenceAge. They are read from both ledgers now.
#    With approvals.four_eyes in the plan, somebody else than who froze it must do this, from their own account.
$gate = Get-BackfillGate -RunId $run.RunId -Name ProdApply -Connection $Connection
$evidence = @{ EvidenceConnection = $EvidenceConnection; EvidenceRunId = $EvidenceRunId }
if ($gate.Status -ne 'Approved') {
    $gate = $gate | Confirm-BackfillGate @evidence -Reason 'reviewed with the runbook' -Confirm:(-not $Rehearse)
    $gate | Out-Default
}

# 4. Run, at 20 a minute. Look at: in another window Get-BackfillRun -RunId … | Format-List. To pause: Suspend-BackfillRun.
Invoke-BackfillApply -RunId $run.RunId -Connection $Connection -OutputPath $OutputPath | Where-Object Outcome -ne Succeeded | Out-Default

# 5. Look again. Whatever it finds now has come since, or did not succeed: partial-failure.ps1.
$after = Test-ProdHealth -Connection $Connection -OutputPath $OutputPath
$after | Out-Default
Get-BackfillRun -RunId $run.RunId -Connection $Connection
