namespace Backfill.PowerShell.Tests.Module;

/// <summary>One shell works on a run; another one steers it.</summary>
[Collection(SandboxTests.Name)]
public sealed class SteeringCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid[] Sessions =
    [
        new("fd85871b-b8ef-491a-8274-c50932530457"), new("8c1c68bd-0713-45b1-b328-e6b51ade9b3f"),
        new("21762d3d-773f-4302-8fa5-d5d8ff88911c"), new("97a75815-9779-431d-8443-bf2971f463e9"),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_is_suspended_retuned_and_resumed_from_another_shell()
    {
        _folder.WritePlan("plan.json", Sessions);
        await using var worker = StartWorker(perMinute: 1);
        await worker.WaitForLineAsync("settled ");

        var lines = await SteerAsync("""
            $run = Get-BackfillRun -Latest
            Suspend-BackfillRun $run.RunId -Reason 'deploy'
            $clock = [Diagnostics.Stopwatch]::StartNew()
            while ((Get-BackfillRun $run.RunId).State -ne 'Paused' -and $clock.Elapsed.TotalSeconds -lt 10) { }
            $run = Get-BackfillRun $run.RunId
            "$($run.State) $($run.WantedState) $($run.Reason) $($run.ActiveWorkers) $($run.Remaining) $($null -eq $run.EstimatedCompletion)"
            (Set-BackfillRun $run.RunId -ThrottlePerMinute 1200 -Reason 'late' -PassThru).ThrottlePerMinute
            ($run | Resume-BackfillRun -PassThru -WarningVariable warned).State
            $warned.Count
            """);
        Assert.Equal(["Paused Paused deploy 1 3 True", "1200", "Running", "0"], lines);

        var result = await worker.EndAsync();
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["Completed 4"], await SteerAsync("$run = Get-BackfillRun -Latest; \"$($run.State) $($run.Succeeded)\""));
    }

    [Fact]
    public async Task A_stopped_run_ends_for_good_and_leaves_its_sessions_free()
    {
        _folder.WritePlan("plan.json", Sessions);
        await using var worker = StartWorker(perMinute: 1);
        await worker.WaitForLineAsync("settled ");

        var stopped = await SteerAsync("(Get-BackfillRun -Latest | Stop-BackfillRun -Reason 'wrong plan' -PassThru).WantedState");
        Assert.Equal(["Aborted"], stopped);
        await worker.EndAsync();
        var lines = await SteerAsync("""
            $run = Get-BackfillRun -Latest
            "$($run.State) $($run.Reason) $($run.Succeeded) $($run.Skipped) $($run.Remaining)"
            @(Get-BackfillSessionResult -Outcome Skipped | Where-Object Reason -eq 'Aborted').Count
            Id { $run | Resume-BackfillRun }
            Id { $run | Stop-BackfillRun }
            Id { $run | Invoke-BackfillApply }
            """);
        Assert.Equal(["Aborted wrong plan 1 3 0", "3", "RunNotResumable", "RunNotStoppable", "RunNotResumable"], lines);
    }

    [Fact]
    public async Task Resuming_a_run_that_nobody_works_on_warns_with_the_command_that_starts_a_worker()
    {
        _folder.WritePlan("plan.json", Sessions[0], Sessions[1]);
        var lines = await SteerAsync("""
            while ($true) { Invoke-BackfillApply plan.json -ThrottlePerMinute 60 | ForEach-Object { break }; break }
            $run = Get-BackfillRun -Latest
            $run | Resume-BackfillRun -WarningVariable warned -WarningAction SilentlyContinue
            "$warned" -like "*Invoke-BackfillApply -RunId $($run.RunId)*"
            $run | Suspend-BackfillRun -WhatIf
            (Get-BackfillRun $run.RunId).WantedState
            $run | Stop-BackfillRun -Reason 'test over'
            """);
        Assert.Equal("True", lines[0]);
        Assert.StartsWith("What if:", lines[1], StringComparison.Ordinal);
        Assert.Equal("Running", lines[2]);
    }

    [Fact]
    public async Task A_run_that_can_not_obey_keeps_the_order_from_no_other()
    {
        _folder.WritePlan("plan.json", Sessions[0], Sessions[1]);
        _folder.WritePlan("over.json", Sessions[2]);
        var lines = await SteerAsync("""
            while ($true) { Invoke-BackfillApply plan.json -ThrottlePerMinute 60 -Reprocess All | ForEach-Object { break }; break }
            $open = (Get-BackfillRun -Latest).RunId
            Resume-BackfillRun $open -WarningAction SilentlyContinue
            $null = Invoke-BackfillApply over.json -ThrottlePerMinute 1200 -Reprocess All
            $over = (Get-BackfillRun -Latest).RunId
            # Newest first, and every error ends the script: what is over stands before what is to be held.
            try { Get-BackfillRun | Where-Object RunId -in $open, $over | Suspend-BackfillRun } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $($_.TargetObject -eq $over)" }
            (Get-BackfillRun $open).WantedState
            $ErrorActionPreference = 'SilentlyContinue'
            $none = [guid]::NewGuid()
            $set = Set-BackfillRun $none, $over, $open -ThrottlePerMinute 7 -PassThru -ErrorVariable refused
            "$($set.RunId -eq $open) $($set.ThrottlePerMinute) $($refused.Count) $($refused[0].TargetObject -eq $none) $($refused[1].FullyQualifiedErrorId.Split(',')[0])"
            # What is wrong whatever the run is no error of one run.
            try { Set-BackfillRun $over, $open -ConcurrencyLimit 300 } catch { $_.FullyQualifiedErrorId.Split(',')[0] }
            Stop-BackfillRun $over, $open -Reason 'test over'
            (Get-BackfillRun $open).State
            """);
        Assert.Equal(["RunNotSuspendable True", "Paused", "True 7 2 True RunNotSettable", "ConcurrencyLimitInvalid", "Aborted"], lines);
    }

    [Fact]
    public async Task Nothing_to_set_and_no_run_are_errors()
    {
        _folder.WritePlan("plan.json", Sessions[0]);
        var lines = await SteerAsync($$"""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200
            Id { Set-BackfillRun (Get-BackfillRun -Latest).RunId }
            Id { Suspend-BackfillRun {{Guid.NewGuid()}} }
            Id { @() | Stop-BackfillRun }
            """);
        Assert.Equal(["NothingToSet", "RunNotFound", "SelectionEmpty"], lines);
    }

    [Fact]
    public async Task An_empty_pipeline_is_told_how_to_name_runs_and_nothing_of_plans()
    {
        var lines = await SteerAsync("""
            $none = Get-BackfillRun -State Aborted | Where-Object PlanVersion -eq none
            foreach ($steer in { $none | Suspend-BackfillRun }, { $none | Resume-BackfillRun }, { $none | Set-BackfillRun -ThrottlePerMinute 5 },
                { $none | Stop-BackfillRun }, { @() | Export-BackfillReport }, { @() | Get-BackfillGate }) {
                try { & $steer } catch { "$_".Contains('name runs with -RunId') -and -not "$_".Contains('-SessionId') }
            }
            try { @() | Deny-BackfillGate -Reason none } catch { "$_".Contains('pick one with Get-BackfillGate') }
            """);
        Assert.Equal(Enumerable.Repeat("True", 7), lines);
    }

    [Fact]
    public async Task An_order_says_what_it_changes_and_where_the_run_stands()
    {
        _folder.WritePlan("plan.json", Sessions[0], Sessions[1]);
        var lines = await SteerAsync("""
            while ($true) { Invoke-BackfillApply plan.json -ThrottlePerMinute 60 | ForEach-Object { break }; break }
            $run = Get-BackfillRun -Latest
            Set-BackfillRun $run.RunId -ThrottlePerMinute 5 -ConcurrencyLimit 2 -InformationVariable told
            "$told" -eq "Run $($run.RunId): change to 5 a minute, 2 in hand at once; it is Paused."
            Set-BackfillRun $run.RunId -ThrottlePerMinute 6 -WhatIf
            $run | Stop-BackfillRun -Reason 'test over' -InformationVariable told
            "$told" -eq "Run $($run.RunId): stop for good; it is Aborted."
            """);
        Assert.Equal("True", lines[0]);
        Assert.Contains("Change to 6 a minute", lines[1], StringComparison.Ordinal);
        Assert.Equal("True", lines[2]);
    }

    private ShellProcess StartWorker(int perMinute) => ShellProcess.Start(
        SandboxFixture.Script(_folder, $"Invoke-BackfillApply plan.json -ThrottlePerMinute {perMinute} -WarningAction SilentlyContinue | ForEach-Object {{ \"settled $($_.Ordinal)\" }}"),
        environment: sandbox.Settings);

    private Task<IReadOnlyList<string>> SteerAsync(string script) => sandbox.RunAsync(_folder, script);
}
