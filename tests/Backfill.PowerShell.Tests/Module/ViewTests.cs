using System.Xml.Linq;

namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class ViewTests(SandboxFixture sandbox)
{
    private const int Columns = 100;

    [Theory]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(200)]
    public async Task Every_view_fits_and_shows_what_is_needed_to_act_in_full(int screen)
    {
        using var folder = new TemporaryFolder();
        folder.Write("odd.json", "{ \"backfill_plan\": { \"version\": 1 }, \"nonsense\": true }");
        var missing = Guid.NewGuid();
        folder.WritePlan("plan.json", missing, Guid.Parse("618c5ea6-aeda-4084-9156-0aac9643afd3"));
        var result = await ShellProcess.RunAsync(
            $$"""
            {{ModuleShell.Prelude}}
            $ErrorActionPreference = 'SilentlyContinue'
            $WarningPreference = 'SilentlyContinue'
            Enter '{{folder.FullName}}'
            $c = Connect-Backfill
            $results = Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 -Reprocess All
            $plan = Get-BackfillPlan '{{ModuleShell.ApplyPlan}}'
            $c | Out-Default
            $plan | Out-Default
            $plan.Batches | Out-Default
            Test-BackfillPlan odd.json | Out-Default
            $calls = Invoke-BackfillApply $plan -WhatIf
            $calls[0..3] | Out-Default
            $results | Out-Default
            $results[0].Operations | Out-Default
            $run = Get-BackfillRun -Latest
            $run | Out-Default
            $gate = Get-BackfillGate -RunId $run.RunId
            $gate | Out-Default
            $gate.Criteria | Out-Default
            Test-BackfillConnection | Out-Default
            Get-BackfillCandidate -First 3 | Out-Default
            Test-ProdHealth | Out-Default
            $sample = Start-StagingSoak -Since 2025-08-01
            $sample | Out-Default
            $sample.Checks | Out-Default
            $rollback = $run | New-BackfillRollback
            $rollback | Out-Default
            $undone = $run | Invoke-BackfillRollback -Confirm:$false
            $undone | Out-Default
            Get-BackfillSessionResult $run.RunId | Out-Default
            Invoke-BackfillPipeline plan.json | Out-Default
            "run $($run.RunId)"
            """,
            environment: new Dictionary<string, string?>(sandbox.Settings) { ["COLUMNS"] = $"{screen}" });
        Assert.All(
            result.Lines.Where(l => !l.StartsWith("What if:", StringComparison.Ordinal)),
            l => Assert.True(l.TrimEnd().Length <= Math.Min(screen, Columns), l));
        Assert.Contains($"{missing} Failed", result.Output, StringComparison.Ordinal);
        Assert.Contains("rolled back", result.Output, StringComparison.Ordinal);
        // Run ids stand unbroken wherever one is a property: in groups, tables and lists.
        Assert.True(result.Output.Split(result.Lines[^1]["run ".Length..]).Length > 7);
        Assert.DoesNotContain("\e[", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("...", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('…', result.Output.Replace("-Reason '…'", "", StringComparison.Ordinal));
        // No sentence is broken within a word; paths and hashes may be.
        Assert.DoesNotMatch("(?m)^ +[.,]$", result.Output);
    }

    [Fact]
    public async Task Every_type_that_comes_out_has_a_table_a_list_and_properties_to_show()
    {
        var types = await ModuleShell.RunAsync("""
            $types = [Collections.Generic.SortedSet[string]]::new()
            function Take([Type] $Type) {
                if ($Type.Namespace -ne 'Backfill' -or $Type.IsEnum -or -not $types.Add($Type.Name)) { return }
                foreach ($p in $Type.GetProperties()) {
                    if ($p.PropertyType.IsGenericType -and $p.PropertyType.Name -like 'ItemList*') { Take $p.PropertyType.GetGenericArguments()[0] }
                }
            }
            Get-Command -Module Backfill.PowerShell | ForEach-Object { $_.OutputType } | ForEach-Object { if ($_.Type) { Take $_.Type } }
            $types
            """);
        Assert.True(types.Count > 15, string.Join(' ', types));
        // Parts of a plan that are shown as text within it.
        var parts = new[] { "PlanOperation", "PlanFunctionFootprint", "PlanTableFootprint" };
        var views = Views("format").Descendants("View").ToList();
        var shown = Views("types").Descendants("Type")
            .Where(t => t.Descendants("Name").Any(n => n.Value == "DefaultDisplayPropertySet"))
            .Select(t => t.Element("Name")!.Value).ToHashSet();
        foreach (var name in types.Except(parts).Select(t => $"Backfill.{t}"))
        {
            var own = views.Where(v => v.Descendants("TypeName").Any(t => t.Value == name)).ToList();
            Assert.True(own.Exists(v => v.Element("TableControl") is not null), $"{name} has no table");
            Assert.True(own.Exists(v => v.Element("ListControl") is not null), $"{name} has no list");
            Assert.Contains(name, shown);
        }
    }

    [Fact]
    public void A_table_has_fixed_widths_but_for_its_last_column_and_leaves_that_one_room_in_80_columns()
    {
        foreach (var table in Views("format").Descendants("TableControl"))
        {
            var widths = table.Descendants("TableColumnHeader").Select(h => (int?)h.Element("Width")).ToList();
            Assert.All(widths.SkipLast(1), w => Assert.NotNull(w));
            Assert.Null(widths[^1]);
            Assert.True(widths.Sum() + widths.Count - 1 <= 71, table.Parent!.Element("Name")!.Value);
        }
    }

    private static XDocument Views(string kind) =>
        XDocument.Load(Path.Combine(Repository.ModuleFolder, $"Backfill.PowerShell.{kind}.ps1xml"));

    [Fact]
    public async Task A_sandbox_shows_no_secret_wherever_it_stands_in_the_output()
    {
        var lines = await ModuleShell.RunAsync(
            """
            $s = Start-BackfillSandbox -CandidateCount 1
            "secrets $($s.ServiceRoleKey) $($s.AnonKey) $($s.DatabaseUrl)"
            $s | Out-Default
            $c = $s | Connect-Backfill
            $c, $s | Out-Default
            "$s"
            """,
            sandbox.Settings);
        var secrets = lines[0].Split(' ')[1..];
        Assert.Equal(3, secrets.Length);
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, string.Join('\n', lines.Skip(1)), StringComparison.Ordinal));
        Assert.DoesNotContain("Key", string.Join('\n', lines.Skip(1)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bar_of_a_run_counts_the_hours_of_more_than_a_day()
    {
        var lines = await ModuleShell.RunAsync("""
            $null = Get-BackfillConnection
            $core = [Backfill.BackfillRun].Assembly
            $progress = [Activator]::CreateInstance($core.GetType('Backfill.Apply.RunProgress'), [object[]] (39, 10, 0, 0, 0, 0, 29))
            $control = [Activator]::CreateInstance($core.GetType('Backfill.Apply.RunControl'), [object[]] ([Backfill.BackfillRunState]::Running, [Backfill.BackfillRunState]::Running, 20, 4))
            $waiting = [Activator]::CreateInstance($core.GetType('Backfill.Apply.WorkerWaiting'), [object[]] ('Pace', [timespan]::new(1, 2, 3, 4)))
            $streams = [Backfill.PowerShell.Views.ViewText].Assembly.GetType('Backfill.PowerShell.Pipeline.ApplyStreams')
            $streams.GetMethod('Bar', [Reflection.BindingFlags] 'NonPublic, Static').Invoke($null, [object[]] ($progress, $control, $waiting)).CurrentOperation
            """);
        Assert.Equal(["waiting: Pace; waited 26 h 03 min in all; at most 20/min"], lines);
    }

    [Fact]
    public async Task Figures_read_the_same_in_every_culture()
    {
        var lines = await ModuleShell.RunAsync("""
            [Globalization.CultureInfo]::CurrentCulture = [Globalization.CultureInfo]::GetCultureInfo('de-DE')
            $v = [Backfill.PowerShell.Views.ViewText]
            $v::Duration([timespan]::FromMilliseconds(350))
            $v::Duration([timespan]::FromSeconds(12.34))
            $v::Duration([timespan]::FromSeconds(125))
            $v::Duration([timespan]::FromHours(6))
            $v::Rate(19.94)
            $v::Rate(20)
            $v::Time([DateTimeOffset]::Parse('2025-09-17T10:00:12+02:00'))
            $v::Wrap('fc_scores +39, profiles +13', 15).Replace("`n", '/')
            """);
        Assert.Equal(
            ["350 ms", "12.3 s", "2 min 05 s", "6 h 00 min", "19.9/min", "20/min", "2025-09-17 08:00:12Z", "fc_scores +39,/profiles +13"],
            lines);
    }
}
