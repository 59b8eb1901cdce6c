namespace Backfill.PowerShell.Tests.Module;

/// <summary>Gates as operators see and decide them, and what waits for them.</summary>
[Collection(SandboxTests.Name)]
public sealed class GateCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid First = new("618c5ea6-aeda-4084-9156-0aac9643afd3");
    private static readonly Guid Second = new("070d9bf2-516f-44ee-87fc-017c7db9d29c");

    /// <summary>A run at its review.</summary>
    internal const string Applied = """
        $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
        $run = Get-BackfillRun -Latest

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_gate_is_decided_by_name_by_run_and_by_value_and_a_decision_is_replaced_only_by_value()
    {
        _folder.WritePlan("plan.json", First);
        var lines = await RunAsync(Applied + """
            $seen = Get-BackfillGate $run.RunId ApplyReview
            $approved = $run | Confirm-BackfillGate ApplyReview -Reason 'looks well' -Approver 'Ann' -ExpiresIn 2h -Confirm:$false -InformationVariable told
            $isAnn = $approved.DecidedBy.StartsWith('Ann (')
            "$($approved.GetType().FullName) $($approved.Status) $($approved.Reason) $isAnn $($approved.ExpiresAt - $approved.DecidedAt)"
            "$($told.Tags)"
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason 'again' -Confirm:$false }
            Id { Deny-BackfillGate ApplyReview $run.RunId -Reason 'no' -Confirm:$false }
            Id { $seen | Deny-BackfillGate -Reason 'no' -Confirm:$false }
            "$(($approved | Deny-BackfillGate -Reason 'no' -Confirm:$false).Status)"
            Id { Start-StagingSoak $run.RunId -Duration 1s }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason 'again' -Confirm:$false }
            "$((Get-BackfillGate $run.RunId | Confirm-BackfillGate -Reason 'now it is well' -Confirm:$false).Status)"
            $null = $run | Start-StagingSoak -Duration 400ms -Interval 200ms
            Id { $run | Start-StagingSoak -Duration 400ms }
            Id { Deny-BackfillGate ApplyReview $run.RunId -Reason 'no' -Confirm:$false }
            "$((Get-BackfillGate $run.RunId).Status)"
            """);
        Assert.Equal(
            [
                "Backfill.BackfillGate Approved looks well True 02:00:00", "GateDecided", "GateApproved", "GateApproved", "GateDecidedMeanwhile", "Denied",
                "GateDenied", "GateDenied", "Approved", "GateUsed", "GateUsed", "Used Pending",
            ],
            lines);
    }

    [Fact]
    public async Task Bad_selections_and_bad_input_are_refused_with_their_own_ids()
    {
        _folder.WritePlan("plan.json", First);
        _folder.WritePlan("other.json", Second);
        var lines = await RunAsync(Applied + $$"""
            $null = Invoke-BackfillApply other.json -ThrottlePerMinute 1200 -Reprocess All
            $other = Get-BackfillRun -Latest
            $before = (Get-BackfillGate $run.RunId ApplyReview).ChainCount
            Id { $run, $other | Confirm-BackfillGate ApplyReview -Reason x -Confirm:$false }
            Id { $run, $other | Get-BackfillGate | Confirm-BackfillGate -Reason x -Confirm:$false }
            Id { $run, $run | Get-BackfillGate -Name ApplyReview | Deny-BackfillGate -Reason x -WhatIf }
            Id { @() | Confirm-BackfillGate -Reason x -Confirm:$false }
            Id { @() | Confirm-BackfillGate ApplyReview -Reason x -Confirm:$false }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason '  ' -Confirm:$false }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason '' -Confirm:$false }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Confirm:$false }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason x -ExpiresIn 8 -Confirm:$false }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason x -ExpiresIn 192h -Confirm:$false }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason x -ExpiresIn 0s -Confirm:$false }
            Id { Confirm-BackfillGate -Name Aply -RunId $run.RunId -Reason x -Confirm:$false }
            try { Confirm-BackfillGate Aply $run.RunId -Reason x -Confirm:$false } catch { "$_".Contains("'Aply' is no gate. The gates are ApplyReview, ") }
            try { Confirm-BackfillGate ApplyReview typo -Reason x -Confirm:$false } catch { "$_".Contains("'typo' is no run id. Get-BackfillRun lists the runs") }
            try { Get-BackfillRun "$($run.RunId)", typo } catch { "$_".Contains("'typo' is no run id.") }
            (Get-BackfillRun "$($run.RunId)").RunId -eq $run.RunId
            Id { Confirm-BackfillGate ApplyReview {{Guid.NewGuid()}} -Reason x -Confirm:$false }
            Id { Confirm-BackfillGate ProdApply $run.RunId -Reason x -Confirm:$false }
            Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason x -EvidenceConnection $c -EvidenceRunId $run.RunId -Confirm:$false }
            Id { Deny-BackfillGate ApplyReview $run.RunId -Reason x -Override -Confirm:$false }
            (Get-BackfillGate $run.RunId ApplyReview).ChainCount -eq $before
            """);
        Assert.Equal(
            [
                "SelectionManyGates", "SelectionManyGates", "(none)", "SelectionEmpty", "SelectionEmpty", "ReasonBlank",
                "ParameterArgumentValidationError", "MissingMandatoryParameter", "ParameterArgumentTransformationError",
                "GateExpiryInvalid", "GateExpiryInvalid", "ParameterArgumentTransformationError", "True", "True", "True", "True", "RunNotFound", "GateNotRaised", "EvidenceNotWanted",
                "NamedParameterNotFound", "True",
            ],
            lines.Where(l => !l.StartsWith("What if:", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Gates_are_shown_by_run_and_by_name()
    {
        _folder.WritePlan("plan.json", First);
        var lines = await RunAsync(Applied + $$"""
            $gate = $run | Get-BackfillGate
            "$gate" -eq "ApplyReview of $($run.RunId): Pending"
            "$($gate.Passed) $($gate.Connection -eq $c) $($gate.PlanHash -eq $run.PlanHash) $($gate.EvidenceHash.Length) $($null -eq $gate.DecidedBy)"
            ($gate.Criteria | ForEach-Object Name) -join ' '
            ($gate.Criteria | Where-Object Name -eq Settled | ForEach-Object { "$($_.Expected) | $($_.Actual) | $($_.Passed)" })
            @(Get-BackfillGate | Where-Object RunId -eq $run.RunId).Count
            @(Get-BackfillGate -Name SoakGoNoGo | Where-Object RunId -eq $run.RunId).Count
            @($run | Get-BackfillGate -Name ApplyReview).Count
            Id { $run | Get-BackfillGate -Name SoakGoNoGo }
            Id { Get-BackfillGate {{Guid.NewGuid()}} }
            Id { @() | Get-BackfillGate }
            Id { [pscustomobject] @{ Connection = $c } | Get-BackfillGate }
            """);
        Assert.Equal(
            [
                "True", "True True True 64 True", "Plan State Settled Failed NoEffect Unknown ExpectedChanges ChangedSince RollbackReady RolledBack Breaker",
                "1 of 1 sessions | 1 of 1 sessions | True", "1", "0", "1", "GateNotRaised", "RunNotFound", "SelectionEmpty", "SelectionEmpty",
            ],
            lines);
    }

    [Fact]
    public async Task A_broken_chain_is_shown_and_is_an_error()
    {
        _folder.WritePlan("plan.json", First);
        var runId = Guid.Parse((await RunAsync(Applied + """
            $null = $run | Confirm-BackfillGate ApplyReview -Reason 'a test' -Confirm:$false
            "$($run.RunId)"
            """))[0]);
        await ExecuteAsync($"delete from backfill.gate where run_id = '{runId}'");
        try
        {
            await ShowsAsync();
        }
        finally
        {
            // Others look at all gates of this ledger.
            await ExecuteAsync($"update backfill.run set gate_count = 0, gate_head = null where run_id = '{runId}'");
        }

        async Task ShowsAsync()
        {
            var lines = await RunAsync($$"""
                $ErrorActionPreference = 'SilentlyContinue'
                $gate = Get-BackfillGate {{runId}} -ErrorVariable problems
                "$($gate.Status) $($gate.ChainBreak)"
                $problems.Count
                $problems[0].FullyQualifiedErrorId.Split(',')[0]
                Id { Start-StagingSoak {{runId}} -Duration 1s }
                Id { Confirm-BackfillGate ApplyReview {{runId}} -Reason x -Confirm:$false }
                """);
            Assert.Equal(
                ["Invalidated the run has had 1 decisions, and 0 are there", "1", "GateChainBroken", "GateChainBroken", "GateChainBroken"], lines);
        }
    }

    [Fact]
    public async Task A_refused_soak_names_the_gate_its_criteria_and_the_command_and_an_override_warns()
    {
        _folder.WritePlan("plan.json", First, Guid.NewGuid());
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All -ErrorAction SilentlyContinue
            $run = Get-BackfillRun -Latest
            try { $run | Start-StagingSoak -Duration 1s }
            catch {
                $text = "$_"
                $_.FullyQualifiedErrorId.Split(',')[0]
                "$($_.CategoryInfo.Category) $($_.TargetObject.GetType().Name)"
                $text.Contains("Gate ApplyReview of run $($run.RunId)")
                $text.Contains('[NOT MET] Failed: 1 (expected: at most 0)')
                $text.Contains("Confirm-BackfillGate ApplyReview -RunId $($run.RunId) -Reason")
            }
            Id { $run | Confirm-BackfillGate ApplyReview -Reason 'known' -Confirm:$false }
            $gate = $run | Confirm-BackfillGate ApplyReview -Reason 'known' -Override -Confirm:$false -WarningVariable warned
            "$($gate.Status) $($gate.Overridden) $($warned.Count) $("$warned" -match '-Override')"
            [IO.File]::ReadAllText([IO.Path]::Combine($pwd.Path, 'backfill_summary.md')).Contains('## Gate ApplyReview: Pending')
            """);
        Assert.Equal(
            ["GatePending", "SecurityError BackfillGate", "True", "True", "True", "GateCriteriaFailed", "Approved True 1 True", "True"], lines);
    }

    [Fact]
    public async Task Production_waits_for_its_gate_and_is_approved_on_the_staging_ledger()
    {
        _folder.WritePlan("plan.json", First);
        File.WriteAllText(
            Path.Combine(_folder.FullName, "prod.json"),
            File.ReadAllText(_folder.WritePlan("prod.txt", First)).Replace("\"staging\"", "\"production\"", StringComparison.Ordinal));
        var lines = await RunAsync(Applied + """
            $null = $run | Confirm-BackfillGate ApplyReview -Reason 'a test' -Confirm:$false
            $null = $run | Start-StagingSoak -Duration 400ms -Interval 200ms
            $null = $run | Confirm-BackfillGate SoakGoNoGo -Reason 'a test' -Override -Confirm:$false
            $sandbox = Start-BackfillSandbox Production -CandidateCount 39
            $prod = $sandbox | Connect-Backfill
            @(Invoke-BackfillApply prod.json -Connection $prod -ThrottlePerMinute 1200 -InformationVariable told).Count
            "$($told.Tags)"
            $frozen = Get-BackfillRun -Latest -Connection $prod
            "$($frozen.State) $($frozen.Remaining)"
            Id { $frozen | Invoke-BackfillApply }
            $gate = $frozen | Get-BackfillGate
            Id { $gate | Confirm-BackfillGate -Reason x -Connection $c -Confirm:$false }
            Id { $gate | Confirm-BackfillGate -Reason x -EvidenceConnection $c -Confirm:$false }
            Id { $gate | Confirm-BackfillGate -Reason x -EvidenceConnection $prod -EvidenceRunId $frozen.RunId -Confirm:$false }
            Id { $gate | Confirm-BackfillGate -Reason x -Confirm:$false }
            $approved = $gate | Confirm-BackfillGate -Reason 'staging was well' -EvidenceConnection $c -EvidenceRunId $run.RunId -Confirm:$false
            "$($approved.Status) $($approved.Overridden)"
            ($frozen | Invoke-BackfillApply | ForEach-Object Outcome) -join ' '
            "$((Get-BackfillGate $frozen.RunId ProdApply -Connection $prod).Status)"
            $sandbox | Stop-BackfillSandbox
            """);
        Assert.Equal(
            [
                "0", "GateRaised ArtifactsWritten", "Pending 1", "GatePending", "GateOfAnotherTarget", "EvidenceIncomplete", "EvidenceNotStaging",
                "GateCriteriaFailed", "Approved False", "Succeeded", "Used",
            ],
            lines);
    }

    [Fact]
    public async Task A_pipeline_gives_its_steps_with_exit_codes_and_goes_on_when_called_again()
    {
        _folder.WritePlan("plan.json", First);
        _folder.WritePlan("other.json", Second);
        var lines = await RunAsync("""
            $before = @(Get-BackfillRun).Count
            @(Invoke-BackfillPipeline plan.json -ThrottlePerMinute 1200 -WhatIf).Count
            function Steps { Invoke-BackfillPipeline plan.json -OutputPath out -ThrottlePerMinute 1200 -Duration 600ms -Interval 300ms @args | ForEach-Object { "$($_.GetType().Name) $_ $($_.ExitCode) $($_.Gate)" } }
            Steps
            $last = Invoke-BackfillPipeline plan.json -OutputPath out | Where-Object Status -eq Halted
            $last.Message.Contains("Confirm-BackfillGate ApplyReview -RunId $($last.RunId)")
            $null = $last | Confirm-BackfillGate ApplyReview -Reason 'a test' -Confirm:$false
            Steps
            $null = $last | Confirm-BackfillGate SoakGoNoGo -Reason 'a test' -Override -Confirm:$false
            Steps
            @(Get-BackfillRun).Count - $before
            @(Get-StagingSoak $last.RunId).Count
            Id { Invoke-BackfillPipeline plan.json -ProductionConnection $c }
            Id { Invoke-BackfillPipeline plan.json -Since 2999-01-01 }
            Id { Invoke-BackfillPipeline *.json }
            Id { Invoke-BackfillPipeline nothing.json }
            [IO.File]::Exists([IO.Path]::Combine($pwd.Path, 'out', 'staging_observability.md'))
            $ErrorActionPreference = 'SilentlyContinue'
            $null = Get-BackfillRun $last.RunId | Invoke-BackfillRollback -Confirm:$false
            Steps
            """);
        const string type = "BackfillPipelineStep";
        Assert.StartsWith("What if: ", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                "0",
                $"{type} Apply Done 0 ", $"{type} Soak Halted 3 ApplyReview", "True",
                $"{type} Apply Done 0 ", $"{type} Soak Done 0 ", $"{type} ProdHealth Halted 3 SoakGoNoGo",
                $"{type} Apply Done 0 ", $"{type} Soak Done 0 ", $"{type} ProdHealth Halted 3 ",
                "1", "2", "PipelineNeedsProduction", "WindowEmpty", "PathAmbiguous", "PlanNotFound", "True",
                $"{type} Apply Failed 1 ",
            ],
            lines.Skip(1));
    }

    [Fact]
    public async Task With_two_targets_connected_a_pipelines_steps_can_be_piped_on_and_its_commands_run_as_they_stand()
    {
        _folder.WritePlan("plan.json", First);
        var lines = await RunAsync("""
            $staging = $c
            $sandbox = Start-BackfillSandbox Production -CandidateCount 1
            $production = $sandbox | Connect-Backfill
            function Steps { Invoke-BackfillPipeline plan.json -OutputPath out -Connection $staging -ProductionConnection $production -ThrottlePerMinute 1200 -Duration 400ms -Interval 200ms }
            function Named([string] $Pattern) { [regex]::Match($step.Message, $Pattern).Value }
            function Run([string] $Command) { & ([scriptblock]::Create($Command.Replace("'…'", "'a test'"))) }
            foreach ($name in 'ApplyReview', 'SoakGoNoGo') {
                $step = @(Steps)[-1]
                "$step $(($step | Get-BackfillGate).Name)"
                @(Run (Named '\(Get-BackfillGate .+?\)\.Criteria')).Count -gt 1
                "$((Run "$(Named "Confirm-BackfillGate .+?'…'") -Override -Confirm:`$false").Name)"
                $denied = $step | Get-BackfillGate -Name $name | Deny-BackfillGate -Reason 'a test' -Confirm:$false
                $step = @(Steps)[-1]
                "$($denied.Status) $((Run "$(Named "Get-BackfillGate [^.]+? \| Confirm-BackfillGate .+?'…'") -Override -Confirm:`$false").Status)"
            }
            $step = @(Steps)[-1]
            "$step $($step.Connection -eq $staging) $(($step | Get-BackfillGate | ForEach-Object Name) -join ' ')"
            $evidence = $step.RunId
            Run (Named "Invoke-BackfillApply -Path .+? -Connection .production")
            $step = @(Steps)[-1]
            "$step $($step.Connection -eq $production) $(($step | Get-BackfillGate | ForEach-Object { "$($_.Name) $($_.Status)" }) -join ' ')"
            $null = Run (Named '\(Get-BackfillGate .+?\)\.Criteria')
            (Run "$(Named "Confirm-BackfillGate .+?'…'") -Confirm:`$false").Status
            $step = @(Steps)[-1]
            $done = @(Run "$(Named 'Invoke-BackfillApply -RunId [^.]+') -ThrottlePerMinute 1200")
            "[$($step.Gate)] $($done.Count -gt 0) $(@($done | Where-Object Outcome -ne Succeeded).Count)"
            $step = @(Steps)[-1]
            "$step $($step.RunId -eq $evidence) $($step.Connection -eq $staging)"
            $sandbox | Stop-BackfillSandbox
            """);
        Assert.Equal(
            [
                "Soak Halted ApplyReview", "True", "ApplyReview", "Denied Approved",
                "ProdHealth Halted ApplyReview SoakGoNoGo", "True", "SoakGoNoGo", "Denied Approved",
                "ProdHealth Halted True ApplyReview SoakGoNoGo", "ProdHealth Halted True ProdApply Pending", "Approved", "[] True 0",
                "ProdHealth Done True True",
            ],
            lines);
    }

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);

    private async Task ExecuteAsync(string sql)
    {
        await using var source = sandbox.OpenDatabase();
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
