namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class ConnectionCmdletTests(SandboxFixture sandbox)
{
    [Fact]
    public async Task Settings_come_from_the_environment_and_the_label_from_the_ledger()
    {
        var lines = await RunAsync("""
            $c = Connect-Backfill Staging
            "$($c.Environment) $($c.IsSandbox)"
            Id { Connect-Backfill Production }
            Id { Connect-Backfill Prodution }
            @(Get-BackfillConnection).Count
            """);
        Assert.Equal(["Staging True", "EnvironmentMismatch", "CannotConvertArgumentNoMessage", "1"], lines);
    }

    [Fact]
    public async Task A_secret_may_be_a_SecureString_or_a_string()
    {
        var lines = await RunAsync("""
            $secure = [Security.SecureString]::new()
            $env:SUPABASE_SERVICE_ROLE_KEY.ToCharArray() | ForEach-Object { $secure.AppendChar($_) }
            $text = $env:SUPABASE_DB_URL
            $env:SUPABASE_SERVICE_ROLE_KEY = ''
            $env:SUPABASE_DB_URL = ''
            (Connect-Backfill -ServiceRoleKey $secure -DatabaseUrl $text).Environment
            """);
        Assert.Equal(["Staging"], lines);
    }

    [Fact]
    public async Task A_closed_connection_is_an_error_and_closing_twice_is_none()
    {
        var lines = await RunAsync("""
            $c = Connect-Backfill
            $c | Disconnect-Backfill
            Disconnect-Backfill -Connection $c
            Id { Get-BackfillRun -Connection $c }
            Id { Test-BackfillConnection -Connection $c }
            Id { Get-BackfillRun }
            @(Get-BackfillConnection).Count
            """);
        Assert.Equal(["ConnectionClosed", "ConnectionClosed", "NotConnected", "0"], lines);
    }

    [Fact]
    public async Task Two_connections_to_one_target_are_not_ambiguous_and_two_targets_are()
    {
        var lines = await RunAsync("""
            $a = Connect-Backfill
            $b = Connect-Backfill
            Id { Get-BackfillRun }
            Id { Invoke-BackfillApply missing.json }
            $other = Start-BackfillSandbox Production -CandidateCount 1 | Connect-Backfill
            "$($other.Environment)"
            Id { Get-BackfillRun }
            Id { Invoke-BackfillApply missing.json }
            Id { Disconnect-Backfill }
            Id { Invoke-BackfillApply missing.json -Connection $a }
            $lost = [guid]::NewGuid()
            try { Get-BackfillRun $lost } catch { "$(($_.FullyQualifiedErrorId -split ',')[0]) $("$_".Contains("Only $other was looked at")) $($_.TargetObject -eq $lost)" }
            try { Get-BackfillGate $lost -Connection $a } catch { "$_".Contains('Only ') }
            """);
        Assert.Equal(
            ["(none)", "PlanNotFound", "Production", "(none)", "ConnectionAmbiguous", "ConnectionAmbiguous", "PlanNotFound", "RunNotFound True True", "False"], lines);
    }

    [Fact]
    public async Task Checks_pass_for_a_sandbox_connected_or_not()
    {
        var lines = await RunAsync("""
            Test-BackfillConnection -Quiet
            $c = Connect-Backfill
            Test-BackfillConnection -Quiet
            $c | Test-BackfillConnection | ForEach-Object { $_.GetType().FullName } | Where-Object { $_ -ne 'Backfill.BackfillCheck' }
            """);
        Assert.Equal(["True", "True"], lines);
    }

    [Fact]
    public async Task A_ledger_keeps_its_label_and_is_installed_again_without_a_change()
    {
        var lines = await RunAsync("""
            (Initialize-BackfillLedger Staging -Confirm:$false).Fingerprint -eq (Connect-Backfill).Fingerprint
            Id { Initialize-BackfillLedger Production -Confirm:$false }
            Id { Initialize-BackfillLedger Staging }
            $before = @(Get-BackfillConnection).Count
            $null = Initialize-BackfillLedger Staging -WhatIf
            @(Get-BackfillConnection).Count -eq $before
            """);
        Assert.Equal(["True", "EnvironmentMismatch", "NoOneAtThePrompt"], lines.Take(3));
        Assert.StartsWith("What if:", lines[3], StringComparison.Ordinal);
        Assert.Equal("True", lines[4]);
    }

    // What an operator has set for other databases. Npgsql would take each of them.
    [Fact]
    public async Task Settings_of_PostgreSQL_in_the_environment_change_nothing_that_is_written_or_read()
    {
        var settings = new Dictionary<string, string?>(sandbox.Settings)
        {
            ["PGCLIENTENCODING"] = "LATIN1",
            ["PGOPTIONS"] = "-c default_transaction_read_only=on",
            ["PGTZ"] = "Nowhere/Land",
            ["PGSSLNEGOTIATION"] = "direct",
            ["PGGSSENCMODE"] = "require",
            ["PGTARGETSESSIONATTRS"] = "standby",
            ["PGUSER"] = "nobody",
            ["PGPASSWORD"] = "another",
            ["PGAPPNAME"] = "another",
        };
        using var folder = new TemporaryFolder();
        folder.WritePlan("plan.json", new Guid("618c5ea6-aeda-4084-9156-0aac9643afd3"));
        const string decide = """
            Enter '{0}'
            $null = Connect-Backfill Staging
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -WarningAction SilentlyContinue
            $id = (Get-BackfillRun -Latest).RunId
            $null = Confirm-BackfillGate ApplyReview $id -Reason 'geprüft – 漢字 😀' -Override -Confirm:$false
            "$id"
            (Get-BackfillGate $id ApplyReview).Reason -eq 'geprüft – 漢字 😀'
            """;
        var with = await ModuleShell.RunAsync(decide.Replace("{0}", folder.FullName, StringComparison.Ordinal), settings);
        Assert.Equal("True", with[1]);
        var without = await RunAsync($"$null = Connect-Backfill Staging; (Get-BackfillGate {with[0]} ApplyReview).Reason -eq 'geprüft – 漢字 😀'");
        Assert.Equal(["True"], without);
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_an_error_that_names_it()
    {
        var lines = await RunAsync("""
            $c = Connect-Backfill
            try { Get-BackfillRun 0190aaaa-0000-7000-8000-000000000000 } catch { $_.FullyQualifiedErrorId.Split(',')[0]; "$($_.TargetObject)" }
            Id { Get-BackfillSessionResult -RunId 0190aaaa-0000-7000-8000-000000000000 }
            """);
        Assert.Equal(["RunNotFound", "0190aaaa-0000-7000-8000-000000000000", "RunNotFound"], lines);
    }

    private Task<IReadOnlyList<string>> RunAsync(string script) => ModuleShell.RunAsync(script, sandbox.Settings);
}
