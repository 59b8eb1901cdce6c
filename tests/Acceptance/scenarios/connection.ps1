# The target answers, it is the one that is meant, and what is said of it holds no secret. Emits the checks.
param([Parameter(Mandatory)] $World)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, '..', 'World.ps1'))

$checks = @(Test-BackfillConnection -Connection $World.Connection)
Expect 'every check has passed' (@($checks | Where-Object Status -ne Passed).Count -eq 0)
Expect '-Quiet says so in one word' (Test-BackfillConnection -Connection $World.Connection -Quiet)
Expect 'the open connection is found again' (@(Get-BackfillConnection | Where-Object Fingerprint -eq $World.Connection.Fingerprint).Count -eq 1)

$box = $World.Sandbox
$keys = @{ ApiUrl = $box.ApiUrl; ServiceRoleKey = $box.ServiceRoleKey; AnonKey = $box.AnonKey; DatabaseUrl = $box.DatabaseUrl }
Expect 'staging is not taken for production' ((Get-ErrorId { Connect-Backfill Production @keys }) -eq 'EnvironmentMismatch')

# The anonymous key in the service role's place.
$wrong = $keys.Clone()
$wrong.ServiceRoleKey = $box.AnonKey
$refused = @(Test-BackfillConnection @wrong | Where-Object Status -eq Failed)
Expect 'a wrong key fails a check' ($refused.Count -gt 0)
Expect 'every check that fails names a remedy' (@($refused | Where-Object { -not $_.Remedy }).Count -eq 0)

$said = ($checks + $refused | ForEach-Object { "$($_.Detail) $($_.Remedy)" }) -join ' '
foreach ($secret in $box.ServiceRoleKey, $box.AnonKey, $box.DatabaseUrl) {
    Expect 'no check shows a secret' (-not $said.Contains($secret))
}

$checks
