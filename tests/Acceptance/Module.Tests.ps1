# What the module shows of itself, and the rules that all its cmdlets keep.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $commands = Get-Command -Module Backfill.PowerShell

    function Get-Impact([string] $Name) {
        (Get-Command $Name).ImplementingType.GetCustomAttributes([Management.Automation.CmdletAttribute], $false).ConfirmImpact
    }
}

Describe 'The manifest' {
    BeforeAll { $manifest = Test-ModuleManifest $ModuleManifest }

    It 'passes its test, and asks for the PowerShell that the module is built for' {
        $manifest.Name | Should -Be 'Backfill.PowerShell'
        $manifest.PowerShellVersion | Should -Be '7.6'
    }

    It 'exports exactly the cmdlets that there are, each by its name' {
        $classes = (Get-Command Connect-Backfill).ImplementingType.Assembly.GetExportedTypes() |
            ForEach-Object { $_.GetCustomAttributes([Management.Automation.CmdletAttribute], $false) } |
            ForEach-Object { "$($_.VerbName)-$($_.NounName)" }
        $manifest.ExportedCmdlets.Keys | Sort-Object | Should -Be ($classes | Sort-Object)
        $commands | Should -HaveCount $classes.Count
        Get-Content $ModuleManifest -Raw | Should -Not -Match '\*'
    }

    It 'exports no alias, function or variable' {
        $module = Get-Module Backfill.PowerShell
        $module.ExportedAliases.Count + $module.ExportedFunctions.Count + $module.ExportedVariables.Count | Should -Be 0
    }
}

Describe 'The import' {
    It 'makes the types of the module known, and can be repeated' {
        (Invoke-Pwsh @"
            [Backfill.BackfillRun].FullName
            Import-Module '$ModuleManifest' -Force
            Import-Module '$ModuleManifest' -Force
            (Get-BackfillPlan '$ApplyPlan') -is [Backfill.BackfillPlan]
"@).Lines | Should -Be 'Backfill.BackfillRun', 'True'
    }
}

Describe 'Every cmdlet' {
    It 'is compiled' { $commands | Where-Object CommandType -NE Cmdlet | Should -BeNullOrEmpty }

    It 'has -WhatIf if it changes something, and only then' {
        # Connecting is a matter of this session alone.
        $harmless = 'Get', 'Test', 'Watch', 'Connect', 'Disconnect'
        $commands | Where-Object { $_.Verb -notin $harmless -and -not $_.Parameters.ContainsKey('WhatIf') } | Should -BeNullOrEmpty
        $commands | Where-Object { $_.Verb -in $harmless -and $_.Parameters.ContainsKey('WhatIf') } | Should -BeNullOrEmpty
        $commands | Where-Object { $_.Parameters.ContainsKey('WhatIf') } | Should -Not -BeNullOrEmpty
    }

    It 'says what comes out of it, in types of the module' {
        $silent = 'Clear-BackfillSandboxFault', 'Disconnect-Backfill', 'Remove-BackfillRun', 'Set-BackfillSandboxFault',
        'Start-BackfillSandboxTraffic', 'Stop-BackfillSandbox', 'Stop-BackfillSandboxTraffic'
        ($commands | Where-Object { $_.OutputType.Count -eq 0 }).Name | Sort-Object | Should -Be $silent
        $foreign = $commands.OutputType.Type | Where-Object { $_ -and $_.Namespace -ne 'Backfill' -and $_ -notin [bool], [IO.FileInfo] }
        $foreign | Should -BeNullOrEmpty
    }

    It 'binds at most four parameters by property name' {
        $byName = foreach ($parameter in $commands.Parameters.Values) {
            if ($parameter.Attributes.ValueFromPipelineByPropertyName -contains $true) { $parameter.Name }
        }
        $byName | Sort-Object -Unique | Should -Be Connection, Path, RunId, SessionId
    }

    It 'completes every connection, sandbox, span and session' {
        $types = [Backfill.BackfillConnection], [Backfill.BackfillSandbox], [timespan], [nullable[timespan]]
        $seen = 0
        foreach ($command in $commands) {
            foreach ($parameter in $command.Parameters.Values) {
                if ($parameter.ParameterType -notin $types -and $parameter.Name -ne 'SessionId') { continue }
                $seen++
                $parameter.Attributes | Where-Object { $_ -is [Management.Automation.ArgumentCompleterAttribute] } |
                    Should -HaveCount 1 -Because "$command -$($parameter.Name) is completed"
            }
        }
        $seen | Should -BeGreaterThan 40
    }

    It 'completes the ids of runs and batches, and the paths of plans' {
        $plans = 'Get-BackfillPlan', 'Test-BackfillPlan', 'Invoke-BackfillApply', 'Invoke-BackfillPipeline'
        $seen = 0
        foreach ($command in $commands) {
            foreach ($parameter in $command.Parameters.Values) {
                $isPlan = $parameter.Name -in 'Path', 'LiteralPath' -and $command.Name -in $plans
                if (-not $isPlan -and $parameter.Name -notin 'RunId', 'EvidenceRunId', 'BatchId') { continue }
                $seen++
                $parameter.Attributes | Where-Object { $_ -is [Management.Automation.ArgumentCompleterAttribute] } |
                    Should -HaveCount 1 -Because "$command -$($parameter.Name) is completed"
            }
        }
        $seen | Should -BeGreaterThan 15
    }

    It 'asks first if it decides something, or does what can''t be undone: <_>' -ForEach @(
        'Confirm-BackfillGate', 'Deny-BackfillGate', 'Initialize-BackfillLedger', 'Invoke-BackfillRollback', 'Remove-BackfillRun'
    ) {
        Get-Impact $_ | Should -Be High
    }

    It 'passes its run on with -PassThru if it steers one: <_>' -ForEach @(
        'Resume-BackfillRun', 'Set-BackfillRun', 'Stop-BackfillRun', 'Suspend-BackfillRun'
    ) {
        (Get-Command $_).Parameters.Keys | Should -Contain PassThru
    }
}
