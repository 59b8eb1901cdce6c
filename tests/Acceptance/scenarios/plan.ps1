# A plan is read, checked with line and place, previewed without a trace, and made of what is needed. Emits plans and calls.
param([Parameter(Mandatory)] $World)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, '..', 'World.ps1'))
$folder = New-Folder $World plan

$shipped = [IO.Path]::Combine($World.PlanFolder, 'backfill_apply.plan.json')
$plan = Get-BackfillPlan $shipped
Expect 'the plan is for staging, 39 sessions in three batches' ($plan.Environment -eq 'Staging' -and $plan.TotalCandidates -eq 39 -and $plan.Batches.Count -eq 3)
Expect 'its hash is a SHA-256' ($plan.Hash -cmatch '^[0-9a-f]{64}$')
Expect 'no problem is found in it' (@(Test-BackfillPlan $shipped | Where-Object Severity -eq Error).Count -eq 0)
Expect 'a wildcard finds it too' (@(Get-BackfillPlan ([IO.Path]::Combine($World.PlanFolder, '*.plan.json'))).Hash -contains $plan.Hash)

$broken = [IO.Path]::Combine($folder, 'broken.plan.json')
[IO.File]::WriteAllText($broken, [IO.File]::ReadAllText($shipped).Replace('"throttle_per_minute": 20', '"throttle_per_minute": 0'))
$problem = @(Test-BackfillPlan $broken | Where-Object Severity -eq Error)
Expect 'a rate of nothing is a problem, with its line and place' ($problem[0].Line -gt 1 -and $problem[0].Pointer -eq '/backfill_plan/throttle_per_minute')

$before = @(Get-BackfillRun -Connection $World.Connection).Count
$calls = @(Invoke-BackfillApply $shipped -Connection $World.Connection -OutputPath $folder -WhatIf)
Expect 'a preview names calls of the two functions' ($calls.Count -gt 0 -and @($calls | Where-Object Function -notin score_fc_session, score_prism).Count -eq 0)
Expect 'a preview makes no run' (@(Get-BackfillRun -Connection $World.Connection).Count -eq $before)

$made = New-SmallPlan $World $folder 2
Expect 'a plan of chosen sessions loads, and is the one that was made' ((Get-BackfillPlan $made.Path).Hash -eq $made.Hash -and $made.TotalCandidates -eq 2)
$plan, $made
$calls
