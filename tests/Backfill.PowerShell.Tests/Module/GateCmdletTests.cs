using Npgsql;

namespace Backfill.PowerShell.Tests.Module;

/// <summary>Gates are decided by a person, or by a command that says that nobody need be asked; by nothing else.</summary>
[Collection(SandboxTests.Name)]
public sealed class GateCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid First = new("618c5ea6-aeda-4084-9156-0aac9643afd3");
    private static readonly Guid Second = new("070d9bf2-516f-44ee-87fc-017c7db9d29c");

    /// <summary>A run at its review.</summary>
    private const string Applied = """
        $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
        $run = Get-BackfillRun -Latest

        """;

    /// <summary>A host with a person, or with nobody but an end of input: what it asks, with which default; and a blank line takes that.</summary>
    private const string Asking = """
        using namespace System.Management.Automation.Host
        using namespace System.Collections.ObjectModel
        using namespace System.Collections.Generic
        [NoRunspaceAffinity()]
        class AskedUI : PSHostUserInterface {
            [string] $Answer
            [List[string]] $Asked = [List[string]]::new()
            [PSHostRawUserInterface] $RawUI = $null
            [int] PromptForChoice([string] $caption, [string] $message, [Collection[ChoiceDescription]] $choices, [int] $default) {
                $this.Asked.Add("$($choices[$default].Label) $caption $message")
                if ($this.Answer -eq 'blank') { return $default }
                return [int] $this.Answer
            }
            [string] ReadLine() { return '' }
            [securestring] ReadLineAsSecureString() { return [securestring]::new() }
            [Dictionary[string, psobject]] Prompt([string] $c, [string] $m, [Collection[FieldDescription]] $d) { return [Dictionary[string, psobject]]::new() }
            [pscredential] PromptForCredential([string] $c, [string] $m, [string] $u, [string] $t) { return $null }
            [pscredential] PromptForCredential([string] $c, [string] $m, [string] $u, [string] $t, [System.Management.Automation.PSCredentialTypes] $a, [System.Management.Automation.PSCredentialUIOptions] $o) { return $null }
            [void] Write([string] $value) { }
            [void] Write([ConsoleColor] $f, [ConsoleColor] $b, [string] $value) { }
            [void] WriteLine([string] $value) { }
            [void] WriteErrorLine([string] $value) { }
            [void] WriteDebugLine([string] $value) { }
            [void] WriteVerboseLine([string] $value) { }
            [void] WriteWarningLine([string] $value) { }
            [void] WriteProgress([long] $id, [System.Management.Automation.ProgressRecord] $record) { }
        }
        [NoRunspaceAffinity()]
        class AskedHost : PSHost {
            [PSHostUserInterface] $UI = [AskedUI]::new()
            [string] $Name = 'Asked'
            [version] $Version = '1.0'
            [guid] $InstanceId = [guid]::NewGuid()
            [cultureinfo] $CurrentCulture = [cultureinfo]::InvariantCulture
            [cultureinfo] $CurrentUICulture = [cultureinfo]::InvariantCulture
            [void] SetShouldExit([int] $code) { }
            [void] EnterNestedPrompt() { }
            [void] ExitNestedPrompt() { }
            [void] NotifyBeginApplication() { }
            [void] NotifyEndApplication() { }
        }

        """;

    /// <summary><c>In</c> runs a block in a runspace of that host; without one, in a runspace whose host has no user interface.</summary>
    private static readonly string In = $$"""
        function In($On, [string] $Block) {
            $state = [initialsessionstate]::CreateDefault2()
            $space = $null -eq $On ? [runspacefactory]::CreateRunspace($state) : [runspacefactory]::CreateRunspace($On, $state)
            $space.Open()
            $shell = [powershell]::Create()
            $shell.Runspace = $space
            $null = $shell.AddScript('param($c, $run, $block) $ErrorActionPreference = "Stop"; Import-Module "{{ModuleShell.Manifest}}"; try { $null = & ([scriptblock]::Create($block)); "(none)" } catch { $_.FullyQualifiedErrorId.Split(",")[0] }')
            $shell.AddArgument($c).AddArgument($run).AddArgument($Block).Invoke()
            $space.Dispose()
        }

        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\n\n\n\n\n\n\n\n\n\n")]
    [InlineData("Y\ny\nYes\nA\nY\nY\nY\nY\nY\nY\n")]
    public async Task With_nobody_at_the_prompt_nothing_is_ever_decided(string input)
    {
        _folder.WritePlan("plan.json", First);
        var before = await CountAsync();
        var result = await ShellProcess.RunAsync(
            SandboxFixture.Script(_folder, Applied + In + """
                $gate = Get-BackfillGate $run.RunId ApplyReview
                foreach ($preference in 'High', 'None') {
                    $ConfirmPreference = $preference
                    Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' }
                    Id { $run | Confirm-BackfillGate ApplyReview -Reason 'a test' -Override }
                    Id { $gate | Confirm-BackfillGate -Reason 'a test' }
                    Id { $gate | Confirm-BackfillGate -Reason 'a test' -Confirm }
                    Id { $gate | Deny-BackfillGate -Reason 'a test' }
                    Id { $run | Deny-BackfillGate ApplyReview -Reason 'a test' }
                    In $null '$ConfirmPreference = "None"; Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c'
                }
                try { $gate | Confirm-BackfillGate -Reason 'a test' } catch { "$_".Contains("$($run.RunId)") -and "$_" -match 'Staging' -and "$_" -match '-Confirm:\$false' }
                "$((Get-BackfillGate $run.RunId ApplyReview).Status)"
                """),
            environment: sandbox.Settings,
            input: input);
        result.Succeeded();
        Assert.Equal([.. Enumerable.Repeat("ConfirmationNeeded", 14), "True", "Pending"], result.Lines);
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task A_person_is_asked_with_a_default_of_no_and_a_blank_line_is_no()
    {
        _folder.WritePlan("plan.json", First);
        var script = SandboxFixture.Script(_folder, Applied + In + """
            $asked = [AskedHost]::new()
            $asked.UI.Answer = 'blank'
            foreach ($block in 'Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c', 'Deny-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c', '$ConfirmPreference = "None"; $run | Confirm-BackfillGate ApplyReview -Reason x') {
                In $asked $block
            }
            $asked.UI.Answer = '1'
            In $asked 'Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c'
            "$((Get-BackfillGate $run.RunId ApplyReview).ChainCount) $($asked.UI.Asked.Count)"
            @($asked.UI.Asked | Where-Object { $_ -like '&No *' -and $_.Contains("$($run.RunId)") -and $_ -match 'Staging' -and $_ -match '\[met\] Settled: 1 of 1 sessions' }).Count
            $asked.UI.Answer = '0'
            In $asked 'Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c'
            "$((Get-BackfillGate $run.RunId ApplyReview).Status) $($asked.UI.Asked.Count)"
            In $asked '$run | Get-BackfillGate -Connection $c | Deny-BackfillGate -Reason x -Confirm:$false'
            "$((Get-BackfillGate $run.RunId ApplyReview).Status) $($asked.UI.Asked.Count)"
            """);
        var result = await ShellProcess.RunAsync(Asking + script, environment: sandbox.Settings);
        result.Succeeded();
        Assert.Equal(
            ["NotConfirmed", "NotConfirmed", "NotConfirmed", "NotConfirmed", "0 4", "4", "(none)", "Approved 5", "(none)", "Denied 5"], result.Lines);
    }

    [Fact]
    public async Task WhatIf_decides_nothing_and_writes_nothing()
    {
        _folder.WritePlan("plan.json", First);
        await RunAsync(Applied);
        var before = await CountAsync();
        var lines = await RunAsync("""
            $run = Get-BackfillRun -Latest
            $made = @(
                Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' -WhatIf
                Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' -WhatIf -Confirm:$false
                Get-BackfillGate $run.RunId | Deny-BackfillGate -Reason 'a test' -WhatIf
                $WhatIfPreference = $true
                $run | Confirm-BackfillGate ApplyReview -Reason 'a test' -Confirm:$false
            )
            $made.Count
            # What would be refused is refused.
            Id { Confirm-BackfillGate SoakGoNoGo $run.RunId -Reason 'a test' }
            """);
        Assert.Equal(4, lines.Count(l => l.StartsWith("What if: ", StringComparison.Ordinal) && l.Contains("gate ApplyReview of run", StringComparison.Ordinal)));
        Assert.Equal(["0", "GateNotRaised"], lines.TakeLast(2));
        Assert.Equal(before, await CountAsync());
    }

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
                "True", "True True True 64 True", "Plan State Settled Failed NoEffect Unknown ExpectedChanges RollbackReady RolledBack Breaker",
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

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);

    /// <summary>The decisions and uses in the sandbox's ledger.</summary>
    private async Task<long> CountAsync()
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString());
        await using var command = source.CreateCommand("select count(*) from backfill.gate");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString());
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private string ConnectionString()
    {
        var uri = new Uri(sandbox.Settings["SUPABASE_DB_URL"]!);
        var user = uri.UserInfo.Split(':');
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Database = uri.AbsolutePath.Trim('/'),
            Username = Uri.UnescapeDataString(user[0]),
            Password = Uri.UnescapeDataString(user[1]),
            Pooling = false,
        }.ConnectionString;
    }
}
