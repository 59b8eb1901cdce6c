using System.Diagnostics;
using System.Globalization;

namespace Backfill.PowerShell.Tests.Module;

public sealed class SandboxCmdletTests
{
    private const string Ended =
        "function Ended([int] $Id) { try { [Diagnostics.Process]::GetProcessById($Id).WaitForExit(20000) } catch { $true } }\n";

    [Fact]
    public async Task It_starts_with_a_ledger_and_stops_when_asked()
    {
        var lines = await ModuleShell.RunAsync(Ended + """
            $s = Start-BackfillSandbox Production -CandidateCount 2 -Seed 7
            "$(($s | Connect-Backfill).Environment) $($s.Environment)"
            $s | Stop-BackfillSandbox
            Ended $s.ProcessId
            $s | Stop-BackfillSandbox
            Stop-BackfillSandbox
            """);
        Assert.Equal(["Production Production", "True"], lines);
    }

    [Fact]
    public async Task It_ends_when_the_module_is_removed()
    {
        var lines = await ModuleShell.RunAsync(Ended + """
            $s = Start-BackfillSandbox -CandidateCount 1
            Remove-Module Backfill.PowerShell
            Ended $s.ProcessId
            """);
        Assert.Equal(["True"], lines);
    }

    [Fact]
    public async Task It_ends_with_the_process_that_started_it()
    {
        var lines = await ModuleShell.RunAsync("$s = Start-BackfillSandbox -CandidateCount 1; \"$($s.ProcessId)\"");
        var id = int.Parse(lines[0], CultureInfo.InvariantCulture);
        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
        catch (ArgumentException)
        {
            // It has ended already.
        }
    }

    [Fact]
    public async Task A_module_with_another_Npgsql_works_beside_ours()
    {
        using var folder = new TemporaryFolder();
        ForeignAssembly.Write(Path.Combine(folder.FullName, "Npgsql.dll"), "Npgsql", new Version(4, 1, 0, 0));
        folder.Write("Other.psd1", "@{ ModuleVersion = '1.0.0'; RequiredAssemblies = @('Npgsql.dll') }");
        var lines = await ModuleShell.RunAsync($$"""
            Import-Module '{{Path.Combine(folder.FullName, "Other.psd1")}}'
            $c = Start-BackfillSandbox -CandidateCount 1 | Connect-Backfill
            "$($c.Environment) $(@(Get-BackfillRun).Count)"
            $all = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Npgsql' }
            $all | ForEach-Object { "$($_.GetName().Version.Major) $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name)" }
            [Npgsql.Foreign].Assembly.GetName().Version.Major
            """);
        Assert.Equal(["Staging 0", "4 Default", "10 Backfill.PowerShell", "4"], lines);
    }
}
