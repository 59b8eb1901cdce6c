# The main job, end to end, on a sandbox: connect, preview, apply, verify, soak, health, rollback, artifacts.
# Core commands only, so that it runs without the full shell too.
[CmdletBinding()]
param(
    # Where the artifacts go.
    [Parameter(Mandatory)] [string] $OutputPath,

    # The staged module.
    [string] $ModulePath = [System.IO.Path]::Combine($PSScriptRoot, '..', 'out', 'Backfill.PowerShell')
)

$ErrorActionPreference = 'Stop'
Import-Module ([System.IO.Path]::GetFullPath($ModulePath))
$plan = [System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', 'plans', 'backfill_apply.plan.json'))

function Assert([bool] $Condition, [string] $Promise) {
    if (-not $Condition) { throw "The demo did not keep a promise: $Promise" }
    "  kept: $Promise"
}

'Starting a sandbox: a PostgreSQL and a function server of its own, on this machine.'
$sandbox = Start-BackfillSandbox -ClockFactor 720
try {
    $connection = Connect-Backfill -Sandbox $sandbox
    $connection | Out-Default

    'The plan:'
    Get-BackfillPlan -Path $plan | Out-Default

    'What it would do (-WhatIf writes nothing):'
    $calls = @(Invoke-BackfillApply -Path $plan -WhatIf)
    Assert ($calls.Count -eq 52) '52 calls planned: 39 of score_fc_session, 13 of score_prism'
    Assert (@(Get-BackfillRun).Count -eq 0) 'nothing was written'

    ''
    'Applying it. The pace is raised from the plan''s 20 a minute to 600: that is allowed in a sandbox only.'
    Invoke-BackfillApply -Path $plan -OutputPath $OutputPath -ThrottlePerMinute 600 -OutVariable results | Out-Default
    $run = Get-BackfillRun -Latest
    $run | Out-Default

    Assert ($run.State -eq 'Completed') 'the run is completed'
    Assert (@($results | Where-Object Outcome -eq Succeeded).Count -eq 39) '39 sessions succeeded, each verified in the database'
    $file = [System.IO.Path]::Combine($OutputPath, 'backfill_logs', 'execution_results.json')
    $json = [System.Text.Json.JsonDocument]::Parse([System.IO.File]::ReadAllText($file)).RootElement
    Assert ($json.GetProperty('total_sessions').GetInt32() -eq 39) 'execution_results.json: 39 sessions in all'
    Assert ($json.GetProperty('successful_sessions').GetInt32() -eq 39) 'execution_results.json: 39 successful'
    Assert ($json.GetProperty('verification').GetProperty('met').GetBoolean()) 'expected changes met: 39 new fc_scores, 13 new profiles, 0 updated'

    ''
    'The same plan again has nothing left to do:'
    $again = @(Invoke-BackfillApply -Path $plan -WhatIf)
    Assert ($again.Count -eq 0) 'no call is planned twice'

    ''
    'Soaking staging for 6 hours, rehearsed: the sandbox''s clock runs 720 times as fast, while its users complete sessions.'
    Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $sandbox
    Start-StagingSoak -RunId $run.RunId -OutputPath $OutputPath -OutVariable samples | Where-Object { $_.Number % 12 -eq 0 } | Out-Default
    Stop-BackfillSandboxTraffic -Sandbox $sandbox
    Assert (@($samples).Count -eq 72) '72 samples, one every 5 minutes (every twelfth is shown)'
    Assert ($samples[-1].Verdict -eq 'Pass') 'the verdict is Pass: staging_observability.md has the checks and a chart'

    ''
    'Is it healthy now? The 39 sessions are; a few without FC responses still lack a profile. The check writes a plan for them:'
    $health = Test-ProdHealth -OutputPath $OutputPath
    $health | Out-Default
    Assert ($health.NeedingBackfill -eq 8) '8 more sessions need a backfill'
    $mended = @(Invoke-BackfillApply -Path $health.PlanPath -OutputPath ([System.IO.Path]::Combine($OutputPath, 'health')) -ThrottlePerMinute 600)
    Assert (@($mended | Where-Object Outcome -eq Succeeded).Count -eq 8) 'the plan it recommends was applied: 8 sessions succeeded'
    Assert (Test-ProdHealth -OutputPath $OutputPath -Quiet) 'nothing needs a backfill any more'

    ''
    'Undoing the first run: every row gets its image back, in one transaction, and is compared with it.'
    $undone = @(Invoke-BackfillRollback -RunId $run.RunId -Reason 'the demo is over' -Confirm:$false)
    $undone | Out-Default
    Assert (@($undone | Where-Object { -not $_.Verified -or $_.Conflicts -gt 0 }).Count -eq 0) 'every row is what it was: verified, and no conflict'
    Assert ((Get-BackfillRun $run.RunId).State -eq 'RolledBack') 'the run is rolled back, and its 39 sessions need a backfill again'
    Assert ((Test-ProdHealth -OutputPath $OutputPath).NeedingBackfill -eq 39) 'the health check finds just these 39'
}
finally {
    Stop-BackfillSandbox -Sandbox $sandbox
}

''
"Artifacts in ${OutputPath}: backfill_summary.md, backfill_logs/execution_results.json, backfill_logs/batch_*.json, backfill_logs/rollback_*.sql,"
'staging_observability.md with its chart, prod_health_check.md'
