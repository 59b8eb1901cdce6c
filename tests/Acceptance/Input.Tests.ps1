# How parameters take what an operator types, and what they refuse.

BeforeAll {
    . $PSScriptRoot/World.ps1
    $refused = 'ParameterArgumentTransformationError'
}

Describe 'A time' {
    BeforeAll {
        $attribute = (Get-Command Get-BackfillCandidate).Parameters['Until'].Attributes |
            Where-Object { $_.TypeId.Name -eq 'UtcTimeAttribute' }
    }

    It 'begins with the year, and is in UTC unless it says otherwise: <Text>' -ForEach @(
        @{ Text = '2025-09-05'; Means = '2025-09-05T00:00:00.0000000+00:00' }
        @{ Text = '2025-09-05T08:00:00'; Means = '2025-09-05T08:00:00.0000000+00:00' }
        @{ Text = '2025-09-05 8:00'; Means = '2025-09-05T08:00:00.0000000+00:00' }
        @{ Text = '2025-09-05T08:00:00.1234567+02:00'; Means = '2025-09-05T06:00:00.1234567+00:00' }
        @{ Text = '2025-09-05 08:00:00 +00:00'; Means = '2025-09-05T08:00:00.0000000+00:00' }
        @{ Text = '2025-09-05T08:00Z'; Means = '2025-09-05T08:00:00.0000000+00:00' }
    ) {
        $attribute.Transform($ExecutionContext, $Text).ToUniversalTime().ToString('o') | Should -Be $Means
    }

    # As exported where the culture is German, British, American or none; a month; a time of today; words; nothing.
    It 'in another form is refused, with the form to write: "<_>"' -ForEach @(
        '05.09.2025 08:00:00 +00:00', '05/09/2025 08:00:00 +00:00', '9/5/2025 8:00:00 AM +00:00', '05-09-2025', '5 Sep 2025',
        '2025-09', '2025.09.05', '25-09-05', '08:00', '2025-09-05X', 'yesterday', ''
    ) {
        $text = $_
        { Get-BackfillCandidate -Until $text } | Should -Throw '*2025-09-17T08:00:00Z*' -ErrorId "$refused,*"
    }

    It 'that is a number is refused' { Get-ErrorId { Get-BackfillCandidate -Until 2025 } | Should -Be $refused }
}

Describe 'A null' {
    It 'in place of a path is refused, and the error says that it is null: <_>' -ForEach @(
        { Get-BackfillPlan $healthy.PlanPath }
        { Get-BackfillPlan a.json, $null }
        { Test-BackfillPlan $healthy.PlanPath -Quiet }
        { Invoke-BackfillApply -Path $healthy.PlanPath }
        { Invoke-BackfillPipeline $null }
    ) {
        $healthy = [pscustomobject] @{ PlanPath = $null }
        $_ | Should -Throw '*A path is null.*' -ErrorId "$refused,*"
    }

    # A misspelt variable gives one, and would pass for a limit or a check that nobody asked for.
    It 'is never taken for a parameter that was not given' {
        $found = Invoke-Apart {
            foreach ($command in Get-Command -Module Backfill.PowerShell) {
                foreach ($parameter in $command.Parameters.Values) {
                    $type = $parameter.ParameterType
                    # A selection itself says that it is empty, as soon as there is a target.
                    if ($parameter.Name -eq 'SessionId') { continue }
                    $isOurs = $type -in [DateTimeOffset], [TimeSpan], [securestring]
                    if (-not ($isOurs -or $type.IsArray -or [Nullable]::GetUnderlyingType($type))) { continue }
                    $given = @{ $parameter.Name = $null }
                    [pscustomobject] @{ Parameter = "$command -$($parameter.Name)"; ErrorId = Get-ErrorId { & $command @given } }
                }
            }
        }
        $found.Output.Count | Should -BeGreaterThan 60
        $refusal = '^(ParameterArgument(Validation|Transformation)Error|SelectionEmpty$)'
        $found.Output | Where-Object ErrorId -NotMatch $refusal | Should -BeNullOrEmpty
    }
}
