namespace Backfill.PowerShell.Tests.Module;

public sealed class InputErrorTests
{
    [Theory]
    [InlineData("Get-BackfillRun")]
    [InlineData("Get-BackfillSessionResult")]
    [InlineData("Get-BackfillCandidate")]
    [InlineData("Test-ProdHealth")]
    [InlineData("Disconnect-Backfill")]
    [InlineData("Invoke-BackfillApply -RunId 0190aaaa-0000-7000-8000-000000000000")]
    public async Task A_cmdlet_without_a_target_says_how_to_connect(string command)
    {
        var lines = await ModuleShell.RunAsync(
            $"try {{ {command} }} catch {{ $_.FullyQualifiedErrorId.Split(',')[0]; $_.CategoryInfo.Category; $_.Exception.Message }}");
        Assert.Equal(["NotConnected", "InvalidOperation"], lines.Take(2));
        Assert.Contains("Connect-Backfill", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_time_begins_with_the_year_or_is_refused_with_the_form_to_write()
    {
        var lines = await ModuleShell.RunAsync("""
            $utc = (Get-Command Get-BackfillCandidate).Parameters['Until'].Attributes | Where-Object { $_.TypeId.Name -eq 'UtcTimeAttribute' }
            foreach ($text in '2025-09-05', '2025-09-05T08:00:00', '2025-09-05 8:00', '2025-09-05T08:00:00.1234567+02:00', '2025-09-05 08:00:00 +00:00', '2025-09-05T08:00Z') {
                $utc.Transform($ExecutionContext, $text).ToUniversalTime().ToString('o')
            }
            # As exported where the culture is German, British, American or none; a month; a day of the year; a time of today.
            $texts = '05.09.2025 08:00:00 +00:00', '05/09/2025 08:00:00 +00:00', '9/5/2025 8:00:00 AM +00:00', '05-09-2025', '5 Sep 2025', '2025-09', '2025.09.05', '25-09-05', '08:00', '2025-09-05X', 'yesterday', ''
            foreach ($text in $texts) {
                try { Get-BackfillCandidate -Until $text } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $("$_".Contains('2025-09-17T08:00:00Z'))" }
            }
            Id { Get-BackfillCandidate -Until 2025 }
            """);
        Assert.Equal(
            [
                "2025-09-05T00:00:00.0000000+00:00", "2025-09-05T08:00:00.0000000+00:00", "2025-09-05T08:00:00.0000000+00:00",
                "2025-09-05T06:00:00.1234567+00:00", "2025-09-05T08:00:00.0000000+00:00", "2025-09-05T08:00:00.0000000+00:00",
                .. Enumerable.Repeat("ParameterArgumentTransformationError True", 12), "ParameterArgumentTransformationError",
            ],
            lines);
    }

    [Fact]
    public async Task A_plan_that_can_not_be_had_is_a_terminating_error_with_an_id()
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken.json", "{ \"backfill_plan\": ");
        folder.Write("empty.json", "{}");
        var lines = await ModuleShell.RunAsync($$"""
            Enter '{{folder.FullName}}'
            Id { Get-BackfillPlan missing.json }
            Id { Get-BackfillPlan nothing*.json }
            Id { Get-BackfillPlan no/such/folder/*.json }
            Id { Get-BackfillPlan broken.json }
            Id { Get-BackfillPlan empty.json }
            Id { Get-BackfillPlan Env:PATH }
            Id { Test-BackfillPlan missing.json -Quiet }
            try { Get-BackfillPlan broken.json } catch { "$($_.CategoryInfo.Category)"; $_.TargetObject }
            """);
        Assert.Equal(
            [
                "PlanNotFound", "PlanNotFound", "PlanNotFound", "PlanNotJson", "PlanInvalid", "PathNotFile", "PlanNotFound",
                "InvalidData", Path.Combine(folder.FullName, "broken.json"),
            ],
            lines);
    }

    [Fact]
    public async Task A_path_that_is_null_is_refused_and_told_as_that()
    {
        var lines = await ModuleShell.RunAsync("""
            $healthy = [pscustomobject] @{ PlanPath = $null }
            foreach ($read in { Get-BackfillPlan $healthy.PlanPath }, { Get-BackfillPlan a.json, $null }, { Test-BackfillPlan $healthy.PlanPath -Quiet },
                { Invoke-BackfillApply -Path $healthy.PlanPath }, { Invoke-BackfillPipeline $null }) {
                try { & $read } catch { "$($_.FullyQualifiedErrorId.Split(',')[0]) $("$_".Contains('A path is null.'))" }
            }
            """);
        Assert.Equal(Enumerable.Repeat("ParameterArgumentTransformationError True", 5), lines);
    }

    [Fact]
    public async Task A_test_of_a_plan_lists_its_problems_and_quietly_gives_a_bool()
    {
        using var folder = new TemporaryFolder();
        folder.Write("broken.json", "{ \"backfill_plan\": ");
        var lines = await ModuleShell.RunAsync($$"""
            Enter '{{folder.FullName}}'
            Test-BackfillPlan broken.json | ForEach-Object { "$($_.Severity) $($_.Line) $($_.Code)" }
            Test-BackfillPlan broken.json -Quiet
            Test-BackfillPlan '{{ModuleShell.ApplyPlan}}' -Quiet
            """);
        Assert.Equal(["Error 1 PlanNotJson", "False", "True"], lines);
    }

    [Fact]
    public async Task Paths_start_where_the_runspace_stands_in_the_file_system()
    {
        using var folder = new TemporaryFolder();
        var id = Guid.NewGuid();
        folder.WritePlan("a[1].json", id);
        folder.WritePlan("b.json", id);
        var lines = await ModuleShell.RunAsync($$"""
            Enter '{{folder.FullName}}'
            $WarningPreference = 'SilentlyContinue'
            Enter 'Env:'
            Get-BackfillPlan b.json | ForEach-Object { [IO.Path]::GetFileName($_.Path) }
            Get-BackfillPlan *.json | ForEach-Object { [IO.Path]::GetFileName($_.Path) }
            Get-BackfillPlan 'a[1].json' | ForEach-Object { [IO.Path]::GetFileName($_.Path) }
            Get-BackfillPlan -LiteralPath 'a[1].json' | ForEach-Object { [IO.Path]::GetFileName($_.Path) }
            """);
        Assert.Equal(["b.json", "a[1].json", "b.json", "a[1].json", "a[1].json"], lines);
    }

    [Fact]
    public async Task A_path_comes_as_string_as_file_or_as_the_property_of_an_object()
    {
        var lines = await ModuleShell.RunAsync($$"""
            $path = '{{ModuleShell.ApplyPlan}}'
            $path | Test-BackfillPlan -Quiet
            [IO.FileInfo] $path | Test-BackfillPlan -Quiet
            [pscustomobject] @{ Path = $path } | Test-BackfillPlan -Quiet
            Get-BackfillPlan $path | Test-BackfillPlan -Quiet
            """);
        Assert.Equal(["True", "True", "True", "True"], lines);
    }

    [Fact]
    public async Task Settings_that_are_missing_or_wrong_are_named_and_no_secret_is_repeated()
    {
        var result = await ShellProcess.RunAsync(
            ModuleShell.Prelude + """
                Id { Connect-Backfill }
                Id { Connect-Backfill -ApiUrl https://abcdefghijklmnopqrst.supabase.co }
                $ErrorActionPreference = 'Continue'
                Connect-Backfill -ApiUrl https://abcdefghijklmnopqrst.supabase.co -ServiceRoleKey hunter2hunter2 -Verbose -Debug
                Connect-Backfill -ApiUrl https://abcdefghijklmnopqrst.supabase.co -DatabaseUrl 'postgresql://u:hunter2hunter2@h:x/y' -ServiceRoleKey sb_secret_hunter2hunter2
                """,
            environment: ModuleShell.NoSettings);
        Assert.Equal("ApiUrlMissing", result.Lines[0]);
        Assert.DoesNotContain("(none)", result.Output, StringComparison.Ordinal);
        Assert.NotEmpty(result.Errors);
        // PowerShell itself shows the line of the script; what we write must not.
        Assert.DoesNotContain("hunter2", string.Join('\n', result.Errors.Split('\n').Where(l => !l.Contains("Connect-Backfill -ApiUrl", StringComparison.Ordinal))), StringComparison.Ordinal);
    }
}
