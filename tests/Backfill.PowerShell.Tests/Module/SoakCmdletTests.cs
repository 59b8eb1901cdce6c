namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class SoakCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid Session = new("618c5ea6-aeda-4084-9156-0aac9643afd3");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Samples_come_as_they_are_taken_and_stand_in_the_ledger_with_their_run()
    {
        _folder.WritePlan("plan.json", Session);
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            $null = Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' -Confirm:$false
            $samples = $run | Start-StagingSoak -Duration 2s -Interval 500ms -InformationVariable told
            ($samples | ForEach-Object Number) -join ' '
            $samples[0].GetType().FullName
            # Nothing completed meanwhile: too little to say anything.
            "$($samples[-1].Verdict) $($samples[-1].RunId -eq $run.RunId)"
            "$($told.Tags)"
            [IO.File]::Exists([IO.Path]::Combine($pwd.Path, 'staging_observability.md'))
            [IO.File]::Exists([IO.Path]::Combine($pwd.Path, 'staging_observability.svg'))
            $kept = Get-StagingSoak $run.RunId
            ($kept | ForEach-Object { "$($_.Number) $($_.Verdict)" }) -join ', '
            @($run | Get-StagingSoak).Count
            @(Get-StagingSoak).Count
            "$($kept[0].Checks)".Length -gt 0
            """);
        Assert.Equal(
            [
                "1 2 3 4", "Backfill.SoakSample", "Inconclusive True", "SoakStarted SoakInconclusive GateRaised ArtifactsWritten", "True", "True",
                "1 Pass, 2 Pass, 3 Pass, 4 Inconclusive", "4", "4", "True",
            ],
            lines);
    }

    [Fact]
    public async Task A_pipeline_that_wants_no_more_leaves_the_soak_to_be_gone_on_with()
    {
        _folder.WritePlan("plan.json", Session);
        var lines = await RunAsync("""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            $null = Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' -Confirm:$false
            while ($true) { $run | Start-StagingSoak -Duration 8s -Interval 2s | ForEach-Object { "first $($_.Number)"; break }; break }
            $report = [IO.File]::ReadAllText([IO.Path]::Combine($pwd.Path, 'staging_observability.md'))
            $report.Contains('stopped early')
            Id { $run | Start-StagingSoak -Baseline 0.5 }
            $run | Start-StagingSoak | ForEach-Object { $_.Number }
            """);
        Assert.Equal(["first 1", "True", "SoakSettingDiffers", "2", "3", "4"], lines);
    }

    [Fact]
    public async Task A_look_back_is_one_sample_and_needs_no_run()
    {
        var lines = await RunAsync("""
            $sample = Start-StagingSoak -Since '2025-08-01' -EngineVersion v1.2.1 -FcVersion v1.2 -TokenSample 3
            "$($sample.Number) $($sample.Retrospective) $($sample.RunId)"
            $sample.WindowStart.UtcDateTime.ToString('yyyy-MM-ddTHH:mm:ssZ')
            $sample.TokensTested
            # The sandbox is seeded with sessions that wait for a backfill.
            "$($sample.Verdict)"
            @(($sample.Checks | Where-Object Name -eq Scoring).SessionIds).Count -gt 0
            """);
        Assert.Equal(["1 True ", "2025-08-01T00:00:00Z", "3", "Fail", "True"], lines);
    }

    [Fact]
    public async Task WhatIf_soaks_nothing_and_bad_input_is_refused_at_once()
    {
        var lines = await RunAsync($$"""
            @(Start-StagingSoak -WhatIf).Count
            Id { Start-StagingSoak -Duration 6 }
            Id { Start-StagingSoak -Baseline 85 }
            Id { Start-StagingSoak -Duration 1m -Interval 2m }
            Id { Start-StagingSoak -Duration 1m -GracePeriod 1m }
            Id { Start-StagingSoak -Since '2999-01-01' }
            Id { Start-StagingSoak {{Guid.NewGuid()}} }
            Id { @() | Start-StagingSoak }
            Id { Get-StagingSoak {{Guid.NewGuid()}} }
            [IO.Directory]::GetFileSystemEntries($pwd.Path).Count
            """);
        Assert.StartsWith("What if: ", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                "0", "ParameterArgumentTransformationError", "SoakSettingInvalid", "SoakSettingInvalid", "SoakSettingInvalid",
                "SoakSettingInvalid", "RunNotFound", "SelectionEmpty", "RunNotFound", "0",
            ],
            lines.Skip(1));
    }

    [Fact]
    public async Task Its_tables_fit_100_columns_and_nothing_of_its_dependencies_reaches_the_default_context()
    {
        var lines = await RunAsync("""
            $samples = Start-StagingSoak -Duration 1s -Interval 500ms
            $samples | Out-Default
            $samples[-1].Checks | Out-Default
            "loaded " + (([Runtime.Loader.AssemblyLoadContext]::Default.Assemblies | Where-Object { $_.GetName().Name -cmatch '^(OxyPlot|Npgsql)' }) -join ' ')
            """);
        Assert.All(lines, l => Assert.True(l.Length <= 100, l));
        Assert.Contains(lines, l => l.StartsWith("Sampling", StringComparison.Ordinal));
        Assert.DoesNotContain("…", string.Join('\n', lines), StringComparison.Ordinal);
        Assert.Equal("loaded ", lines[^1]);
    }

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);
}
