namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class RollbackCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid[] Sessions =
    [
        new("618c5ea6-aeda-4084-9156-0aac9643afd3"), new("070d9bf2-516f-44ee-87fc-017c7db9d29c"),
        new("d5da8412-4178-4456-b3ee-c496122c840b"), new("fd85871b-b8ef-491a-8274-c50932530457"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_is_rolled_back_and_can_be_applied_again()
    {
        _folder.WritePlan("plan.json", Sessions);
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            $undone = $run | Invoke-BackfillRollback -Confirm:$false -Reason 'a test' -InformationVariable told
            @($undone | Where-Object { -not $_.Verified }).Count
            ($undone | Where-Object Table -eq 'public.fc_scores' | ForEach-Object { $_.Deleted + $_.Restored }) -gt 0
            $undone[0].GetType().FullName
            "$($told.Tags)"
            "$((Get-BackfillRun $run.RunId).State) $((Get-BackfillRun $run.RunId).Reason)"
            @(Get-BackfillSessionResult $run.RunId | Where-Object { $null -ne $_.RolledBackAt }).Count
            Id { $run | Invoke-BackfillRollback -Confirm:$false }
            Id { $run | Invoke-BackfillApply }
            @(Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 | Where-Object Outcome -eq Succeeded).Count
            """);
        Assert.Equal(
            ["0", "True", "Backfill.BackfillRollbackResult", "RunRolledBack", "RolledBack a test", "4", "RunRolledBack", "RunNotResumable", "4"],
            lines);
    }

    [Fact]
    public async Task A_selection_through_the_pipeline_is_one_rollback_of_just_these_sessions()
    {
        _folder.WritePlan("plan.json", Sessions);
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            $undone = Get-BackfillSessionResult $run.RunId | Where-Object Ordinal -le 2 | Invoke-BackfillRollback -Confirm:$false
            ($undone | Where-Object Table -eq 'public.fc_scores' | ForEach-Object { $_.Deleted + $_.Restored })
            (Get-BackfillSessionResult $run.RunId | ForEach-Object { $null -ne $_.RolledBackAt }) -join ' '
            $run = Get-BackfillRun $run.RunId
            "$($run.State) $($run.Reason)"
            $again = [Collections.Generic.SortedDictionary[int, object]]::new()
            Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 | ForEach-Object { $again[$_.Ordinal] = $_.Outcome }
            $again.Values -join ' '
            """);
        Assert.Equal(
            ["2", "True True False False", "Completed rolled back in part: 2 sessions still hold changes of this run", "Succeeded Succeeded Skipped Skipped"],
            lines);
    }

    [Fact]
    public async Task An_empty_selection_never_means_the_whole_run()
    {
        _folder.WritePlan("plan.json", Sessions[0]);
        var lines = await RunAsync($$"""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            Id { @() | Invoke-BackfillRollback -Confirm:$false }
            Id { @() | Invoke-BackfillRollback -RunId $run.RunId -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -SessionId @() -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -SessionId $null -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -SessionId '' -Confirm:$false }
            Id { [pscustomobject] @{ RunId = $run.RunId; SessionId = $null } | Invoke-BackfillRollback -Confirm:$false }
            Id { [pscustomobject] @{ RunId = $run.RunId; SessionId = '' } | Invoke-BackfillRollback -Confirm:$false }
            Id { Invoke-BackfillApply plan.json -Reprocess All -SessionId $null }
            Id { Invoke-BackfillRollback $run.RunId -After '01/12/2020' -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -After $misspelt -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -Before $misspelt -Confirm:$false }
            Id { New-BackfillRollback $run.RunId -After $misspelt }
            Id { [pscustomobject] @{ Connection = $c } | Invoke-BackfillRollback -RunId $run.RunId -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -Before '2020-01-01' -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -After '2030-01-01' -Before '2029-01-01' -Confirm:$false }
            Id { Invoke-BackfillRollback $run.RunId -SessionId {{Sessions[1]}} -Confirm:$false }
            # As a CSV gives it back: the connection is a text there, and the one that is open is taken.
            Id { [pscustomobject] @{ RunId = "$($run.RunId)"; SessionId = '{{Sessions[1]}}'; Connection = "$c" } | Invoke-BackfillRollback -Confirm:$false }
            try { Invoke-BackfillRollback $run.RunId -SessionId {{Sessions[0]}}, typo -Confirm:$false } catch { "$_".StartsWith('Number 2 of 2 in -SessionId') }
            Id { Invoke-BackfillRollback ([guid]::NewGuid()) -Confirm:$false }
            Id { $run, [pscustomobject] @{ RunId = [guid]::NewGuid() } | Invoke-BackfillRollback -Confirm:$false }
            (Get-BackfillRun $run.RunId).State
            """);
        Assert.Equal(
            [
                "SelectionEmpty", "SelectionEmpty", "SelectionEmpty",
                "SelectionEmpty", "SelectionEmpty", "SelectionEmpty", "SelectionEmpty", "SelectionEmpty", "ParameterArgumentTransformationError",
                "ParameterArgumentTransformationError", "ParameterArgumentTransformationError", "ParameterArgumentTransformationError",
                "SelectionEmpty", "SelectionEmpty", "WindowEmpty",
                "SessionNotInRun", "SessionNotInRun", "True", "RunNotFound", "SelectionManyRuns", "Completed",
            ],
            lines);
    }

    [Fact]
    public async Task It_asks_unless_the_very_command_says_not_to()
    {
        _folder.WritePlan("plan.json", Sessions[0]);
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            Id { $run | Invoke-BackfillRollback }
            $ConfirmPreference = 'None'
            Id { $run | Invoke-BackfillRollback }
            Id { $run | Invoke-BackfillRollback -Confirm }
            try { $run | Invoke-BackfillRollback } catch { "$_".Contains("$($run.RunId)") -and "$_" -match 'staging' }
            (Get-BackfillRun $run.RunId).State
            """);
        Assert.Equal(["ConfirmationNeeded", "ConfirmationNeeded", "ConfirmationNeeded", "True", "Completed"], lines);
    }

    [Fact]
    public async Task WhatIf_shows_counts_by_table_and_changes_nothing()
    {
        _folder.WritePlan("plan.json", Sessions);
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            $conflicts = @($run | Invoke-BackfillRollback -WhatIf)
            $conflicts.Count
            (Get-BackfillRun $run.RunId).State
            $byTime = New-BackfillRollback -Path plan.json -Strategy Timestamp -After '2020-01-01'
            "$($byTime.Strategy) $($byTime.Sessions) $([IO.File]::Exists($byTime.ScriptPath))"
            """);
        Assert.Single(lines, l => l.Contains("public.fc_scores: delete ", StringComparison.Ordinal));
        Assert.StartsWith("What if: Roll back run ", lines[0], StringComparison.Ordinal);
        Assert.Equal(["0", "Completed", "Timestamp 4 True"], lines.TakeLast(3));
    }

    [Fact]
    public async Task A_script_is_written_and_carries_its_very_selection_on()
    {
        _folder.WritePlan("plan.json", Sessions);
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All -OutputPath first
            $run = Get-BackfillRun -Latest
            [IO.Directory]::GetFiles([IO.Path]::Combine($pwd.Path, 'first', 'backfill_logs'), 'rollback_????-??-??.sql').Count
            $rollback = Get-BackfillSessionResult $run.RunId | Where-Object Ordinal -eq 3 | New-BackfillRollback -OutputPath second
            "$($rollback.Sessions) $($rollback.Strategy) $($rollback.Conflicts) $($rollback.SessionIds.Count)"
            $rollback.RowsToDelete + $rollback.RowsToRestore -gt 0
            [IO.File]::ReadAllText($rollback.ScriptPath).Contains("$($run.RunId)")
            if ($IsWindows) { 'UserRead, UserWrite' } else { "$([IO.File]::GetUnixFileMode($rollback.ScriptPath))" }
            foreach ($one in $rollback, [pscustomobject] @{ RunId = $rollback.RunId; SessionIds = $rollback.SessionIds }) {
                $one | Invoke-BackfillRollback -WhatIf -Verbose 4>&1 | Where-Object { "$_" -like '1 session of run*' } | ForEach-Object { 'one session' }
            }
            Id { $rollback | Invoke-BackfillRollback -SessionId $rollback.SessionIds -Confirm:$false }
            $null = $rollback | Invoke-BackfillRollback -Confirm:$false
            $null = $rollback | Invoke-BackfillRollback -Confirm:$false -WarningVariable again -WarningAction SilentlyContinue
            "$again".StartsWith('No row was left to undo')
            (Get-BackfillSessionResult $run.RunId | ForEach-Object { $null -ne $_.RolledBackAt }) -join ' '
            """);
        Assert.Equal(["1", "1 Image 0 1", "True", "True"], lines.Take(4));
        Assert.Equal(["one session", "one session", "SelectionEmpty", "True", "False False True False"], lines.Where(l => !l.StartsWith("What if:", StringComparison.Ordinal)).TakeLast(5));
        Assert.Contains("UserRead", lines[4], StringComparison.Ordinal);
        Assert.DoesNotContain("Group", lines[4], StringComparison.Ordinal);
        Assert.DoesNotContain("Other", lines[4], StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);
}
