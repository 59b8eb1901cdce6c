namespace Backfill.PowerShell.Tests.Module;

public sealed class SandboxTrafficCmdletTests
{
    /// <summary>What the sandbox says of its traffic, last order only.</summary>
    private const string Traffic = """
        function Traffic {
            $http = [Net.Http.HttpClient]::new()
            $key = $s.GetType().GetProperty('ControlKey', [Reflection.BindingFlags] 'Instance,NonPublic').GetValue($s)
            $http.DefaultRequestHeaders.Add('x-sandbox-key', $key)
            $state = [Text.Json.JsonDocument]::Parse($http.GetStringAsync("$($s.ApiUrl)/sandbox/v1/traffic").GetAwaiter().GetResult()).RootElement
            $orders = $state.GetProperty('traffic')
            if ($orders.GetArrayLength() -eq 0) { 'none' } else { "$($state.GetProperty('broken_tokens')) $($orders[$orders.GetArrayLength() - 1])" }
        }
        function Has([string] $Text, [string[]] $Parts) { foreach ($p in $Parts) { if (-not $Text.Contains($p)) { "$p is not in $Text" } } }

        """;

    [Fact]
    public async Task It_starts_as_ordered_and_stops_when_asked()
    {
        var lines = await ModuleShell.RunAsync(Traffic + """
            $s = Start-BackfillSandbox -CandidateCount 0 -ClockFactor 720.5
            $s.ClockFactor -eq 720.5
            Start-BackfillSandboxTraffic -RatePerMinute 20.5 -Unscored 0.1 -WrongVersion 0.2 -LegacyKind 0.3 -OverrideEvents 0.4 -BrokenTokens -Seed 3
            Has (Traffic) 'True', '"running":true', '"rate_per_minute":20.5', '"unscored":0.1', '"wrong_version":0.2', '"legacy_kind":0.3', '"override_events":0.4', '"seed":3'
            $s | Start-BackfillSandboxTraffic
            Has (Traffic) 'False', '"number":2', '"running":true', '"rate_per_minute":20,', '"unscored":0,', '"seed":1'
            Stop-BackfillSandboxTraffic $s
            Stop-BackfillSandboxTraffic
            Has (Traffic) 'False', '"number":2', '"running":false'
            """);
        Assert.Equal(["True"], lines);
    }

    [Fact]
    public async Task What_if_and_what_is_refused_start_nothing()
    {
        var lines = await ModuleShell.RunAsync(Traffic + """
            $s = Start-BackfillSandbox -CandidateCount 0
            Start-BackfillSandboxTraffic -RatePerMinute 30 -Unscored 0.25 -BrokenTokens -WhatIf
            Stop-BackfillSandboxTraffic -WhatIf
            try { Start-BackfillSandboxTraffic -Unscored 0.6 -WrongVersion 0.5 } catch { $_.FullyQualifiedErrorId.Split(',')[0]; "$_" }
            try { Start-BackfillSandboxTraffic -LegacyKind 1.5 } catch { "$_" }
            try { Start-BackfillSandboxTraffic 0 } catch { "$_" }
            try { Start-BackfillSandbox -ClockFactor 0.5 } catch { "$_" }
            Traffic
            $s | Stop-BackfillSandbox
            Id { Start-BackfillSandboxTraffic }
            Id { Stop-BackfillSandboxTraffic }
            Id { Start-BackfillSandboxTraffic -Sandbox $s }
            """);
        Assert.StartsWith("What if:", lines[0], StringComparison.Ordinal);
        Assert.Contains("30 sessions a minute, 25 % unscored, any token opens a profile", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("What if:", lines[1], StringComparison.Ordinal);
        Assert.Equal("SandboxTrafficRefused", lines[2]);
        Assert.Contains("together at most 1", lines[3], StringComparison.Ordinal);
        Assert.Contains("LegacyKind", lines[4], StringComparison.Ordinal);
        Assert.Contains("RatePerMinute", lines[5], StringComparison.Ordinal);
        Assert.Contains("ClockFactor", lines[6], StringComparison.Ordinal);
        Assert.Equal(["none", "SandboxNotRunning", "SandboxNotRunning", "SandboxGone"], lines.Skip(7));
    }
}
