# A PowerShell in a terminal of its own, as an operator has it: what is sent is typed, and what the terminal shows is waited for.
# util-linux's script makes the terminal. A test file begins with: BeforeAll { . $PSScriptRoot/World.ps1; . $PSScriptRoot/Console.ps1 }

$Enter = "`r"
$CtrlC = "`u{3}"

# Why there is no terminal on this machine, or nothing.
function Get-NoConsoleReason {
    if ($IsWindows) { 'the terminal is made by util-linux, which Windows has not' }
    elseif (-not (Get-Command script -CommandType Application -ErrorAction Ignore)) { 'the program script (util-linux) is not installed' }
}

# What was started in the background of a shell ignores interrupts, and so would its children.
function Get-DefaultSignalCommand {
    $status = '/proc/self/status'
    if (-not (Test-Path $status)) { return }
    $mask = [Convert]::ToUInt64((Select-String '^SigIgn:\s*(\w+)' $status).Matches[0].Groups[1].Value, 16)
    # SIGHUP is 1, SIGINT 2, SIGQUIT 3.
    if ($mask -band 7) { 'env --default-signal=HUP,INT,QUIT ' }
}

# Starts a script in a terminal of 160 columns, with the module imported. It connects to the shared sandbox by its environment.
function Start-Console {
    param(
        [Parameter(Mandatory)] [string] $Script,
        [string[]] $Option = @(),
        [hashtable] $Environment = (Get-SandboxSetting),
        [string] $Location = (New-TestFolder),
        [switch] $NoModule
    )
    $file = Join-Path (New-TestFolder) script.ps1
    $before = $NoModule ? '' : "`$ErrorActionPreference = 'Stop'`nImport-Module '$ModuleManifest'`n"
    Set-Content $file "$before$Script"
    $command = @($Pwsh) + '-NoLogo', '-NoProfile' + $Option + '-File', $file | ForEach-Object { "'$_'" }

    $start = [Diagnostics.ProcessStartInfo]::new('script')
    # noflsh: or Ctrl+C would drop an answer of the terminal that PowerShell has not read yet, and it would wait for that forever.
    $inside = "stty cols 160 rows 50 noflsh; exec $(Get-DefaultSignalCommand)$($command -join ' ')"
    foreach ($argument in '-qefc', $inside, '/dev/null') { $start.ArgumentList.Add($argument) }
    foreach ($name in $Environment.Keys) { $start.Environment[$name] = $Environment[$name] }
    $start.Environment['TERM'] = 'xterm'
    $null = $start.Environment.Remove('NO_COLOR')
    $start.WorkingDirectory = $Location
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
    $process = [Diagnostics.Process]::Start($start)
    $console = [pscustomobject] @{ Process = $process; Text = ''; Unread = 0; Buffer = [char[]]::new(4096); Reading = $null }
    $console.Reading = $process.StandardOutput.ReadAsync($console.Buffer, 0, $console.Buffer.Length)
    $console
}

# Takes the next piece of what the terminal shows. False: it is closed.
function Read-Console($Console, [datetime] $Until) {
    $left = $Until - [datetime]::UtcNow
    if ($left -le [timespan]::Zero -or -not $Console.Reading.Wait($left)) {
        throw "Two minutes are over. The console shows:`n$($Console.Text)"
    }
    if ($Console.Reading.Result -eq 0) { return $false }

    $piece = [string]::new($Console.Buffer, 0, $Console.Reading.Result)
    $Console.Text += $piece
    # A program that asks where the cursor is waits for the terminal's answer.
    if ($piece.Contains("`e[6n")) { Send-Console $Console "`e[1;1R" }
    $Console.Reading = $Console.Process.StandardOutput.ReadAsync($Console.Buffer, 0, $Console.Buffer.Length)
    $true
}

# Types.
function Send-Console($Console, [string] $Keys) {
    $Console.Process.StandardInput.Write($Keys)
    $Console.Process.StandardInput.Flush()
}

# Waits until the terminal shows a text after the last one that was waited for.
function Wait-Console($Console, [string] $Text) {
    $until = [datetime]::UtcNow.AddMinutes(2)
    while (($found = $Console.Text.IndexOf($Text, $Console.Unread, [StringComparison]::Ordinal)) -lt 0) {
        if (-not (Read-Console $Console $until)) { throw "The console ended without '$Text'. It showed:`n$($Console.Text)" }
    }
    $Console.Unread = $found + $Text.Length
}

# Waits for a question. Before it reads, PowerShell asks where the cursor is: from then on it takes keys.
function Wait-Question($Console) {
    Wait-Console $Console '(default is "N"): '
    Wait-Console $Console "`e[6n"
}

# Waits until the script has ended. Gives ExitCode and Text, all that the terminal showed, without its control sequences.
function Wait-ConsoleEnd($Console) {
    $until = [datetime]::UtcNow.AddMinutes(2)
    while (Read-Console $Console $until) { }
    $Console.Process.WaitForExit()
    [pscustomobject] @{
        ExitCode = $Console.Process.ExitCode
        Text     = ($Console.Text -replace '\e\[[0-9;?]*[A-Za-z]|\e[=>]' -replace '\s+', ' ')
    }
}

# Closes the terminal as its window does: what runs in it gets SIGHUP.
function Stop-Console($Console) {
    if (-not $Console.Process.HasExited) { $Console.Process.Kill() }
    $Console.Process.WaitForExit()
    $Console.Process.Dispose()
}
