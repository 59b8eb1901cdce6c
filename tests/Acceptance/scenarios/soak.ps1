# A soak, rehearsed on the sandbox's fast clock: sound traffic passes, a wrong version does not. Emits the samples.
param([Parameter(Mandatory)] $World)

$ErrorActionPreference = 'Stop'
. ([IO.Path]::Combine($PSScriptRoot, '..', 'World.ps1'))
$folder = New-Folder $World soak
$to = @{ Connection = $World.Connection }

$run = Invoke-SmallRun $World $folder 2
$null = Confirm-BackfillGate ApplyReview $run.RunId @to -Reason 'reviewed' -Confirm:$false
Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $World.Sandbox
try {
    $samples = @(Start-StagingSoak -RunId $run.RunId -Duration 30m -Interval 5m -OutputPath $folder @to)
    Expect 'every sample that was due was taken' ($samples.Count -eq 6 -and $samples[-1].Number -eq 6)
    Expect 'sound traffic passes' ($samples[-1].Verdict -eq 'Pass')
    Expect 'a rate is between 0 and 1, within its interval' ($samples[-1].ConversionRate -le 1 -and $samples[-1].ConversionLowerBound -le $samples[-1].ConversionRate -and $samples[-1].ConversionRate -le $samples[-1].ConversionUpperBound)
    Expect 'the ledger has the same samples' (@(Get-StagingSoak $run.RunId @to).Count -eq 6)
    Expect 'the report says so' ([IO.File]::ReadAllText([IO.Path]::Combine($folder, 'staging_observability.md')).Contains('Pass'))
    $gate = Get-BackfillGate $run.RunId SoakGoNoGo @to
    Expect 'the next gate waits, with every criterion met' ($gate.Status -eq 'Pending' -and $gate.Passed)

    Start-BackfillSandboxTraffic -RatePerMinute 60 -WrongVersion 0.5 -Sandbox $World.Sandbox
    $bad = @(Start-StagingSoak -Duration 30m -Interval 5m -StopOnFailure -OutputPath (New-Folder $World bad) @to)
    Expect 'a wrong version fails it, before the window''s end' ($bad[-1].Verdict -eq 'Fail' -and $bad.Count -lt 6 -and $bad[-1].VersionOverrides -gt 0)
}
finally { Stop-BackfillSandboxTraffic -Sandbox $World.Sandbox }

$samples
$bad
