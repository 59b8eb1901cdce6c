# What the acceptance tests share: the staged module, one sandbox for all files of a run, sessions that nobody has touched, and
# fresh processes of the real PowerShell. Each file begins with: BeforeAll { . $PSScriptRoot/World.ps1 }

$ErrorActionPreference = 'Stop'

$RepositoryRoot = (Resolve-Path (Join-Path $PSScriptRoot .. ..)).Path
$ModuleFolder = Join-Path $RepositoryRoot out Backfill.PowerShell
$ModuleManifest = Join-Path $ModuleFolder Backfill.PowerShell.psd1
$ApplyPlan = Join-Path $RepositoryRoot plans backfill_apply.plan.json
$Settings = 'SUPABASE_URL', 'SUPABASE_SERVICE_ROLE_KEY', 'SUPABASE_ANON_KEY', 'SUPABASE_DB_URL'

# The real process of this very PowerShell: a .NET tool's pwsh starts it as a child.
[string[]] $Pwsh = if ([IO.Path]::GetFileNameWithoutExtension([Environment]::ProcessPath) -eq 'dotnet') { 'dotnet', (Join-Path $PSHOME pwsh.dll) } else { [Environment]::ProcessPath }

Import-Module $ModuleManifest -Global
. (Join-Path $PSScriptRoot Screen.ps1)

# No setting of this machine reaches a test.
foreach ($name in $Settings) { Remove-Item "Env:$name" -ErrorAction Ignore }

# The sandbox that all files share: Sandbox, Connection, and Free, the sessions that no test has taken. An hour of its clock
# takes ten seconds; its scoring, which takes real time, still keeps within a soak's grace period.
function Get-World {
    if (-not $global:BackfillWorld) {
        $sandbox = Start-BackfillSandbox -CandidateCount 500 -ClockFactor 360
        $connection = Connect-Backfill -Sandbox $sandbox
        $named = (Get-BackfillPlan $ApplyPlan).Batches.Sessions
        $free = Get-BackfillCandidate -Connection $connection | Where-Object { $_.Backfillable -and $_.FcResponses -gt 0 -and $_.SessionId -notin $named }
        $global:BackfillWorld = [pscustomobject] @{
            Sandbox    = $sandbox
            Connection = $connection
            Free       = [Collections.Generic.Queue[guid]]::new([guid[]] $free.SessionId)
        }
    }
    $global:BackfillWorld
}

function Stop-World {
    if ($global:BackfillWorld) { Stop-BackfillSandbox -Sandbox $global:BackfillWorld.Sandbox }
    $global:BackfillWorld = $null
}

# So many session ids of the shared sandbox that need a backfill, succeed in both functions, and belong to the caller alone.
function Get-FreeSession([int] $Count = 1) {
    $world = Get-World
    if ($world.Free.Count -lt $Count) { throw "Only $($world.Free.Count) sessions are left: Get-World in World.ps1 must start a larger sandbox." }
    1..$Count | ForEach-Object { $world.Free.Dequeue() }
}

# A plan's file, in its own version, so that no two are the same plan.
function New-TestPlan([string] $Path, [guid[]] $SessionId, [string] $Environment = 'staging', [int] $ThrottlePerMinute = 20) {
    $sessions = ($SessionId | ForEach-Object { "`"$_`"" }) -join ', '
    Set-Content $Path @"
{
  "backfill_plan": {
    "version": "$(New-Guid)", "timestamp": "2025-09-17T08:00:00Z", "environment": "$Environment",
    "engine_version": "v1.2.1", "fc_version": "v1.2", "throttle_per_minute": $ThrottlePerMinute, "batch_size": 5,
    "total_candidates": $($SessionId.Count), "expected_runtime_minutes": 1
  },
  "batches": [
    { "batch_id": "named", "description": "", "sessions": [$sessions],
      "operations": [
        { "function": "score_fc_session", "params": { "version": "v1.2", "basis": "functions" } },
        { "function": "score_prism", "params": { "engine_version": "v1.2.1" } }
      ] }
  ]
}
"@
    $Path
}

# A run of the caller's own that has ended: its sessions are free ones, applied at the pace that a sandbox allows.
function New-TestRun([int] $Count = 1, [string] $OutputPath = (New-TestFolder)) {
    $world = Get-World
    $plan = New-TestPlan (Join-Path $OutputPath 'run.plan.json') (Get-FreeSession $Count)
    $null = Invoke-BackfillApply $plan -Connection $world.Connection -OutputPath $OutputPath -ThrottlePerMinute 1200 -WarningAction SilentlyContinue
    Get-BackfillRun -Latest -Connection $world.Connection
}

# Such a run whose first gate is approved, so that a soak of it can begin.
function New-ReviewedRun([int] $Count = 1) {
    $run = New-TestRun $Count
    $null = Confirm-BackfillGate ApplyReview $run.RunId -Connection (Get-World).Connection -Reason 'a test' -Confirm:$false
    $run
}

# A new folder that goes with the test's TestDrive.
function New-TestFolder { (New-Item (Join-Path $TestDrive "$(New-Guid)") -ItemType Directory).FullName }

# Runs a script in a fresh PowerShell, with the module imported. Standard input is closed, or holds just InputText.
# Gives ExitCode, Lines (of standard output) and Errors (the text of standard error).
function Invoke-Pwsh {
    param(
        [Parameter(Mandatory)] [string] $Script,
        [string] $InputText = '',
        [hashtable] $Environment = @{},
        [string[]] $Option = @('-NonInteractive'),
        [string] $Location = $PWD.ProviderPath,
        [int] $Minutes = 2,
        [switch] $NoModule
    )
    $file = Join-Path (New-TestFolder) script.ps1
    $import = $NoModule ? '' : "Import-Module '$ModuleManifest'`n"
    Set-Content $file "`$ErrorActionPreference = 'Stop'`n$import$Script"
    $start = [Diagnostics.ProcessStartInfo]::new($Pwsh[0])
    foreach ($argument in @($Pwsh | Select-Object -Skip 1) + '-NoLogo', '-NoProfile' + $Option + '-File', $file) { $start.ArgumentList.Add($argument) }
    foreach ($name in $Environment.Keys) { $start.Environment[$name] = $Environment[$name] }
    $start.Environment['NO_COLOR'] = '1'
    $start.WorkingDirectory = $Location
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $process = [Diagnostics.Process]::Start($start)
    try {
        $output = $process.StandardOutput.ReadToEndAsync()
        $errors = $process.StandardError.ReadToEndAsync()
        $process.StandardInput.Write($InputText)
        $process.StandardInput.Close()
        if (-not $process.WaitForExit(60000 * $Minutes)) { throw "The script didn't end in $Minutes minutes: $($Script.Trim().Split("`n")[0])" }
        [pscustomobject] @{
            ExitCode = $process.ExitCode
            Lines    = @($output.Result.ReplaceLineEndings("`n").Split("`n", [StringSplitOptions]::RemoveEmptyEntries))
            Errors   = $errors.Result
        }
    }
    finally {
        if (-not $process.HasExited) { $process.Kill($true) }
        $process.Dispose()
    }
}

# Objects as another program reads them: written to a CSV file and read back, or as JSON.
function Get-CsvOf($Object) {
    $file = Join-Path (New-TestFolder) rows.csv
    $Object | Export-Csv $file
    Import-Csv $file
}

function Get-JsonOf($Object) { $Object | ConvertTo-Json -Depth 8 -EnumsAsStrings -AsArray | ConvertFrom-Json -Depth 16 }

# The columns of such rows that hold the name of a type instead of a value.
function Get-TypeNameColumn($Row) {
    $Row | ForEach-Object { $_.PSObject.Properties } | Where-Object Value -Match 'System\.|Backfill\.\w|`\d|\[\]' | ForEach-Object Name | Sort-Object -Unique
}

# Asks until the answer is true. It gives up after a minute, far beyond what any of these questions needs.
function Wait-Until([scriptblock] $Question) {
    $clock = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Question)) {
        if ($clock.Elapsed.TotalSeconds -gt 60) { throw "This wasn't true within a minute: $Question" }
        Start-Sleep -Milliseconds 100
    }
}

# The environment in which Connect-Backfill without parameters finds a sandbox.
function Get-SandboxSetting($Sandbox = (Get-World).Sandbox) {
    @{
        SUPABASE_URL              = $Sandbox.ApiUrl
        SUPABASE_SERVICE_ROLE_KEY = $Sandbox.ServiceRoleKey
        SUPABASE_ANON_KEY         = $Sandbox.AnonKey
        SUPABASE_DB_URL           = $Sandbox.DatabaseUrl
    }
}

# The id of the error that a block ends with, or '(none)'.
function Get-ErrorId([scriptblock] $Block) {
    try { $null = & $Block; '(none)' } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
}

# A connection of our own to a sandbox's database, as its owner and beside the module. Dispose of it.
function Open-Sql($Sandbox = (Get-World).Sandbox) {
    $context = [Runtime.Loader.AssemblyLoadContext]::All | Where-Object { $_.Assemblies | ForEach-Object { $_.GetName().Name } | Where-Object { $_ -eq 'Npgsql' } } | Select-Object -First 1
    $npgsql = $context.LoadFromAssemblyName([Reflection.AssemblyName]::new('Npgsql'))
    $url = [uri] $Sandbox.DatabaseUrl
    $user, $password = $url.UserInfo.Split(':').ForEach{ [uri]::UnescapeDataString($_) }
    $database = $url.AbsolutePath.Trim('/')
    $connection = $npgsql.GetType('Npgsql.NpgsqlConnection')::new("Host=$($url.Host);Port=$($url.Port);Database=$database;Username=$user;Password=$password;Pooling=false")
    $connection.Open()
    $connection
}

# Runs SQL on a sandbox's database as its owner, beside the module. Gives the rows' values as text, a row each, tab-separated.
function Invoke-Sql([Parameter(Mandatory)] [string] $Sql, $Sandbox = (Get-World).Sandbox) {
    $connection = Open-Sql $Sandbox
    try {
        $command = $connection.CreateCommand()
        $command.CommandText = $Sql
        $reader = $command.ExecuteReader()
        while ($reader.Read()) { (0..($reader.FieldCount - 1) | ForEach-Object { $reader.GetValue($_) }) -join "`t" }
        $reader.Close()
    }
    finally { $connection.Dispose() }
}
