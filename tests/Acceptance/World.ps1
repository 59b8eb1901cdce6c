# What every scenario needs: one sandbox for all of them, a word for what must hold, small plans of sessions that nobody has
# touched. Core commands only.

# An hour of the sandbox takes ten seconds; its scoring, which takes real time, still keeps within a soak's grace period.
$WorldClockFactor = 360

function Start-AcceptanceWorld([string] $ModulePath = [IO.Path]::Combine($PSScriptRoot, '..', '..', 'out', 'Backfill.PowerShell')) {
    Import-Module ([IO.Path]::GetFullPath($ModulePath)) -Global
    $sandbox = Start-BackfillSandbox -CandidateCount 60 -ClockFactor $WorldClockFactor
    [pscustomobject]@{
        Sandbox    = $sandbox
        Connection = Connect-Backfill -Sandbox $sandbox
        PlanFolder = [IO.Path]::GetFullPath([IO.Path]::Combine($PSScriptRoot, '..', '..', 'plans'))
        OutputPath = [IO.Directory]::CreateTempSubdirectory('backfill-acceptance-').FullName
    }
}

function Stop-AcceptanceWorld($World) {
    Stop-BackfillSandbox -Sandbox $World.Sandbox
    [IO.Directory]::Delete($World.OutputPath, $true)
}

function Get-Scenario([string] $Name) { [IO.Path]::Combine($PSScriptRoot, 'scenarios', "$Name.ps1") }

function Expect([string] $What, $Holds) {
    if (-not $Holds) { throw "It does not hold: $What." }
}

function Get-ErrorId([scriptblock] $Block) {
    try { $null = & $Block; '(none)' } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
}

# A folder of the scenario's own.
function New-Folder($World, [string] $Name) {
    [IO.Directory]::CreateDirectory([IO.Path]::Combine($World.OutputPath, "$Name-$([guid]::NewGuid().ToString('n'))")).FullName
}

# So many sessions that need a backfill and can have one.
function Get-Free($World, [int] $Count) {
    $free = @(Get-BackfillCandidate -Connection $World.Connection | Where-Object Backfillable)
    if ($free.Count -lt $Count) { throw "Only $($free.Count) sessions are left to backfill; the sandbox needs more." }
    $free[0..($Count - 1)]
}

# A plan for so many of them.
function New-SmallPlan($World, [string] $Folder, [int] $Count) {
    Get-Free $World $Count | New-BackfillPlan ([IO.Path]::Combine($Folder, 'small.plan.json')) -Environment Staging
}

# A run that is done: a small plan, applied. The pace is raised, as a sandbox allows.
function Invoke-SmallRun($World, [string] $Folder, [int] $Count) {
    $null = New-SmallPlan $World $Folder $Count | Invoke-BackfillApply -Connection $World.Connection -OutputPath $Folder -ThrottlePerMinute 600
    Get-BackfillRun -Latest -Connection $World.Connection
}
