namespace Backfill.PowerShell.Tests.Module;

[Collection(SandboxTests.Name)]
public sealed class ReportCmdletTests(SandboxFixture sandbox) : IDisposable
{
    private static readonly Guid Session = new("618c5ea6-aeda-4084-9156-0aac9643afd3");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_report_goes_where_it_is_wanted_and_is_emitted_on_demand_only()
    {
        _folder.WritePlan("one.json", Session);
        _folder.WritePlan("two.json", Session);
        Directory.CreateDirectory(Path.Combine(_folder.FullName, "reports"));
        var lines = await sandbox.RunAsync(_folder, """
            $null = Invoke-BackfillApply one.json -ThrottlePerMinute 1200 -Reprocess All
            $one = Get-BackfillRun -Latest
            $null = Invoke-BackfillApply two.json -ThrottlePerMinute 1200 -Reprocess All
            $two = Get-BackfillRun -Latest

            @(Export-BackfillReport).Count
            [IO.File]::Exists("$PWD/backfill_report_$($two.RunId).html")
            $file = Export-BackfillReport $one.RunId -Path chosen.html -PassThru -InformationVariable told
            "$($file.GetType().Name) $($file.Name) $($file.DirectoryName -eq "$PWD") $($told.Tags)"
            Export-BackfillReport $two.RunId -Path chosen.html -WhatIf
            $null = Export-BackfillReport $two.RunId -Path chosen.html
            [IO.File]::Exists("$PWD/chosen.$($one.RunId).html")
            # Whatever names the run: it is written once, and into the folder.
            $many = Get-BackfillSessionResult $one.RunId, $two.RunId | Export-BackfillReport -Path reports -PassThru
            ($many | ForEach-Object { $_.Name -eq "backfill_report_$($one.RunId).html" -or $_.Name -eq "backfill_report_$($two.RunId).html" }) -join ' '
            $null = Get-BackfillGate $one.RunId | Export-BackfillReport -Path made/
            [IO.File]::Exists("$PWD/made/backfill_report_$($one.RunId).html")
            Id { $one, $two | Export-BackfillReport -Path both.html }
            Id { @() | Export-BackfillReport }
            Id { Export-BackfillReport ([guid]::NewGuid()) }
            Id { Export-BackfillReport -Path chosen.html/report.html }
            Id { Export-BackfillReport -Path Variable:x }
            """);
        Assert.Equal(
            [
                "0", "True", "FileInfo chosen.html True ReportWritten", "True", "True True", "True",
                "ReportNeedsFolder", "SelectionEmpty", "RunNotFound", "FileNotWritten", "PathNotFile",
            ],
            lines.Where(l => !l.StartsWith("What if:", StringComparison.Ordinal)));
        Assert.Single(lines, l => l.StartsWith("What if:", StringComparison.Ordinal));
    }
}
