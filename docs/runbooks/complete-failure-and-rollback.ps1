#requires -Version 7.6

<#
.SYNOPSIS
Complete failure and rollback: stop what runs, deny the gate, undo the run exactly, check that nothing of it is left.

.DESCRIPTION
When:   a run has written what it should not have, for example a wrong version; or the release is taken back.
What happens: rows that did not exist are deleted, changed rows get their old values back, deleted rows are re-inserted; all in
one transaction, and only where the row is still as the run left it. What somebody has changed or added since is a conflict:
reported, never overwritten.
Without the module: psql --set ON_ERROR_STOP=1 --file backfill_logs/rollback_<day>.sql, as the owner of the tables. In a folder
of several runs of that day the plain name is the first run's, and each later one has its run's id in its name: look at the
head of the file, which names the run.

Stop, and ask a second person, when there are conflicts. A conflict is a row that the live system has written since: whether the
old or the new value is right, no tool can know. -OnConflict Skip undoes the rest and leaves these as they are.

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

    # Where the script goes that would undo the run without the module.
    [string] $OutputPath = $PWD.ProviderPath,

    # Answers the questions itself. In a sandbox only.
    [switch] $Rehearse
)

$ErrorActionPreference = 'Stop'
if ($Rehearse -and -not $Connection.IsSandbox) { throw 'Rehearse in a sandbox: elsewhere a person answers.' }
$run = Get-BackfillRun -RunId $RunId -Connection $Connection
if ($run.State -eq 'RolledBack') { "Run $RunId is rolled back already."; return }

# 1. Stop it for good. Its workers finish the calls in their hands; Look at: ActiveWorkers goes to 0.
if ($run.State -in 'Pending', 'Running', 'Suspended', 'Paused', 'Halted') {
    Stop-BackfillRun -RunId $RunId -Connection $Connection -Reason $Reason -Confirm:(-not $Rehearse)
}

# 2. Close the door: nothing may be built on it.
$gate = Get-BackfillGate -RunId $RunId -Connection $Connection | Where-Object { $_.Name -eq 'ApplyReview' -and $_.Status -in 'Pending', 'Approved' }
if ($gate) { $gate | Deny-BackfillGate -Reason $Reason -Confirm:(-not $Rehearse) | Out-Host }

# 3. What would be undone? Look at: RowsToDelete, RowsToRestore, RowsToReinsert against the run's figures, and Conflicts: 0.
$rollback = New-BackfillRollback -RunId $RunId -Connection $Connection -OutputPath $OutputPath
$rollback | Out-Host
if ($rollback.Conflicts -gt 0) {
    Invoke-BackfillRollback -RunId $RunId -Connection $Connection -WhatIf -ErrorAction Continue | Out-Host
    throw "$($rollback.Conflicts) rows are in conflict: changed by others, or added since. Decide with a second person; nothing was undone."
}

# 4. Undo. It asks, naming tables and counts, with a default of No.
$undone = @(Invoke-BackfillRollback -Rollback $rollback -Connection $Connection -Reason $Reason -Confirm:(-not $Rehearse))
$undone | Out-Host
if ($undone | Where-Object { -not $_.Verified }) { throw 'A table is not what it was: see the warnings.' }

# 5. Check: the run is RolledBack, and its sessions lack again what they lacked before.
Get-BackfillRun -RunId $RunId -Connection $Connection
