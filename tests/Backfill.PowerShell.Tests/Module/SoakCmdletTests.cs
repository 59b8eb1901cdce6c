using Npgsql;

namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class SoakCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid Session = new("618c5ea6-aeda-4084-9156-0aac9643afd3");

    /// <summary>For a minute from now on, five sessions a second complete, each scored at once.</summary>
    private const string Traffic = """
        with session as (
            insert into public.assessment_sessions
                (id, status, created_at, completed_at, updated_at, completed_questions, share_token, share_token_expires_at)
            select gen_random_uuid(), 'completed', at, at, at, 36, 'soaked-' || i, at + interval '1 year'
            from generate_series(1, 300) i, lateral (select now() + i * interval '200 ms' as at) t
            returning id, completed_at as at
        ),
        profile as (
            insert into public.profiles (session_id, type_code, results_version, created_at, updated_at, computed_at)
            select id, 'LII', 'v1.2.1', at, at, at from session
        )
        insert into public.fc_scores (session_id, version, fc_kind, scores_json, blocks_answered, created_at, updated_at)
        select id, 'v1.2', 'functions', '{}', 12, at, at from session
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Samples_come_as_they_are_taken_and_stand_in_the_ledger_with_their_run()
    {
        var lines = await RunWithRunAsync("""
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
            @($run | Get-StagingSoak | Where-Object { $_.Connection.Fingerprint -eq $run.Connection.Fingerprint }).Count
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
        var lines = await RunWithRunAsync("""
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
            Id { Start-StagingSoak $misspelt -Duration 1s }
            [IO.File]::WriteAllText([IO.Path]::Combine($pwd.Path, 'taken'), '')
            Id { Start-StagingSoak -OutputPath taken }
            [IO.File]::Delete([IO.Path]::Combine($pwd.Path, 'taken'))
            try { Start-StagingSoak -Duration 1w } catch { "$_".Contains("'1w' is no span") }
            Id { Get-StagingSoak {{Guid.NewGuid()}} }
            [IO.Directory]::GetFileSystemEntries($pwd.Path).Count
            """);
        Assert.StartsWith("What if: ", lines[0], StringComparison.Ordinal);
        Assert.Equal(
            [
                "0", "ParameterArgumentTransformationError", "SoakSettingInvalid", "SoakSettingInvalid", "SoakSettingInvalid",
                "SoakSettingInvalid", "RunNotFound", "SelectionEmpty", "SelectionEmpty", "FileNotWritten", "True", "RunNotFound", "0",
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

    [Fact]
    public async Task A_role_that_has_SELECT_only_soaks_from_beginning_to_end()
    {
        var uri = sandbox.DatabaseUrl;
        await using var owner = sandbox.OpenDatabase();
        await ExecuteAsync(owner, """
            create role cmdlet_soaker login noinherit password 'read-only-1';
            grant usage on schema public to cmdlet_soaker;
            grant select on all tables in schema public to cmdlet_soaker;
            grant anon to cmdlet_soaker
            """);
        var kept = await CountAsync(owner);
        Task<IReadOnlyList<string>> AsSoakerAsync(string script) => ModuleShell.RunAsync(
            $$"""
            Enter '{{_folder.FullName}}'
            $WarningPreference = 'SilentlyContinue'
            $env:SUPABASE_SERVICE_ROLE_KEY = ''
            $env:SUPABASE_DB_URL = 'postgresql://cmdlet_soaker:read-only-1@{{uri.Host}}:{{uri.Port}}/postgres'
            $c = Connect-Backfill Staging -MeasureOnly
            {{script}}
            """,
            sandbox.Settings);

        // Policies hide rows from it: no window begins, and no report says anything.
        Assert.Equal(["RowsHidden", "RowsHidden", "LedgerNeeded"], await AsSoakerAsync($$"""
            Id { Start-StagingSoak -Duration 1s }
            Id { Start-StagingSoak -Since 2025-08-01 }
            Id { Start-StagingSoak -RunId {{Guid.NewGuid()}} }
            """));
        Assert.Empty(Directory.GetFiles(_folder.FullName));

        // The owner of the tables may not give BYPASSRLS away everywhere, so for once there are no policies; and there is traffic.
        await ExecuteAsync(owner, RowSecurity("disable"));
        await ExecuteAsync(owner, Traffic);
        try
        {
            Assert.Equal(["1 2 3 4 5 6 ", "Pass True", "TokenAccess Pass"], await AsSoakerAsync("""
                $samples = Start-StagingSoak -Duration 3s -Interval 500ms -GracePeriod 0s -MinimumSample 1
                "$($samples | ForEach-Object Number) $($samples[0].RunId)"
                "$($samples[-1].Verdict) $($samples[-1].CompletedSessions -ge 2)"
                $samples[-1].Checks | Where-Object Name -eq TokenAccess | ForEach-Object { "$($_.Name) $($_.Status)" }
                """));
        }
        finally
        {
            await ExecuteAsync(owner, RowSecurity("enable"));
            await ExecuteAsync(owner, "delete from public.assessment_sessions where share_token like 'soaked-%'");
        }

        var report = await File.ReadAllTextAsync(
            Path.Combine(_folder.FullName, "staging_observability.md"), TestContext.Current.CancellationToken);
        Assert.StartsWith("# Staging soak: Pass\n", report, StringComparison.Ordinal);
        Assert.Contains("Staging, by the operator's word", report, StringComparison.Ordinal);
        Assert.Equal(kept, await CountAsync(owner));
    }

    private static string RowSecurity(string verb) => string.Concat(
        new[] { "assessment_sessions", "assessment_responses", "fc_responses", "fc_scores", "profiles", "fn_logs" }
            .Select(table => $"alter table public.{table} {verb} row level security;"));

    private static async Task ExecuteAsync(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<object?> CountAsync(NpgsqlDataSource owner)
    {
        await using var command = owner.CreateCommand("select (select count(*) from backfill.soak) + (select count(*) from backfill.soak_sample)");
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A script to which <c>$run</c> is a run that a soak can be for.</summary>
    private Task<IReadOnlyList<string>> RunWithRunAsync(string script)
    {
        _folder.WritePlan("plan.json", Session);
        return RunAsync($$"""
            $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $run = Get-BackfillRun -Latest
            $null = Confirm-BackfillGate ApplyReview $run.RunId -Reason 'a test' -Confirm:$false
            {{script}}
            """);
    }

    private Task<IReadOnlyList<string>> RunAsync(string script) => sandbox.RunAsync(_folder, script);
}
