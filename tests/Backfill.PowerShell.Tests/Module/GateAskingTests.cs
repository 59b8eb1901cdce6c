namespace Backfill.PowerShell.Tests.Module;

/// <summary>Gates are decided by a person, or by a command that says that nobody need be asked; by nothing else.</summary>
[Collection(SandboxTests.Name)]
public sealed class GateAskingTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid First = new("618c5ea6-aeda-4084-9156-0aac9643afd3");

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
            SandboxFixture.Script(_folder, GateCmdletTests.Applied + In + """
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
        var script = SandboxFixture.Script(_folder, GateCmdletTests.Applied + In + """
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
            $asked.UI.Answer = 'blank'
            In $asked '$run | Get-BackfillGate -Connection $c | Confirm-BackfillGate -Reason y'
            "$((Get-BackfillGate $run.RunId ApplyReview).Status) $($asked.UI.Asked[-1] -match 'It was denied by .*: x\.\n\[met\]')"
            """);
        var result = await ShellProcess.RunAsync(Asking + script, environment: sandbox.Settings);
        result.Succeeded();
        Assert.Equal(
            ["NotConfirmed", "NotConfirmed", "NotConfirmed", "NotConfirmed", "0 4", "4", "(none)", "Approved 5", "(none)", "Denied 5", "NotConfirmed", "Denied True"], result.Lines);
    }

    [Fact]
    public async Task A_default_for_confirm_is_no_answer()
    {
        _folder.WritePlan("plan.json", First);
        var before = await CountAsync();
        var result = await ShellProcess.RunAsync(
            SandboxFixture.Script(_folder, GateCmdletTests.Applied + """
                ${alias:approve} = 'Confirm-BackfillGate'
                $defaults = @(
                    '*:Confirm', 'confirm-backfillgate:CONFIRM', 'Confirm-*Gate:Con*rm', '*-Backfill*:cf', ' "Confirm-BackfillGate" : "Confirm" ', 'appr*:Confirm'
                )
                foreach ($key in $defaults) {
                    foreach ($value in $false, 0, { $false }) {
                        $PSDefaultParameterValues = @{ $key = $value }
                        # Bound as if it were given; and one that is given can't be told from it.
                        Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' }
                        Id { Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' -Confirm:$false }
                    }
                }
                $PSDefaultParameterValues = @{ '*:Confirm' = $false }
                Id { Deny-BackfillGate ApplyReview $run.RunId -Reason 'a test' }
                Id { $run | Invoke-BackfillRollback }
                Id { Remove-BackfillRun $run.RunId }
                & { Id { $run | Confirm-BackfillGate ApplyReview -Reason 'a test' } }
                try { Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' } catch { "$_".Contains("without the default '*:Confirm' in `$PSDefaultParameterValues") }
                "$((Get-BackfillGate $run.RunId ApplyReview).Status)"
                """),
            environment: sandbox.Settings);
        result.Succeeded();
        Assert.Equal([.. Enumerable.Repeat("ConfirmationNeeded", 40), "True", "Pending"], result.Lines);
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task A_default_that_is_disabled_true_or_anothers_leaves_the_answer_to_the_command()
    {
        _folder.WritePlan("plan.json", First);
        var lines = await RunAsync(GateCmdletTests.Applied + """
            $others = @(
                @{ '*:Confirm' = $false; Disabled = $true }
                @{ '*:Confirm' = $true }
                @{ 'Remove-*:Confirm' = $false; '*:ConfirmAll' = $false; 'Get-Item:Confirm' = $false }
            )
            foreach ($other in $others) {
                $PSDefaultParameterValues = $other
                (Get-BackfillGate $run.RunId ApplyReview | Confirm-BackfillGate -Reason 'a test' -Confirm:$false).Status
                Id { Get-BackfillGate $run.RunId ApplyReview | Confirm-BackfillGate -Reason 'a test' }
            }
            """);
        Assert.Equal([.. Enumerable.Repeat((string[])["Approved", "ConfirmationNeeded"], 3).SelectMany(l => l)], lines);
    }

    [Fact]
    public async Task WhatIf_decides_nothing_and_writes_nothing()
    {
        _folder.WritePlan("plan.json", First);
        await RunAsync(GateCmdletTests.Applied);
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

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);

    /// <summary>The decisions and uses in the sandbox's ledger.</summary>
    private async Task<long> CountAsync()
    {
        await using var source = sandbox.OpenDatabase();
        await using var command = source.CreateCommand("select count(*) from backfill.gate");
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
