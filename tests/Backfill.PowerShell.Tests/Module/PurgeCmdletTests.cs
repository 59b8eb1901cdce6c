namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class PurgeCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid Session = new("618c5ea6-aeda-4084-9156-0aac9643afd3");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Runs_are_removed_as_one_selection_and_only_by_name_or_age()
    {
        _folder.WritePlan("plan.json", Session);
        var lines = await sandbox.RunAsync(_folder, """
            1..2 | ForEach-Object { $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All }
            $runs = @(Get-BackfillRun | Where-Object StartedAt -gt ([DateTimeOffset]::UtcNow.AddMinutes(-1)))[0..1]
            Id { $runs | Remove-BackfillRun }
            $ConfirmPreference = 'None'
            Id { $runs | Remove-BackfillRun }
            try { $runs[0] | Remove-BackfillRun } catch { "$_" -match 'undo' -or "$_".Contains("$($runs[0].RunId)") }
            Id { @() | Remove-BackfillRun -Confirm:$false }
            Id { @() | Remove-BackfillRun -OlderThan 500ms -Confirm:$false }
            Id { [pscustomobject] @{ Connection = $c } | Remove-BackfillRun -OlderThan 500ms -Confirm:$false }
            Id { Remove-BackfillRun -OlderThan 30d -Confirm:$false }
            Id { Remove-BackfillRun -OlderThan 30 -Confirm:$false }
            Id { $runs | Remove-BackfillRun -OlderThan 1h -Confirm:$false }
            Id { Remove-BackfillRun ([guid]::NewGuid()) -Confirm:$false }
            @($runs | Get-BackfillRun).Count
            $gone = $runs | Remove-BackfillRun -Confirm:$false -InformationVariable told
            "$($null -eq $gone) $($told.Tags)"
            Id { $runs[0] | Get-BackfillRun }
            """);
        Assert.Equal(
            [
                "ConfirmationNeeded", "ConfirmationNeeded", "True", "SelectionEmpty", "SelectionEmpty", "SelectionEmpty", "SelectionEmpty",
                "ParameterArgumentTransformationError", "SelectionEmpty", "RunNotFound", "2", "True RunsRemoved", "RunNotFound",
            ],
            lines);
    }

    [Fact]
    public async Task WhatIf_lists_what_would_go()
    {
        _folder.WritePlan("plan.json", Session);
        var lines = await sandbox.RunAsync(_folder, """
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            $run | Remove-BackfillRun -WhatIf
            ($run | Get-BackfillRun).State
            $run | Remove-BackfillRun -Confirm:$false
            """);
        Assert.Matches("^What if: Remove from Staging .*Completed, ended .*: 1 session, 2 calls, [0-9]+ images$", lines[0]);
        Assert.Equal("Completed", lines[1]);
    }
}
