namespace Backfill.PowerShell.Tests.Module;

public sealed class SandboxFaultCmdletTests
{
    /// <summary>The faults that are set, as the sandbox tells them.</summary>
    private const string Faults = """
        function Secret([string] $Name) { $s.GetType().GetProperty($Name, [Reflection.BindingFlags] 'Instance,NonPublic').GetValue($s) }
        function Faults {
            $http = [Net.Http.HttpClient]::new()
            $http.DefaultRequestHeaders.Add('x-sandbox-key', (Secret ControlKey))
            $http.GetStringAsync("$(Secret ControlUrl)/sandbox/v1/faults").GetAwaiter().GetResult()
        }
        function Has([string] $Text, [string[]] $Parts) { foreach ($p in $Parts) { if (-not $Text.Contains($p)) { "$p is not in $Text" } } }
        function Answers {
            $http = [Net.Http.HttpClient]::new()
            try { [int] $http.GetAsync("$($s.ApiUrl)/rest/v1/").GetAwaiter().GetResult().StatusCode } catch { $_.Exception.GetBaseException().SocketErrorCode }
        }

        """;

    [Fact]
    public async Task Every_kind_is_set_as_ordered()
    {
        var lines = await ModuleShell.RunAsync(Faults + """
            $s = Start-BackfillSandbox -CandidateCount 0
            Set-BackfillSandboxFault PartialCommit -Function score_prism -AfterTables 2 -Delay 8s -StatusCode 504
            Has (Faults) '"kind":"PartialCommit"', '"after_tables":2', '"delay_ms":8000', '"status_code":504'
            Clear-BackfillSandboxFault
            Set-BackfillSandboxFault PartialCommit
            Has (Faults) '"kind":"PartialCommit"', '"after_tables":null', '"delay_ms":null', '"status_code":null'
            Clear-BackfillSandboxFault
            Set-BackfillSandboxFault Accepted
            Has (Faults) '"kind":"Accepted"', '"delay_ms":1000'
            Clear-BackfillSandboxFault
            $known = [enum]::GetNames([Backfill.BackfillSandboxFaultKind])
            $known -ne 'Unreachable' | ForEach-Object { Set-BackfillSandboxFault $_ }
            Has (Faults) @($known -ne 'Unreachable' | ForEach-Object { "`"kind`":`"$_`"" })
            $known.Count
            """);
        Assert.Equal(["12"], lines);
    }

    [Fact]
    public async Task An_unreachable_api_refuses_connections_until_it_is_cleared()
    {
        var lines = await ModuleShell.RunAsync(Faults + """
            $s = Start-BackfillSandbox -CandidateCount 0
            "$(Answers)"
            Set-BackfillSandboxFault Unreachable
            "$(Answers)"
            Clear-BackfillSandboxFault
            "$(Answers)"
            """);
        Assert.Equal(["401", "ConnectionRefused", "401"], lines);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_sets_nothing()
    {
        var lines = await ModuleShell.RunAsync(Faults + """
            $s = Start-BackfillSandbox -CandidateCount 0
            Set-BackfillSandboxFault Unreachable -WhatIf
            foreach ($narrowed in @{ Function = 'score_prism' }, @{ SessionId = [guid]::NewGuid() }, @{ Rate = 0.5 }, @{ Count = 1 }, @{ PerSession = 1 }) {
                try { Set-BackfillSandboxFault Unreachable @narrowed } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $_".Contains('SandboxFaultRefused') -and "$_".Contains('the whole API') }
            }
            try { Set-BackfillSandboxFault Status -AfterTables 1 } catch { "$_".Contains('PartialCommit') }
            try { Set-BackfillSandboxFault PartialCommit -AfterTables 6 } catch { "$_".Contains('AfterTables') }
            $warned = $null
            Set-BackfillSandboxFault Accepted -StatusCode 200 -WhatIf -WarningVariable warned -WarningAction SilentlyContinue
            $warned.Count
            Faults
            """);
        Assert.Contains("Unreachable for every caller", lines[0], StringComparison.Ordinal);
        Assert.Equal(Enumerable.Repeat("True", 7), lines.Skip(1).Take(7));
        Assert.Contains("Accepted for every session", lines[8], StringComparison.Ordinal);
        Assert.Equal(["1", """{"faults":[]}"""], lines.Skip(9));
    }
}
