# A run is taken back, first one session, then the rest; the target is as it was. Emits what was undone, table by table.
param([Parameter(Mandatory)] $World)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, '..', 'World.ps1'))
$folder = New-Folder $World rollback
$to = @{ Connection = $World.Connection }
function Get-Lack { @(Get-BackfillCandidate @to | ForEach-Object { "$($_.SessionId) $($_.MissingProfile) $($_.MissingFcScores) $($_.ResultsVersion)" }) }

$before = Get-Lack
$run = Invoke-SmallRun $World $folder 3
Expect 'three sessions lack less than before' ((Get-Lack).Count -eq $before.Count - 3)

$rollback = New-BackfillRollback -RunId $run.RunId -OutputPath $folder @to
Expect 'it would delete rows, and nobody has changed one' ($rollback.RowsToDelete -gt 0 -and $rollback.Conflicts -eq 0 -and $rollback.Sessions -eq 3)
Expect 'the script for psql is there' ([IO.File]::Exists($rollback.ScriptPath))
$null = Invoke-BackfillRollback -RunId $run.RunId -WhatIf @to
Expect '-WhatIf undoes nothing' ((Get-Lack).Count -eq $before.Count - 3 -and (Get-BackfillRun $run.RunId @to).State -eq 'Completed')

$one = @(Get-BackfillSessionResult $run.RunId @to)[0]
$undone = @($one | Invoke-BackfillRollback -Reason 'one of them' -Confirm:$false)
Expect 'one session is undone, and verified' (@($undone | Where-Object { -not $_.Verified -or $_.Conflicts }).Count -eq 0 -and (Get-Lack).Count -eq $before.Count - 2)
Expect 'the result tells when' ((Get-BackfillSessionResult $run.RunId @to | Where-Object SessionId -eq $one.SessionId).RolledBackAt)

$rest = @(Invoke-BackfillRollback -RunId $run.RunId -Reason 'all of it' -Confirm:$false @to)
Expect 'the rest too' (@($rest | Where-Object { -not $_.Verified -or $_.Conflicts }).Count -eq 0)
Expect 'every session lacks what it lacked before' (((Get-Lack) -join "`n") -eq ($before -join "`n"))
Expect 'the run is rolled back' ((Get-BackfillRun $run.RunId @to).State -eq 'RolledBack')
Expect 'its gate is open no more' ((Get-BackfillGate $run.RunId ApplyReview @to).Status -ne 'Approved')

$undone
$rest
