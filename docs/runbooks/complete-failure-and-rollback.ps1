#requires -Version 7.6

<#
.SYNOPSIS
Stops a run, denies its gate, undoes it exactly, and checks that nothing of it is left.

.DESCRIPTION
When:   a run has written something wrong, for example a wrong version; or the release is withdrawn.
What happens: rows that did not exist are deleted, changed rows get their old values back, deleted rows are inserted again. This is
one transaction, and it changes only rows that are still as the run left them. A row that somebody has changed or added since
is a conflict: it is reported, never overwritten.
Without the module: psql --set ON_ERROR_STOP=1 --file backfill_logs/rollback_<day>.sql, as the owner of the tables. If a folder has
several runs of that day, the first run's file has the plain name, and each later file has its run's id in the name. The head of
the file names the run.

Stop, and ask a second person, when there are conflicts. A conflict is a row that somebody else has written since, and no tool
knows whether the old or the new value is right. -OnConflict Skip undoes the rest and leaves these rows as they are.

.EXAMPLE
./complete-failure-and-rollback.ps1 -Connection $staging -RunId $run.RunId -Reason 'engine v1.2.1 is taken back' -OutputPath ./artifacts
#>
[CmdletBinding()]
param(
    # The open connection.
    [Parameter(Mandatory)] $Connection,

    # The run.
    [Parameter(Mandatory)] [guid] $RunId,

    # Why; kept in the ledger.
    [Parameter(Mandatory)] [string] $Reason,

    # The folder for the script that can undo the run without the module.
    [string] $OutputPath = $PWD.ProviderPath,

    # Answers the questions for you. In a sandbox only.
    [switch] $Rehearse
)

$ErrorActionPreference = 'Stop'
if ($Rehearse -and -not $Connection.IsSandbox) { throw 'Rehearse in a sandbox: elsewhere a person answers.' }
$run = Get-BackfillRun -RunId $RunId -Connection $Connection
if ($run.State -eq 'RolledBack') { "Run $RunId is rolled back already."; return }

# 1. Stop it for good. Its workers finish the sessions that they process. Look at: ActiveWorkers goes to 0.
if ($run.State -in 'Pending', 'Running', 'Suspended', 'Paused', 'Halted') {
    Stop-BackfillRun -RunId $RunId -Connection $Connection -Reason $Reason -Confirm:(-not $Rehearse)
}

# 2. Deny its gate, so that no phase can build on it.
$gate = Get-BackfillGate -RunId $RunId -Connection $Connection | Where-Object { $_.Name -eq 'ApplyReview' -and $_.Status -in 'Pending', 'Approved' }
if ($gate) { $gate | Deny-BackfillGate -Reason $Reason -Confirm:(-not $Rehearse) | Out-Host }

# 3. What would be undone? Look at: RowsToDelete, RowsToRestore, RowsToReinsert against the run's figures, and Conflicts: 0.
$rollback = New-BackfillRollback -RunId $RunId -Connection $Connection -OutputPath $OutputPath
$rollback | Out-Host
if ($rollback.Conflicts -gt 0) {
    Invoke-BackfillRollback -RunId $RunId -Connection $Connection -WhatIf -ErrorAction Continue | Out-Host
    throw "$($rollback.Conflicts) rows are in conflict: others changed or added them since. Nothing was undone. Decide with a second person."
}

# 4. Undo. It asks, with tables and counts; the default is No.
$undone = @(Invoke-BackfillRollback -Rollback $rollback -Connection $Connection -Reason $Reason -Confirm:(-not $Rehearse))
$undone | Out-Host
if ($undone | Where-Object { -not $_.Verified }) { throw 'A table is not what it was: see the warnings.' }

# 5. Check: the run is RolledBack, and its sessions lack the same results as before.
Get-BackfillRun -RunId $RunId -Connection $Connection
