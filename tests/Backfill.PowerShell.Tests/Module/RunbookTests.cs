namespace Backfill.PowerShell.Tests.Module;

/// <summary>The runbooks as an operator runs them, in a sandbox of their own: one every day, all of them in the full suite.</summary>
public sealed class RunbookTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.ps1").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static string Folder { get; } = Path.Combine(Repository.Root, "docs", "runbooks");

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_stops_at_errors_and_says_what_to_look_at_and_when_to_stop(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name));
        var body = text[(text.IndexOf("\n)\n", StringComparison.Ordinal) + 3)..].TrimStart();
        Assert.StartsWith("$ErrorActionPreference = 'Stop'", body, StringComparison.Ordinal);
        Assert.Contains("ook at", text, StringComparison.Ordinal);
        Assert.Matches("(?m)^Stop|for good", text);
        Assert.DoesNotContain("-Confirm:$false", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staging_goes_from_the_plan_to_the_last_gate_and_called_again_does_nothing_twice()
    {
        var lines = await RunAsync("""
            $null = Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $sandbox
            $book = @{ Connection = $staging; Path = $plan; OutputPath = $out; Duration = '1h'; ThrottlePerMinute = 600; Rehearse = $true }
            $last = & (Book staging-backfill) @book | Where-Object { $_ -is [Backfill.BackfillPipelineStep] }
            "$($last.Phase) $($last.Status) $($last.ExitCode) [$($last.Gate)]"
            (Get-BackfillGate | ForEach-Object { "$($_.Name) $($_.Status) $($_.Passed)" }) -join ', '
            (Get-BackfillGate | ForEach-Object { "$(($_.ExpiresAt - $_.DecidedAt).TotalDays) days" }) -join ', '
            $again = & (Book staging-backfill) @book | Where-Object { $_ -is [Backfill.BackfillPipelineStep] }
            "$($again.Phase) $($again.Status) $(@(Get-BackfillRun).Count) run, $(@(Get-StagingSoak $last.RunId).Count) samples"
            """);
        Assert.Equal(
            [
                "ProdHealth Halted 3 []", "ApplyReview Used True, SoakGoNoGo Approved True", "1 days, 7 days",
                "ProdHealth Halted 1 run, 12 samples",
            ],
            lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task Production_is_mended_through_its_gate()
    {
        var lines = await RunAsync("""
            $null = Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $sandbox
            $null = & (Book staging-backfill) -Connection $staging -Path $plan -OutputPath $out -Duration 1h -ThrottlePerMinute 600 -Rehearse
            $prod = Start-BackfillSandbox Production -CandidateCount 1 -Seed 5
            try {
                $production = Connect-Backfill -Sandbox $prod
                $book = @{ Connection = $production; EvidenceConnection = $staging; EvidenceRunId = (Get-BackfillRun -Latest -Connection $staging).RunId; OutputPath = $out; Rehearse = $true }
                $run = & (Book production-mini-backfill) @book | Where-Object { $_ -is [Backfill.BackfillRun] }
                "$($run.State) $($run.Succeeded -eq $run.Total) $((Get-BackfillGate $run.RunId ProdApply -Connection $production).Status)"
                Test-ProdHealth -Connection $production -OutputPath $out -Quiet
                @(& (Book production-mini-backfill) @book)[-1]
            }
            finally { Stop-BackfillSandbox -Sandbox $prod }
            """);
        Assert.Equal(["Completed True Used", "True", "Nothing needs a backfill."], lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_production_run_that_was_stopped_half_way_is_gone_on_with_and_not_decided_on_again()
    {
        var lines = await RunAsync("""
            $prod = Start-BackfillSandbox Production -CandidateCount 4 -Seed 5
            try {
                $production = Connect-Backfill -Sandbox $prod
                $null = Invoke-BackfillApply (Test-ProdHealth -Connection $production -OutputPath $out).PlanPath -Connection $production -OutputPath $out
                $run = Get-BackfillRun -Latest -Connection $production
                $null = $run | Confirm-BackfillGate ProdApply -Override -Reason 'a test' -Confirm:$false
                while ($true) { $run | Invoke-BackfillApply -OutputPath $out -ThrottlePerMinute 600 | ForEach-Object { break }; break }
                $half = Get-BackfillRun $run.RunId -Connection $production
                "$($half.State) $($half.Succeeded -gt 0) $($half.Remaining -gt 0)"
                $book = @{ Connection = $production; EvidenceConnection = $staging; EvidenceRunId = $run.RunId; OutputPath = $out; Rehearse = $true }
                $all = @(& (Book production-mini-backfill) @book)
                $all[0].StartsWith("Run $($run.RunId) is Paused (") -and $all[0].Contains(" with $($half.Remaining) of $($run.Total) sessions left.")
                "$($all[-1].RunId -eq $run.RunId) $($all[-1].State) $($all[-1].Succeeded -eq $run.Total)"
                "$((Get-BackfillGate $run.RunId ProdApply -Connection $production).Reason), $(@(Get-BackfillRun -Connection $production).Count) run"
                @(& (Book production-mini-backfill) @book)[-1]
            }
            finally { Stop-BackfillSandbox -Sandbox $prod }
            """);
        Assert.Equal(["Paused True True", "True", "True Completed True", "a test, 1 run", "Nothing needs a backfill."], lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task What_came_while_a_frozen_run_waited_is_for_the_next_call_and_what_fails_for_the_one_after()
    {
        var lines = await RunAsync("""
            $null = Start-BackfillSandboxTraffic -RatePerMinute 20 -Sandbox $sandbox
            $null = & (Book staging-backfill) -Connection $staging -Path $plan -OutputPath $out -Duration 1h -ThrottlePerMinute 600 -Rehearse
            $prod = Start-BackfillSandbox Production -CandidateCount 3 -Seed 5
            try {
                $production = Connect-Backfill -Sandbox $prod
                $book = @{ Connection = $production; EvidenceConnection = $staging; EvidenceRunId = (Get-BackfillRun -Latest -Connection $staging).RunId; OutputPath = $out; Rehearse = $true }
                $found = @(Get-BackfillCandidate -Connection $production | Where-Object Backfillable)
                $evening = $found[1..$found.Count] | New-BackfillPlan ([IO.Path]::Combine($out, 'evening.json'))
                $null = Invoke-BackfillApply $evening.Path -Connection $production -OutputPath $out
                $frozen = Get-BackfillRun -Latest -Connection $production

                $all = @(& (Book production-mini-backfill) @book)
                $all[0].StartsWith("Run $($frozen.RunId) is Pending, with $($frozen.Total) of $($frozen.Total) sessions left.")
                $all[1]
                "$($all[-1].RunId -eq $frozen.RunId) $($all[-1].State) $($all[-1].Succeeded -eq $frozen.Total) $((Get-BackfillGate $frozen.RunId ProdApply -Connection $production).Status)"

                Set-BackfillSandboxFault -Sandbox $prod -SessionId $found[0].SessionId -Kind Status -StatusCode 500
                $failed = @(& (Book production-mini-backfill) @book)[-1]
                "$($failed.State) $($failed.Failed) of $($failed.Total)"
                Clear-BackfillSandboxFault -Sandbox $prod
                $mended = @(& (Book production-mini-backfill) @book)[-1]
                "$($mended.PlanHash -eq $failed.PlanHash) $($mended.State) $($mended.Succeeded) of $($mended.Total)"
                @(& (Book production-mini-backfill) @book)[-1]

                "$(@(Get-BackfillRun -Connection $production).Count) runs"
            }
            finally { Stop-BackfillSandbox -Sandbox $prod }
            """);
        Assert.Equal(
            [
                "True", "It is not of the plan that was written just now: call this again when it has ended.", "True Completed True Used",
                "Completed 1 of 1", "True Completed 1 of 1", "Nothing needs a backfill.", "3 runs",
            ],
            lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_denied_production_run_is_called_no_more_than_asked_about()
    {
        var lines = await RunAsync("""
            $prod = Start-BackfillSandbox Production -CandidateCount 1 -Seed 5
            try {
                $production = Connect-Backfill -Sandbox $prod
                $null = Invoke-BackfillApply (Test-ProdHealth -Connection $production -OutputPath $out).PlanPath -Connection $production -OutputPath $out
                $run = Get-BackfillRun -Latest -Connection $production
                $null = $run | Deny-BackfillGate ProdApply -Reason 'not this week' -Confirm:$false
                $all = @(& (Book production-mini-backfill) -Connection $production -EvidenceConnection $staging -EvidenceRunId $run.RunId -OutputPath $out -Rehearse)
                $all | Where-Object { $_ -is [string] -and $_ -like 'Its gate*' }
                "$($all[-1].State) $((Get-BackfillGate $run.RunId ProdApply -Connection $production).Status)"
            }
            finally { Stop-BackfillSandbox -Sandbox $prod }
            """);
        Assert.Equal(
            ["Its gate was denied: not this week. Stop-BackfillRun ends it, and its sessions are free again.", "Pending Denied"], lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task What_failed_is_done_again_once_the_cause_is_mended()
    {
        var lines = await RunAsync("""
            Set-BackfillSandboxFault -Sandbox $sandbox -SessionId 618c5ea6-aeda-4084-9156-0aac9643afd3 -Kind Status -StatusCode 500
            $null = Invoke-BackfillApply $plan -OutputPath $out -ThrottlePerMinute 600 -ErrorAction SilentlyContinue
            $run = Get-BackfillRun -Latest
            "$($run.State) $($run.Failed)"
            Clear-BackfillSandboxFault -Sandbox $sandbox
            $all = @(& (Book partial-failure) -Connection $staging -RunId $run.RunId -Path $plan -OutputPath $out -ThrottlePerMinute 600)
            $all | Where-Object { $_ -is [string] -and $_ -like '*still have not.' }
            "$($all[-1].State) $($all[-1].Succeeded) succeeded, $($all[-1].Skipped) passed over"
            "$((Get-BackfillGate $all[-1].RunId ApplyReview).Passed)"
            """);
        Assert.Equal(
            ["Completed 1", "1 sessions had not succeeded; 0 still have not.", "Completed 1 succeeded, 38 passed over", "True"], lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task What_failed_and_fails_again_or_is_not_come_to_is_not_said_to_be_done()
    {
        var lines = await RunAsync("""
            Set-BackfillSandboxFault -Sandbox $sandbox -SessionId 618c5ea6-aeda-4084-9156-0aac9643afd3 -Kind Status -StatusCode 500
            $null = Invoke-BackfillApply $plan -OutputPath $out -ThrottlePerMinute 600 -ErrorAction SilentlyContinue
            $run = Get-BackfillRun -Latest
            Clear-BackfillSandboxFault -Sandbox $sandbox
            Set-BackfillSandboxFault -Sandbox $sandbox -Kind Status -StatusCode 401
            $all = @(& (Book partial-failure) -Connection $staging -RunId $run.RunId -Path $plan -OutputPath $out -ThrottlePerMinute 600)
            $all | Where-Object { $_ -is [string] } | ForEach-Object { $_.Split(':')[0].Replace("$($all[-1].RunId)", 'X') }
            """);
        Assert.Equal(["Run X is Halted", "1 sessions had not succeeded; 1 still have not."], lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task What_failed_on_production_is_called_only_through_a_gate_of_its_own()
    {
        var lines = await RunAsync("""
            $prod = Start-BackfillSandbox Production -CandidateCount 4 -Seed 5
            try {
                $production = Connect-Backfill -Sandbox $prod
                $health = Test-ProdHealth -Connection $production -OutputPath $out
                $null = Invoke-BackfillApply $health.PlanPath -Connection $production -OutputPath $out
                $run = Get-BackfillRun -Latest -Connection $production
                $null = $run | Confirm-BackfillGate ProdApply -Override -Reason 'a test' -Confirm:$false
                $one = @(Get-BackfillCandidate -Connection $production | Where-Object Backfillable)[0]
                Set-BackfillSandboxFault -Sandbox $prod -SessionId $one.SessionId -Kind Status -StatusCode 500
                $null = $run | Invoke-BackfillApply -OutputPath $out -ThrottlePerMinute 600 -ErrorAction SilentlyContinue
                Clear-BackfillSandboxFault -Sandbox $prod
                (Get-BackfillRun $run.RunId -Connection $production).Failed
                $all = @(& (Book partial-failure) -Connection $production -RunId $run.RunId -OutputPath $out)
                "$($all.Count) $($all[0].Replace("$($run.RunId)", 'X'))"
                @(Get-BackfillRun -Connection $production).Count
                "$(@(Test-ProdHealth -Connection $production -OutputPath $out)[0].NeedingBackfill) left"
            }
            finally { Stop-BackfillSandbox -Sandbox $prod }
            """);
        Assert.Equal(
            [
                "1",
                "1 1 sessions of production run X did not succeed, and nothing was called again. Mend the cause, look with Test-ProdHealth, then go on with production-mini-backfill.ps1: it freezes what is left as a new run.",
                "1",
                "1 left",
            ],
            lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_run_is_taken_back_and_its_gate_denied()
    {
        var lines = await RunAsync("""
            $before = Test-ProdHealth -OutputPath $out
            $null = Invoke-BackfillApply $plan -OutputPath $out -ThrottlePerMinute 600
            $run = Get-BackfillRun -Latest
            $book = @{ Connection = $staging; RunId = $run.RunId; Reason = 'taken back'; OutputPath = $out; Rehearse = $true }
            $end = & (Book complete-failure-and-rollback) @book | Where-Object { $_ -is [Backfill.BackfillRun] }
            "$($end.State) $((Get-BackfillGate $run.RunId | ForEach-Object { "$($_.Name) $($_.Status)" }))"
            (Test-ProdHealth -OutputPath $out).NeedingBackfill -eq $before.NeedingBackfill
            & (Book complete-failure-and-rollback) @book | ForEach-Object { $_ -like '*rolled back already.' }
            """);
        // What was denied is not what is there any more, so the gate waits again, and fails.
        Assert.Equal(["RolledBack ApplyReview Pending", "True", "True"], lines);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_run_that_nobody_works_on_is_taken_over()
    {
        var lines = await RunAsync("""
            while ($true) { Invoke-BackfillApply $plan -OutputPath $out -ThrottlePerMinute 600 | ForEach-Object { break }; break }
            $run = Get-BackfillRun -Latest
            "$($run.State) $($run.Remaining -gt 0)"
            Resume-BackfillRun $run.RunId
            Suspend-BackfillRun $run.RunId -Reason 'a deploy'
            (& (Book stuck-run) -Connection $staging -RunId $run.RunId -OutputPath $out)[0]
            (Get-BackfillRun $run.RunId).Remaining -eq $run.Remaining
            $end = (& (Book stuck-run) -Connection $staging -RunId $run.RunId -OutputPath $out -Resume)[-1]
            "$($end.State) $($end.Remaining)"
            (& (Book stuck-run) -Connection $staging -RunId $run.RunId -OutputPath $out)[0]
            """);
        Assert.Equal(["Paused True", "It was suspended: a deploy. Ask why; -Resume lifts it.", "True", "Completed 0", "It is Completed."], lines);
    }

    private static async Task<IReadOnlyList<string>> RunAsync(string script)
    {
        using var folder = new TemporaryFolder();
        var lines = await ModuleShell.RunAsync(
            $$"""
            $plan = '{{ModuleShell.ApplyPlan}}'
            $out = '{{folder.FullName}}'
            function Book([string] $Name) { [IO.Path]::Combine('{{Folder}}', "$Name.ps1") }
            function Out-Default { }
            $sandbox = Start-BackfillSandbox -ClockFactor 720
            try {
                $staging = Connect-Backfill -Sandbox $sandbox
                $lines = @(& {
                    {{script}}
                })
            }
            finally { Stop-BackfillSandbox -Sandbox $sandbox }
            foreach ($line in $lines) { [Console]::Out.WriteLine("> $line") }
            """,
            timeout: Patience);
        // Beside what was asked for there are previews and warnings.
        return [.. lines.Where(l => l.StartsWith("> ", StringComparison.Ordinal)).Select(l => l[2..])];
    }
}
