# The main job, end to end, on sandboxes: preview; apply, soak and production, each through its gate; rollback.
[CmdletBinding()]
param(
    # Where the artifacts go.
    [Parameter(Mandatory)] [string] $OutputPath,

    # The staged module.
    [string] $ModulePath = (Join-Path $PSScriptRoot .. out Backfill.PowerShell)
)

$ErrorActionPreference = 'Stop'
Import-Module (Convert-Path $ModulePath)
$plan = Convert-Path (Join-Path $PSScriptRoot .. plans backfill_apply.plan.json)

function Assert([bool] $Condition, [string] $Promise) {
    if (-not $Condition) { throw "The demo didn't keep a promise: $Promise" }
    "  kept: $Promise"
}

# A person reads the criteria, and decides. Here a script does, so it must say on the very command that nobody is asked.
function Show-Gate($Gate) {
    "  Gate $($Gate.Name): $($Gate.Status), criteria $(if ($Gate.Passed) { 'met' } else { 'NOT met' })"
    foreach ($c in $Gate.Criteria) { "    [$(if ($null -eq $c.Passed) { 'not measured' } elseif ($c.Passed) { 'met' } else { 'NOT MET' })] $($c.Name): $($c.Actual)" }
    if ($Gate.DecidedBy) { "    $($Gate.Status) by $($Gate.DecidedBy): $($Gate.Reason)" }
}

'Starting two sandboxes, staging and production: a PostgreSQL and a function server each, on this machine.'
$sandbox = Start-BackfillSandbox -ClockFactor 720
$prodSandbox = $null
try {
    $prodSandbox = Start-BackfillSandbox Production -CandidateCount 6 -Seed 2
    $staging = Connect-Backfill -Sandbox $sandbox
    $production = Connect-Backfill -Sandbox $prodSandbox
    $staging, $production | Out-Default

    'The plan:'
    Get-BackfillPlan -Path $plan | Out-Default

    'What it would do (-WhatIf writes nothing):'
    $calls = @(Invoke-BackfillApply -Path $plan -Connection $staging -WhatIf)
    Assert ($calls.Count -eq 52) '52 calls planned: 39 of score_fc_session, 13 of score_prism'
    Assert (@(Get-BackfillRun -Connection $staging).Count -eq 0) 'nothing was written'
    $before = @(Get-BackfillCandidate -Connection $staging | ForEach-Object { "$($_.SessionId) $($_.MissingProfile) $($_.MissingFcScores) $($_.ResultsVersion)" })

    ''
    'The pipeline, first call: it applies the plan, then halts. The pace is raised from 20 a minute to 600: in a sandbox only.'
    $pipeline = @{ Path = $plan; Connection = $staging; OutputPath = $OutputPath; ThrottlePerMinute = 600 }
    $steps = @(Invoke-BackfillPipeline @pipeline)
    $steps | Out-Default
    Assert ($steps[-1].Status -eq 'Halted' -and $steps[-1].Gate -eq 'ApplyReview' -and $steps[-1].ExitCode -eq 3) 'halted at ApplyReview, exit code 3'
    $run = Get-BackfillRun -Latest -Connection $staging
    $run | Out-Default
    Assert ($run.State -eq 'Completed') 'the run is completed'
    Assert (@(Get-BackfillSessionResult $run.RunId -Connection $staging | Where-Object Outcome -eq Succeeded).Count -eq 39) '39 sessions succeeded, each verified in the database'
    $json = Get-Content (Join-Path $OutputPath backfill_logs execution_results.json) -Raw | ConvertFrom-Json
    Assert ($json.total_sessions -eq 39) 'execution_results.json: 39 sessions in all'
    Assert ($json.successful_sessions -eq 39) 'execution_results.json: 39 successful'
    Assert $json.verification.met 'expected changes met: 39 new fc_scores, 13 new profiles, 0 updated'
    $again = @(Invoke-BackfillApply -Path $plan -Connection $staging -WhatIf)
    Assert ($again.Count -eq 0) 'the same plan again has nothing left to do'
    $refused = ''
    try { $null = Start-StagingSoak -RunId $run.RunId -Connection $staging } catch { $refused = $_.FullyQualifiedErrorId }
    Assert ($refused -like 'GatePending,*') 'no soak begins while the gate is closed'
    Confirm-BackfillGate ApplyReview -RunId $run.RunId -Connection $staging -Reason 'the demo has reviewed it' -Confirm:$false -OutVariable gate | ForEach-Object { Show-Gate $_ }
    Assert ($gate[0].Passed -and $gate[0].Status -eq 'Approved') 'ApplyReview is approved: every criterion was met'

    ''
    'Second call: it soaks for 6 hours, rehearsed: the sandbox''s clock runs 720 times as fast, while its users complete sessions.'
    Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $sandbox
    $steps = @(Invoke-BackfillPipeline @pipeline)
    Stop-BackfillSandboxTraffic -Sandbox $sandbox
    $steps | Out-Default
    Assert ($steps[-1].Status -eq 'Halted' -and $steps[-1].Gate -eq 'SoakGoNoGo') 'nothing was applied twice; halted at SoakGoNoGo'
    $samples = @(Get-StagingSoak $run.RunId -Connection $staging)
    $samples | Where-Object { $_.Number % 12 -eq 0 } | Out-Default
    Assert ($samples.Count -eq 72) '72 samples, one every 5 minutes (every twelfth is shown)'
    Assert ($samples[-1].Verdict -eq 'Pass') 'the verdict is Pass: staging_observability.md has the checks and a chart'
    $gate = Confirm-BackfillGate SoakGoNoGo -RunId $run.RunId -Connection $staging -Reason 'go' -Confirm:$false
    Show-Gate $gate
    Assert ($gate.Passed) 'SoakGoNoGo is approved: go'

    ''
    'Third call: it looks at production, writes a plan for what it finds there, and halts: it changes nothing.'
    $steps = @(Invoke-BackfillPipeline @pipeline -ProductionConnection $production)
    $steps | Out-Default
    Assert ($steps[-1].Status -eq 'Halted' -and $steps[-1].Gate -eq 'ProdApply') 'halted, with recommendations'
    $prodPlan = Join-Path $OutputPath prod_mini_backfill_plan.json
    $prod = @{ Connection = $production; OutputPath = Join-Path $OutputPath production }
    Assert (@(Invoke-BackfillApply -Path $prodPlan @prod).Count -eq 0) 'the production plan is frozen as a run, and nothing was called'
    $prodRun = Get-BackfillRun -Latest -Connection $production
    Assert ($prodRun.State -eq 'Pending') 'that run is pending'
    $refused = ''
    try { $null = Invoke-BackfillApply -RunId $prodRun.RunId @prod } catch { $refused = $_.FullyQualifiedErrorId }
    Assert ($refused -like 'GatePending,*') 'it does not start while ProdApply is closed'
    $gate = Confirm-BackfillGate ProdApply -RunId $prodRun.RunId -Connection $production -EvidenceConnection $staging -EvidenceRunId $run.RunId -Reason 'staging was applied, soaked and approved' -Confirm:$false
    Show-Gate $gate
    Assert ($gate.Passed) 'ProdApply is approved: the staging ledger was read again'
    $applied = @(Invoke-BackfillApply -RunId $prodRun.RunId -ThrottlePerMinute 600 @prod)
    Assert (@($applied | Where-Object Outcome -ne Succeeded).Count -eq 0 -and $applied.Count -eq $prodRun.Total) "production: $($applied.Count) of $($prodRun.Total) sessions succeeded"
    $steps = @(Invoke-BackfillPipeline @pipeline -ProductionConnection $production)
    Assert ($steps[-1].Phase -eq 'ProdHealth' -and $steps[-1].ExitCode -eq 0) 'called once more, the pipeline is done: production is healthy, exit code 0'
    Assert (@(Get-BackfillRun -Connection $staging).Count -eq 1) 'four calls of the pipeline made one run'

    ''
    'The run as one HTML page, for the people who decide and who audit: before it is undone, and after.'
    $page = Export-BackfillReport $run.RunId -Connection $staging -Path (Join-Path $OutputPath report.html) -PassThru
    Assert ((Get-Content $page -Raw).Contains('Gate SoakGoNoGo: ')) 'report.html has verdict, timeline, decisions and soak'

    ''
    'Undoing the staging run: every row gets its image back, in one transaction, and is compared with it.'
    $undone = @(Invoke-BackfillRollback -RunId $run.RunId -Connection $staging -Reason 'the demo is over' -Confirm:$false)
    $undone | Out-Default
    Assert (@($undone | Where-Object { -not $_.Verified -or $_.Conflicts -gt 0 }).Count -eq 0) 'every row is what it was: verified, and no conflict'
    Assert ((Get-BackfillRun $run.RunId -Connection $staging).State -eq 'RolledBack') 'the run is rolled back'
    $after = @(Get-BackfillCandidate -Connection $staging | ForEach-Object { "$($_.SessionId) $($_.MissingProfile) $($_.MissingFcScores) $($_.ResultsVersion)" })
    Assert (($after -join "`n") -eq ($before -join "`n")) "the $($before.Count) sessions that lacked something before lack the same now, and no other does"
    Assert ((Get-BackfillGate $run.RunId ApplyReview -Connection $staging).Status -eq 'Invalidated') 'and what was approved of the run no longer holds'
    $page = Export-BackfillReport $run.RunId -Connection $staging -Path (Join-Path $OutputPath report_rolled_back.html) -PassThru
    Assert ((Get-Content $page -Raw).Contains('39 of 39 sessions were rolled back')) 'report_rolled_back.html says so'
}
finally {
    if ($prodSandbox) { Stop-BackfillSandbox -Sandbox $prodSandbox }
    Stop-BackfillSandbox -Sandbox $sandbox
}

''
"Artifacts in ${OutputPath}: backfill_summary.md, backfill_logs/execution_results.json, backfill_logs/batch_*.json, backfill_logs/rollback_*.sql,"
'report.html and report_rolled_back.html, staging_observability.md with its chart, prod_health_check.md, prod_mini_backfill_plan.json; production/ has the same of the production run'
