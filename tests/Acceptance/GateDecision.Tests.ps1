# A gate is decided by a person, or by a command that says that nobody need be asked. By nothing else.

BeforeAll {
    . $PSScriptRoot/World.ps1
    . $PSScriptRoot/AskedHost.ps1
    $world = Get-World
    $to = @{ Connection = $world.Connection }

    # How many decisions a gate has had, and its state.
    function Get-Decision($Run) { Get-BackfillGate $Run.RunId ApplyReview @to | ForEach-Object { "$($_.ChainCount) $($_.Status)" } }
}

Describe 'A decision with nobody at the prompt' {
    BeforeEach { $run = New-TestRun }
    AfterEach { Get-Decision $run | Should -Be '0 Pending' -Because 'nobody has decided' }

    It 'is an error, where the shell is <shell> and standard input holds <case>' -ForEach @(
        foreach ($shell in 'non-interactive', 'interactive') {
            @{ Shell = $shell; Case = 'nothing'; InputText = '' }
            @{ Shell = $shell; Case = 'blank lines'; InputText = "`n" * 20 }
            @{ Shell = $shell; Case = 'Yes, line by line'; InputText = "Y`ny`nYes`nA`n" * 5 }
        }
    ) {
        $option = @(if ($Shell -eq 'non-interactive') { '-NonInteractive' })
        # A prompt would be on standard output, too: what the commands end with goes to a file.
        $file = Join-Path (New-TestFolder) ended.txt
        $null = Invoke-Pwsh -Environment (Get-SandboxSetting) -InputText $InputText -Option $option @"
            `$null = Connect-Backfill
            `$run = Get-BackfillRun $($run.RunId)
            `$gate = `$run | Get-BackfillGate
            `$commands = @(
                { Confirm-BackfillGate ApplyReview `$run.RunId -Reason 'a test' }
                { `$run | Confirm-BackfillGate ApplyReview -Reason 'a test' -Override }
                { `$gate | Confirm-BackfillGate -Reason 'a test' }
                { `$gate | Confirm-BackfillGate -Reason 'a test' -Confirm }
                { `$gate | Deny-BackfillGate -Reason 'a test' }
                { `$run | Deny-BackfillGate ApplyReview -Reason 'a test' }
            )
            foreach (`$ConfirmPreference in 'High', 'None') {
                foreach (`$command in `$commands) {
                    try { `$null = & `$command; 'decided' >> '$file' } catch { "`$(`$_.FullyQualifiedErrorId) `$_" >> '$file' }
                }
            }
"@
        $ended = Get-Content $file
        $ended | Should -HaveCount 12
        $ended | Where-Object { $_ -notlike 'ConfirmationNeeded,*' } | Should -BeNullOrEmpty
        foreach ($part in "$($run.RunId)", 'Staging', '-Confirm:$false') {
            $ended[0].Contains($part) | Should -BeTrue -Because "the message must name $part"
        }
    }

    It 'is an error in a host without a user interface, with any $ConfirmPreference' {
        Get-IdInHost $null -With @{ run = $run; c = $world.Connection } {
            $ConfirmPreference = 'None'
            Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c
        } | Should -Be 'ConfirmationNeeded'
    }
}

Describe 'A question to a person' {
    BeforeAll {
        $run = New-TestRun
        $asked = [AskedHost]::new()
        $with = @{ run = $run; c = $world.Connection }
        $confirm = { Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c }
    }

    It 'names the run, the environment and the criteria, and its default is No: <case>' -ForEach @(
        @{ Case = 'an approval'; Answer = 'blank'; Block = { Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c } }
        @{ Case = 'a denial'; Answer = 'blank'; Block = { Deny-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c } }
        @{ Case = 'with $ConfirmPreference'; Answer = 'blank'; Block = {
                $ConfirmPreference = 'None'; $run | Confirm-BackfillGate ApplyReview -Reason x } }
        @{ Case = 'answered with No'; Answer = '1'; Block = { Confirm-BackfillGate ApplyReview $run.RunId -Reason x -Connection $c } }
    ) {
        $asked.UI.Answer = $Answer
        $asked.UI.Asked.Clear()
        Get-IdInHost $asked $Block $with | Should -Be 'NotConfirmed'
        $asked.UI.Asked | Should -HaveCount 1
        foreach ($part in "$($run.RunId)", 'Staging', '[met] Settled: 1 of 1 sessions') { $asked.UI.Asked[0].Contains($part) | Should -BeTrue }
        $asked.UI.Asked[0] | Should -BeLike '&No *'
        Get-Decision $run | Should -Be '0 Pending'
    }

    It 'is asked once, and Yes decides; -Confirm:$false asks nobody; a denial is told before it is replaced' {
        $run = New-TestRun
        $with.run = $run
        $asked.UI.Answer = '0'
        $asked.UI.Asked.Clear()
        Get-IdInHost $asked $confirm $with | Should -Be '(none)'
        Get-Decision $run | Should -Be '1 Approved'
        $asked.UI.Asked | Should -HaveCount 1

        Get-IdInHost $asked { $run | Get-BackfillGate -Connection $c | Deny-BackfillGate -Reason 'too early' -Confirm:$false } $with |
            Should -Be '(none)'
        Get-Decision $run | Should -Be '2 Denied'
        $asked.UI.Asked | Should -HaveCount 1

        $asked.UI.Answer = 'blank'
        Get-IdInHost $asked { $run | Get-BackfillGate -Connection $c | Confirm-BackfillGate -Reason y } $with | Should -Be 'NotConfirmed'
        Get-Decision $run | Should -Be '2 Denied'
        $asked.UI.Asked[-1] | Should -Match 'It was denied by .*: too early\.\n\[not measured\] ExpectedChanges: '
    }
}

Describe 'A default for -Confirm in $PSDefaultParameterValues' {
    BeforeAll {
        $run = New-TestRun
        $folder = New-TestFolder
        # -Confirm:$false can't be told from a default, so it doesn't count beside one.
        $alone = Invoke-Pwsh -Environment (Get-SandboxSetting) @"
            `$null = Connect-Backfill
            function Get-Id([scriptblock] `$Block) { try { `$null = & `$Block; '(none)' } catch { `$_.FullyQualifiedErrorId.Split(',')[0] } }
            Set-Alias approve Confirm-BackfillGate
            `$run = Get-BackfillRun $($run.RunId)
            `$keys = '*:Confirm', 'confirm-backfillgate:CONFIRM', 'Confirm-*Gate:Con*rm', '*-Backfill*:cf',
                ' "Confirm-BackfillGate" : "Confirm" ', 'appr*:Confirm'
            foreach (`$key in `$keys) {
                foreach (`$value in `$false, 0, { `$false }) {
                    `$PSDefaultParameterValues = @{ `$key = `$value }
                    "false ``"`$key``" = `$value, default: `$(Get-Id { Confirm-BackfillGate ApplyReview `$run.RunId -Reason 'a test' })"
                    "false ``"`$key``" = `$value, given: `$(Get-Id { Confirm-BackfillGate ApplyReview `$run.RunId -Reason 'a test' -Confirm:`$false })"
                }
            }
            `$PSDefaultParameterValues = @{ '*:Confirm' = `$false }
            "false, denial: `$(Get-Id { Deny-BackfillGate ApplyReview `$run.RunId -Reason 'a test' })"
            "false, rollback: `$(Get-Id { `$run | Invoke-BackfillRollback })"
            "false, removal: `$(Get-Id { Remove-BackfillRun `$run.RunId })"
            "false, inner scope: `$(& { Get-Id { `$run | Confirm-BackfillGate ApplyReview -Reason 'a test' } })"
            try { Confirm-BackfillGate ApplyReview `$run.RunId -Reason 'a test' } catch { "said: `$_" }
            `$PSDefaultParameterValues = @{}
            "undecided: `$((Get-BackfillGate `$run.RunId ApplyReview).ChainCount)"
            foreach (`$other in @(
                    @{ '*:Confirm' = `$false; Disabled = `$true }
                    @{ '*:Confirm' = `$true }
                    @{ 'Remove-*:Confirm' = `$false; '*:ConfirmAll' = `$false; 'Get-Item:Confirm' = `$false })) {
                `$PSDefaultParameterValues = `$other
                "other, given: `$(Get-Id { Get-BackfillGate `$run.RunId ApplyReview | Confirm-BackfillGate -Reason 'a test' -Confirm:`$false })"
                "other, not given: `$(Get-Id { Get-BackfillGate `$run.RunId ApplyReview | Confirm-BackfillGate -Reason 'a test' })"
            }
"@
    }

    It 'is no answer, in any spelling, for any command that asks' {
        $alone.Errors | Should -BeNullOrEmpty
        $lines = $alone.Lines -like 'false*'
        $lines | Should -HaveCount 40
        $lines | Where-Object { $_ -notlike '*: ConfirmationNeeded' } | Should -BeNullOrEmpty
        $alone.Lines | Should -Contain 'undecided: 0'
    }

    It 'is named by the error' {
        $alone.Lines -match '^said: .*Remove ''\*:Confirm'' from \$PSDefaultParameterValues' | Should -HaveCount 1
    }

    It 'leaves the answer to the command where it is disabled, true or for another command' {
        $alone.Lines -like 'other*' | Should -Be (@('other, given: (none)', 'other, not given: ConfirmationNeeded') * 3)
        Get-Decision $run | Should -Be '3 Approved'
    }
}

Describe 'A decision with -WhatIf' {
    It 'says what it would decide, refuses what would be refused, and decides nothing' {
        $run = New-TestRun
        $preview = Invoke-Pwsh -Environment (Get-SandboxSetting) @"
            `$null = Connect-Backfill
            `$run = Get-BackfillRun $($run.RunId)
            Confirm-BackfillGate ApplyReview `$run.RunId -Reason 'a test' -WhatIf
            Confirm-BackfillGate ApplyReview `$run.RunId -Reason 'a test' -WhatIf -Confirm:`$false
            `$run, `$run | Get-BackfillGate -Name ApplyReview | Deny-BackfillGate -Reason 'a test' -WhatIf
            `$WhatIfPreference = `$true
            `$run | Confirm-BackfillGate ApplyReview -Reason 'a test' -Confirm:`$false
            try { Confirm-BackfillGate SoakGoNoGo `$run.RunId -Reason 'a test' } catch { `$_.FullyQualifiedErrorId }
"@
        $preview.Errors | Should -BeNullOrEmpty
        $preview.Lines | Should -HaveCount 5
        $preview.Lines -like "What if: *gate ApplyReview of run $($run.RunId)*" | Should -HaveCount 4
        $preview.Lines[-1] | Should -BeLike 'GateNotRaised,*'
        Get-Decision $run | Should -Be '0 Pending'
    }
}

Describe 'A decision with bad input' {
    BeforeAll {
        $run = New-TestRun
        $other = New-TestRun
    }

    AfterEach { Get-Decision $run | Should -Be '0 Pending' }

    It 'is refused: <case>' -ForEach @(
        @{ Id = 'SelectionManyGates'; Case = 'two runs'; Block = {
                $run, $other | Confirm-BackfillGate ApplyReview -Reason x -Confirm:$false } }
        @{ Id = 'SelectionManyGates'; Case = 'two gates'; Block = {
                $run, $other | Get-BackfillGate | Confirm-BackfillGate -Reason x -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'an empty pipeline'; Block = { @() | Confirm-BackfillGate -Reason x -Confirm:$false } }
        @{ Id = 'SelectionEmpty'; Case = 'an empty pipeline of runs'; Block = {
                @() | Confirm-BackfillGate ApplyReview -Reason x -Confirm:$false } }
        @{ Id = 'ReasonBlank'; Case = 'a blank reason'; Block = {
                Confirm-BackfillGate ApplyReview $run.RunId @to -Reason '  ' -Confirm:$false } }
        @{ Id = 'ParameterArgumentValidationError'; Case = 'an empty reason'; Block = {
                Confirm-BackfillGate ApplyReview $run.RunId @to -Reason '' -Confirm:$false } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'an expiry without a unit'; Block = {
                Confirm-BackfillGate ApplyReview $run.RunId @to -Reason x -ExpiresIn 8 -Confirm:$false } }
        @{ Id = 'GateExpiryInvalid'; Case = 'an expiry of more than a week'; Block = {
                Confirm-BackfillGate ApplyReview $run.RunId @to -Reason x -ExpiresIn 192h -Confirm:$false } }
        @{ Id = 'GateExpiryInvalid'; Case = 'an expiry of no time'; Block = {
                Confirm-BackfillGate ApplyReview $run.RunId @to -Reason x -ExpiresIn 0s -Confirm:$false } }
        @{ Id = 'ParameterArgumentTransformationError'; Case = 'an unknown gate'; Block = {
                Confirm-BackfillGate Aply $run.RunId @to -Reason x -Confirm:$false } }
        @{ Id = 'RunNotFound'; Case = 'an unknown run'; Block = {
                Confirm-BackfillGate ApplyReview (New-Guid) @to -Reason x -Confirm:$false } }
        @{ Id = 'GateNotRaised'; Case = 'a gate of production'; Block = {
                Confirm-BackfillGate ProdApply $run.RunId @to -Reason x -Confirm:$false } }
        @{ Id = 'EvidenceNotWanted'; Case = 'evidence for a review'; Block = {
                Confirm-BackfillGate ApplyReview $run.RunId @to -Reason x `
                    -EvidenceConnection $world.Connection -EvidenceRunId $run.RunId -Confirm:$false } }
        @{ Id = 'NamedParameterNotFound'; Case = 'a denial with -Override'; Block = {
                Deny-BackfillGate ApplyReview $run.RunId @to -Reason x -Override -Confirm:$false } }
    ) {
        Get-ErrorId $Block | Should -Be $Id
    }

    It 'is refused without a reason, and asks for none where nobody can be asked' {
        $with = @{ run = $run; c = $world.Connection }
        Get-IdInHost $null { Confirm-BackfillGate ApplyReview $run.RunId -Connection $c -Confirm:$false } $with |
            Should -Be 'MissingMandatoryParameter'
    }

    It 'says what is wrong with a name or an id' {
        { Confirm-BackfillGate Aply $run.RunId @to -Reason x -Confirm:$false } |
            Should -Throw "*'Aply' is no gate. The gates are ApplyReview, *"
        { Confirm-BackfillGate ApplyReview typo @to -Reason x -Confirm:$false } |
            Should -Throw "*'typo' is no run id. Get-BackfillRun lists the runs*"
        { Get-BackfillRun "$($run.RunId)", typo @to } | Should -Throw "*'typo' is no run id.*"
        (Get-BackfillRun "$($run.RunId)" @to).RunId | Should -Be $run.RunId
    }
}
