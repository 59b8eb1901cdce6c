namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class ApplyCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid First = new("618c5ea6-aeda-4084-9156-0aac9643afd3");
    private static readonly Guid Second = new("070d9bf2-516f-44ee-87fc-017c7db9d29c");
    private static readonly Guid Third = new("d5da8412-4178-4456-b3ee-c496122c840b");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Results_come_through_the_pipeline_and_stand_in_the_ledger()
    {
        _folder.WritePlan("plan.json", First, Second);
        var lines = await RunAsync("""
            $results = Get-BackfillPlan plan.json | Invoke-BackfillApply -ThrottlePerMinute 1200
            $results | ForEach-Object { "$($_.Outcome)" }
            $run = Get-BackfillRun -Latest
            "$($run.State) $($run.Succeeded) of $($run.Total)"
            ($run | Get-BackfillSessionResult).Count
            $run.Connection -is [Backfill.BackfillConnection]
            $results[0].Connection -eq $c -and @(Get-BackfillSessionResult)[0].Connection -eq $c
            [IO.File]::Exists([IO.Path]::Combine($pwd.Path, 'backfill_logs', 'execution_results.json'))
            """);
        Assert.Equal(["Succeeded", "Succeeded", "Completed 2 of 2", "2", "True", "True", "True"], lines);
    }

    [Fact]
    public async Task WhatIf_prints_a_line_a_batch_then_the_calls_and_writes_nothing()
    {
        _folder.WritePlan("plan.json", First, Second);
        var lines = await RunAsync("""
            $before = @(Get-BackfillRun).Count
            $calls = Invoke-BackfillApply plan.json -WhatIf
            $calls.Count
            $calls[0].GetType().FullName
            @(Get-BackfillRun).Count -eq $before
            [IO.Directory]::GetFileSystemEntries($pwd.Path).Count
            $WhatIfPreference = $true
            (Invoke-BackfillApply plan.json).Count
            """);
        var line = Assert.Single(lines.Take(1));
        Assert.StartsWith("What if: named: 2 sessions, 4 calls", line, StringComparison.Ordinal);
        Assert.Equal(["4", "Backfill.BackfillPlannedCall", "True", "1"], lines.Skip(1).Take(4));
        Assert.Equal("4", lines[^1]);
    }

    [Fact]
    public async Task Failures_are_results_and_one_error_at_the_end_whose_target_is_the_run()
    {
        _folder.WritePlan("plan.json", First, Guid.NewGuid(), Guid.NewGuid());
        var lines = await RunAsync("""
            $ErrorActionPreference = 'SilentlyContinue'
            $results = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -ErrorVariable problems
            $results.Count
            $problems.Count
            $problems[0].FullyQualifiedErrorId.Split(',')[0]
            $problems[0].TargetObject -is [Backfill.BackfillRun]
            $problems[0].TargetObject.RunId -eq $results[0].RunId
            @(Get-BackfillSessionResult -Outcome Failed, NoEffect).Count
            """);
        Assert.Equal(["3", "1", "RunHadFailures", "True", "True", "2"], lines);
    }

    [Fact]
    public async Task After_a_run_that_halts_no_other_plan_is_begun()
    {
        _folder.WritePlan("bad.json", Guid.NewGuid());
        _folder.WritePlan("worse.json", Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        _folder.WritePlan("good.json", First);
        var lines = await RunAsync("""
            $ErrorActionPreference = 'SilentlyContinue'
            $before = @(Get-BackfillRun).Count
            # The first has a failure only, so the second is begun; that one halts.
            $null = Invoke-BackfillApply bad.json, worse.json, good.json -ThrottlePerMinute 1200 -ConcurrencyLimit 1 -MaxConsecutiveFailures 2 -ErrorVariable problems -WarningVariable warned
            @(Get-BackfillRun).Count - $before
            ($problems | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }) -join ' '
            $run = Get-BackfillRun -Latest
            @($warned | Where-Object { "$_" -eq "Not begun, because run $($run.RunId) is Halted: $([IO.Path]::Combine($pwd.Path, 'good.json'))." }).Count
            $run | Stop-BackfillRun -Reason 'test over'
            """);
        Assert.Equal(["2", "RunHadFailures RunHalted", "1"], lines);
    }

    [Fact]
    public async Task A_pipeline_that_wants_no_more_stops_the_run_cleanly_and_it_can_go_on()
    {
        _folder.WritePlan("plan.json", First, Second, Third);
        var lines = await RunAsync("""
            while ($true) { Invoke-BackfillApply plan.json -ThrottlePerMinute 60 | ForEach-Object { "first $($_.Ordinal)"; break }; break }
            # The artifacts are the last thing a run writes: there already means that it was waited for.
            [IO.File]::Exists([IO.Path]::Combine($pwd.Path, 'backfill_summary.md'))
            $run = Get-BackfillRun -Latest
            "$($run.State) $($run.Succeeded + $run.Remaining) $($run.ActiveWorkers)"
            try { $run | Invoke-BackfillApply | ForEach-Object { throw 'no more' } } catch { "$_" }
            $run | Invoke-BackfillApply | ForEach-Object { $_.Outcome }
            (Get-BackfillRun $run.RunId).State
            """);
        Assert.Equal(["first 1", "True", "Paused 3 0", "no more"], lines.Take(4));
        Assert.Equal("Completed", lines[^1]);
    }

    [Fact]
    public async Task An_interrupted_run_is_paused_and_leaves_its_artifacts()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent with kill.");
        _folder.WritePlan("plan.json", First, Second, Third);
        await using var shell = ShellProcess.Start(
            SandboxFixture.Script(_folder, "Invoke-BackfillApply plan.json -ThrottlePerMinute 12 | ForEach-Object { 'one' }"), environment: sandbox.Settings);
        await shell.WaitForLineAsync("one");
        await shell.SignalAsync("INT");
        var result = await shell.EndAsync();
        Assert.Equal(130, result.ExitCode);
        Assert.Contains("Go on with Invoke-BackfillApply -RunId", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "backfill_summary.md")));
        var lines = await RunAsync("(Get-BackfillRun -Latest).State; Get-BackfillRun -Latest | Invoke-BackfillApply | ForEach-Object { 'rest' }");
        Assert.Equal(["Paused", "rest", "rest"], lines);
    }

    [Fact]
    public async Task A_folder_that_takes_no_files_is_refused_before_there_is_a_run()
    {
        _folder.WritePlan("plan.json", First);
        var lines = await RunAsync("""
            $before = @(Get-BackfillRun).Count
            Id { Invoke-BackfillApply plan.json -OutputPath plan.json }
            @(Get-BackfillRun).Count -eq $before
            """);
        Assert.Equal(["FileNotWritten", "True"], lines);
    }

    [Fact]
    public async Task A_file_that_can_not_be_written_is_an_error_after_the_results_and_no_next_run_is_begun()
    {
        _folder.WritePlan("plan.json", First);
        _folder.WritePlan("next.json", Second);
        var lines = await RunAsync("""
            $null = [IO.Directory]::CreateDirectory("$pwd/out/backfill_summary.md")
            $before = @(Get-BackfillRun).Count
            $results = @(Invoke-BackfillApply plan.json, next.json -OutputPath out -ErrorVariable e -ErrorAction SilentlyContinue -WarningVariable w -WarningAction SilentlyContinue)
            $results.Count
            "$(@($e).Count) $($e[0].FullyQualifiedErrorId.Split(',')[0]) $($e[0].CategoryInfo.Category) $($e[0].TargetObject -eq $results[0].RunId)"
            @($w -match 'Not begun').Count
            @(Get-BackfillRun).Count - $before
            [IO.Directory]::GetFiles("$pwd/out/backfill_logs", 'rollback_*.sql').Count
            """);
        Assert.Equal(["1", "1 FileNotWritten InvalidData True", "1", "1", "1"], lines);
    }

    [Fact]
    public async Task An_empty_selection_never_means_all()
    {
        _folder.WritePlan("plan.json", First, Second);
        var lines = await RunAsync($$"""
            $before = @(Get-BackfillRun).Count
            Id { @() | Invoke-BackfillApply -Path plan.json }
            Id { Invoke-BackfillApply plan.json -SessionId @() }
            Id { [pscustomobject] @{ Connection = $c } | Invoke-BackfillApply -Path plan.json }
            Id { Invoke-BackfillApply plan.json -SessionId {{Guid.NewGuid()}} }
            @(Get-BackfillRun).Count -eq $before
            [pscustomobject] @{ SessionId = '{{Second}}' } | Invoke-BackfillApply -Path plan.json -ThrottlePerMinute 1200 | ForEach-Object { "$($_.SessionId)" }
            Id { Get-BackfillSessionResult | Invoke-BackfillApply }
            """);
        Assert.Equal(
            ["SelectionEmpty", "SelectionEmpty", "SelectionEmpty", "SessionNotInPlan", "True", $"{Second}", "SelectionInRun"], lines);
    }

    [Fact]
    public async Task Milestones_have_tags_and_everything_else_its_own_stream()
    {
        _folder.WritePlan("plan.json", First);
        var lines = await RunAsync("""
            $all = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -InformationVariable told
            @($all).Count
            $told | ForEach-Object { $_.Tags }
            """);
        Assert.Equal(["1", "RunStarted", "RunCompleted", "GateRaised", "ArtifactsWritten"], lines);
    }

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);
}
