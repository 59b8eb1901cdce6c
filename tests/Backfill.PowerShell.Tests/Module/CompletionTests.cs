using System.Globalization;
using Npgsql;

namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class CompletionTests(SandboxFixture sandbox) : IDisposable
{
    /// <summary>In milliseconds. A completion waits for 200 at most, of the 300 that are promised; a busy machine adds its own.</summary>
    private const int Limit = 2_000;

    /// <summary><c>Tab</c> gives what the engine offers for a line, a line each; <c>Time</c> gives how long that took, and how many there were.</summary>
    private const string Keys = """
        function Offers([string] $Line) { [Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches }
        function Tab([string] $Line) { Offers $Line | ForEach-Object { $_.CompletionText } }
        function Time([string] $Line) {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $count = @(Offers $Line).Count
            "$($clock.ElapsedMilliseconds) ms $count"
        }

        """;

    private static readonly Guid Session = new("618c5ea6-aeda-4084-9156-0aac9643afd3");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Without_a_target_nothing_is_offered_no_file_names_either()
    {
        _folder.Write("a.txt", "");
        var lines = await ModuleShell.RunAsync(
            $$"""
            {{Keys}}
            Enter '{{_folder.FullName}}'
            $lines = Get-Command -Module Backfill.PowerShell | Where-Object { $_.Parameters.ContainsKey('RunId') } | ForEach-Object { "$_ -RunId " }
            $lines.Count -gt 10
            $lines | ForEach-Object { Tab $_ }
            Tab 'Get-BackfillRun '
            Tab 'Get-BackfillSessionResult -BatchId '
            Tab 'Get-BackfillSessionResult -Outcome Su'
            Tab 'Connect-Backfill St'
            Tab 'Get-BackfillGate -Name So'
            (Tab 'Set-BackfillSandboxFault -Function ') -join ' '
            """);
        Assert.Equal(["True", "Succeeded", "Staging", "SoakGoNoGo", "score_fc_session score_prism"], lines);
    }

    [Fact]
    public async Task Plans_and_folders_are_offered_and_quoted_where_needed()
    {
        _folder.WritePlan("one.json", Session);
        _folder.WritePlan("it's two [1].json", Session);
        _folder.Write("settings.json", """{ "a": { "backfill_plan": 1 } }""");
        _folder.Write("broken.json", """{ "backfill_plan": { "version": """);
        _folder.Write("text.txt", "");
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "a folder"));
        var lines = await ModuleShell.RunAsync(
            $$"""
            {{Keys}}
            Enter '{{_folder.FullName}}'
            Tab 'Get-BackfillPlan '
            Tab 'Test-BackfillPlan -LiteralPath o'
            Tab "Invoke-BackfillApply '"
            Tab 'Invoke-BackfillPipeline ./b'
            Tab 'New-BackfillRollback -Path "i'
            @(Tab 'Get-BackfillPlan nowhere/').Count
            (Get-BackfillPlan './it''s two [1].json' -WarningAction SilentlyContinue).TotalCandidates
            """);
        Assert.Equal(
            [
                "'./a folder'", "./broken.json", "'./it''s two [1].json'", "./one.json",
                "./one.json",
                "'./a folder'", "'./broken.json'", "'./it''s two [1].json'", "'./one.json'",
                "./broken.json",
                "\"./it's two [1].json\"",
                "0", "1",
            ],
            lines.Select(l => l.Replace('\\', '/')));
    }

    [Fact]
    public async Task Runs_are_offered_newest_first_with_their_state_and_only_those_that_the_command_takes()
    {
        _folder.WritePlan("plan.json", Session);
        var lines = await sandbox.RunAsync(_folder, Keys + """
            1..2 | ForEach-Object { $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All }
            $newest = Get-BackfillRun -Latest
            $ids = @(Get-BackfillRun | Where-Object State -eq Completed | ForEach-Object { "$($_.RunId)" })
            $offered = @(Tab 'Remove-BackfillRun ')
            $offered[0] -eq $newest.RunId
            "$($offered[0..1])" -eq "$($ids[0..1])"
            (Offers 'Get-BackfillRun -RunId ')[0].ToolTip
            (Tab "Get-BackfillRun -RunId '$("$($newest.RunId)".Substring(0, 20))")
            @(Tab 'Resume-BackfillRun ' | Where-Object { $_ -eq $newest.RunId }).Count
            @(Tab 'Get-BackfillRun -Connection $c -RunId ')[0] -eq $newest.RunId
            (Tab "Get-BackfillSessionResult $($newest.RunId) -BatchId ")
            @(Get-BackfillSessionResult -BatchId N*).Count
            @(Get-BackfillSessionResult -RolledBack).Count
            @(Get-BackfillSessionResult -RolledBack:$false).Count
            (Time 'Get-BackfillRun ').Split(' ')[0]
            Disconnect-Backfill
            @(Tab 'Get-BackfillRun ').Count
            """);
        Assert.Equal(["True", "True"], lines.Take(2));
        Assert.Matches("^Completed, Staging, plan .*, started 20..-..-.. ..:..Z$", lines[2]);
        Assert.Matches("^'[0-9a-f-]{36}'$", lines[3]);
        Assert.Equal(["0", "True", "named", "1", "0", "1"], lines.Skip(4).Take(6));
        Assert.InRange(int.Parse(lines[10], CultureInfo.InvariantCulture), 0, Limit);
        Assert.Equal("0", lines[11]);
    }

    [Fact]
    public async Task A_target_that_does_not_answer_holds_no_key_up_and_offers_at_the_next_one()
    {
        _folder.WritePlan("plan.json", Session);
        await using var shell = ShellProcess.Start(
            SandboxFixture.Script(_folder, Keys + """
                $null = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
                $null = Tab 'Get-BackfillRun '
                'ready'
                while (-not [IO.File]::Exists('held')) { [Threading.Thread]::Sleep(20) }
                Time 'Get-BackfillRun '
                Time 'Get-BackfillRun '
                'late'
                while (-not [IO.File]::Exists('free')) { [Threading.Thread]::Sleep(20) }
                while (@(Tab 'Get-BackfillRun ').Count -eq 0) { }
                Time 'Get-BackfillRun '
                """).Replace("'held'", $"'{_folder.FullName}/held'", StringComparison.Ordinal).Replace("'free'", $"'{_folder.FullName}/free'", StringComparison.Ordinal),
            environment: sandbox.Settings);
        await shell.WaitForLineAsync("ready");
        await using (var holder = await HoldAsync())
        {
            _folder.Write("held", "");
            await shell.WaitForLineAsync("late");
        }

        _folder.Write("free", "");
        var lines = (await shell.EndAsync()).Succeeded().Split('\n').Where(l => l.Contains(" ms ", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, lines.Count);
        Assert.All(lines, l => Assert.InRange(int.Parse(l.Split(' ')[0], CultureInfo.InvariantCulture), 0, Limit));
        Assert.Equal(["0", "0"], lines.Take(2).Select(l => l.Split(' ')[2]));
        Assert.NotEqual("0", lines[2].Split(' ')[2]);
    }

    /// <summary>Holds the table of runs until it is disposed.</summary>
    private async Task<NpgsqlConnection> HoldAsync()
    {
        // Not pooled: it needs nothing of its source any more.
        await using var source = sandbox.OpenDatabase();
        var connection = await source.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand("begin; lock table backfill.run in access exclusive mode", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }
}
