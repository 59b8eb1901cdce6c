# What needs a backfill is counted, written into a plan that loads, and nothing is changed. Emits the report and the candidates.
param([Parameter(Mandatory)] $World)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, '..', 'World.ps1'))
$folder = New-Folder $World health
$to = @{ Connection = $World.Connection }

$health = Test-ProdHealth -OutputPath $folder @to
$candidates = @(Get-BackfillCandidate @to)
$able = @($candidates | Where-Object Backfillable)
Expect 'it needs a backfill' ($health.Status -eq 'NeedsBackfill' -and $health.SessionsAnalyzed -gt $candidates.Count)
Expect '-Quiet says so in one word' (-not (Test-ProdHealth -OutputPath $folder -Quiet @to))
Expect 'it counts the sessions that Get-BackfillCandidate lists' ($health.NeedingBackfill -eq $able.Count -and $health.NotBackfillable -eq $candidates.Count - $able.Count)
Expect 'every session that can''t have one says why' (@($candidates | Where-Object { -not $_.Backfillable -and -not $_.Reason }).Count -eq 0)
Expect 'the report is there' ([IO.File]::Exists($health.ReportPath))

$plan = Get-BackfillPlan $health.PlanPath
Expect 'the plan loads, and names just these sessions' ($plan.TotalCandidates -eq $able.Count)
Expect 'no call of it goes elsewhere' (@(Invoke-BackfillApply $plan @to -OutputPath $folder -WhatIf | Where-Object SessionId -notin $able.SessionId).Count -eq 0)

$health
$candidates
