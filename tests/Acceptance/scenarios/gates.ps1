# A gate is closed until somebody decides, and asks before it opens. Emits it as it stood at each step.
param([Parameter(Mandatory)] $World)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, '..', 'World.ps1'))
$folder = New-Folder $World gates
$to = @{ Connection = $World.Connection }

$run = Invoke-SmallRun $World $folder 2
$gate = Get-BackfillGate $run.RunId ApplyReview @to
Expect 'the gate waits, with every criterion met' ($gate.Status -eq 'Pending' -and $gate.Passed -and $gate.Criteria.Count -gt 5)
Expect 'no soak begins before it is approved' ((Get-ErrorId { Start-StagingSoak -RunId $run.RunId -OutputPath $folder @to }) -eq 'GatePending')
$gate

$null = $gate | Confirm-BackfillGate -Reason 'tried' -WhatIf
Expect '-WhatIf decides nothing' ((Get-BackfillGate $run.RunId ApplyReview @to).Status -eq 'Pending')

# A shell at which nobody sits, whoever runs this.
$alone = [powershell]::Create([initialsessionstate]::CreateDefault2())
try {
    $null = $alone.AddScript('param($Module, $Gate) Import-Module $Module; $ConfirmPreference = ''None''; $Gate | Confirm-BackfillGate -Reason ''nobody asked''')
    $null = $alone.AddArgument((Get-Module Backfill.PowerShell).Path).AddArgument($gate).Invoke()
    Expect 'where nobody can be asked it is an error, and $ConfirmPreference does not count' ($alone.Streams.Error[0].FullyQualifiedErrorId -like 'ConfirmationNeeded,*')
}
finally { $alone.Dispose() }
Expect 'and nothing was decided' ((Get-BackfillGate $run.RunId ApplyReview @to).Status -eq 'Pending')

$denied = $gate | Deny-BackfillGate -Reason 'not before noon' -Confirm:$false
Expect 'a denial stands, with its reason' ($denied.Status -eq 'Denied' -and $denied.Reason -eq 'not before noon')
Expect 'what was denied lets nothing pass' ((Get-ErrorId { Start-StagingSoak -RunId $run.RunId -OutputPath $folder @to }) -eq 'GateDenied')
$denied

$approved = $denied | Confirm-BackfillGate -Reason 'it is noon' -Approver 'the officer on duty' -ExpiresIn 1h -Confirm:$false
Expect 'an approval names who, why and until when' ($approved.Status -eq 'Approved' -and $approved.DecidedBy -like '*officer on duty*' -and $approved.ExpiresAt -gt $approved.DecidedAt)
$approved

# Criteria that are not met are not overlooked.
$sessions = @(Get-Free $World 1)
$plan = $sessions | New-BackfillPlan ([IO.Path]::Combine($folder, 'failing.plan.json')) -Environment Staging
Set-BackfillSandboxFault Status -StatusCode 400 -SessionId $sessions[0].SessionId -Sandbox $World.Sandbox
try { $null = Invoke-BackfillApply $plan.Path @to -OutputPath $folder -ThrottlePerMinute 600 -ErrorAction SilentlyContinue }
finally { Clear-BackfillSandboxFault -Sandbox $World.Sandbox }
$failing = Get-BackfillGate (Get-BackfillRun -Latest @to).RunId ApplyReview @to
Expect 'a failed session leaves a criterion unmet' (-not $failing.Passed)
Expect 'such a gate opens with -Override only' ((Get-ErrorId { $failing | Confirm-BackfillGate -Reason 'in haste' -Confirm:$false }) -eq 'GateCriteriaFailed')
$failing
