# A plan is applied, one session goes wrong, and is done again; the artifacts say what the ledger says. Emits the session results.
param([Parameter(Mandatory)] $World)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, '..', 'World.ps1'))
$folder = New-Folder $World apply
$apply = @{ Connection = $World.Connection; OutputPath = $folder; ThrottlePerMinute = 600 }

$sessions = @(Get-Free $World 4)
$plan = $sessions | New-BackfillPlan ([IO.Path]::Combine($folder, 'four.plan.json')) -Environment Staging
Set-BackfillSandboxFault Status -StatusCode 400 -SessionId $sessions[1].SessionId -Sandbox $World.Sandbox
try { $results = @(Invoke-BackfillApply $plan.Path @apply -ErrorAction SilentlyContinue -ErrorVariable said) }
finally { Clear-BackfillSandboxFault -Sandbox $World.Sandbox }

$failed = @($results | Where-Object Outcome -eq Failed)
Expect 'each session has a result' ($results.Count -eq 4)
Expect 'the one that goes wrong is a result, with category and reason' ($failed.Count -eq 1 -and $failed[0].SessionId -eq $sessions[1].SessionId -and $failed[0].Category -eq 'Validation' -and $failed[0].Reason)
Expect 'the others succeeded, and wrote' (@($results | Where-Object { $_.Outcome -eq 'Succeeded' -and $_.RowsInserted -gt 0 }).Count -eq 3)
Expect 'there is one error in the end, about the run' ($said.Count -eq 1 -and $said[0].TargetObject -is [Backfill.BackfillRun])

$run = Get-BackfillRun -Latest -Connection $World.Connection
Expect 'the run counts the same' ($run.State -eq 'Completed' -and $run.Total -eq 4 -and $run.Succeeded -eq 3 -and $run.Failed -eq 1 -and $run.Remaining -eq 0)
$json = [Text.Json.JsonDocument]::Parse([IO.File]::ReadAllText([IO.Path]::Combine($folder, 'backfill_logs', 'execution_results.json'))).RootElement
Expect 'so does execution_results.json' ($json.GetProperty('successful_sessions').GetInt32() -eq 3 -and $json.GetProperty('failed_sessions').GetInt32() -eq 1)
Expect 'backfill_summary.md is there' ([IO.File]::Exists([IO.Path]::Combine($folder, 'backfill_summary.md')))

$again = @(Invoke-BackfillApply $plan.Path @apply -Reprocess Failed)
Expect 'with -Reprocess Failed just that one is done again, and succeeds' (@($again | Where-Object Outcome -eq Succeeded).SessionId -eq $sessions[1].SessionId -and @($again | Where-Object Reason -like 'AlreadyApplied*').Count -eq 3)
Expect 'nothing is left to do then' (@(Invoke-BackfillApply $plan.Path @apply -WhatIf).Count -eq 0)
Expect 'none of the four is a candidate any more' (@(Get-BackfillCandidate -Connection $World.Connection | Where-Object SessionId -in $sessions.SessionId).Count -eq 0)

Get-BackfillSessionResult $run.RunId -Connection $World.Connection
