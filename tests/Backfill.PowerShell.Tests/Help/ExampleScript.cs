using System.Text;
using Backfill.Help.Pages;
using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Help;

/// <summary>
/// A script that runs examples as they are printed, in a folder of their own for each page: in one sandbox after the other page, which
/// is put back to where it was, or in an empty session. It prints a line for each that went well, and one that begins with <c>failed</c> for each that did not.
/// </summary>
internal sealed class ExampleScript
{
    private const string Start = "$sandbox = Start-BackfillSandbox";

    private readonly StringBuilder _text = new();

    public ExampleScript(TemporaryFolder folder, IEnumerable<CmdletPage> pages, Func<HelpExample, bool> runs)
    {
        _text.Append(ModuleShell.Prelude).Append(Helpers).AppendLine();
        foreach (var page in pages)
        {
            var place = Directory.CreateDirectory(Path.Combine(folder.FullName, page.Name)).FullName;
            IEnumerable<string> before = page.StartsItsOwnSandbox ? ["StopAll"] : ["PutBack", .. HelpPages.Beginning.Where(l => l != Start)];
            _text.AppendJoin('\n', ["& {", $"Enter '{place}'", .. before, .. page.Examples.Where(runs).Select(e => Of(page, e)), "}", ""]);
        }

        _text.Append("StopAll\n'done'\n");
    }

    public override string ToString() => _text.ToString();

    // Dot-sourced: what an example sets, the next one of its page has.
    private static string Of(CmdletPage page, HelpExample example) => FormattableString.Invariant($$"""
        try { . ([scriptblock]::Create('{{example.Code.Replace("'", "''", StringComparison.Ordinal)}}')) | Out-Default; 'went well' }
        catch { "failed {{page.Name}}.md({{example.Place.Line}}): $($_.FullyQualifiedErrorId): $_" }
        """);

    /// <summary>Examples that connect without a sandbox take the variables, as about_Backfill says.</summary>
    private const string Helpers = """
        $running = $null
        function StopAll {
            Get-BackfillConnection | Disconnect-Backfill
            Stop-BackfillSandbox
            $script:running = $null
        }
        function PutBackRun([guid] $RunId) {
            do {
                $id = Id { Invoke-BackfillRollback -RunId $RunId -OnConflict Skip -Confirm:$false -WarningAction SilentlyContinue }
                if ($id -notin '(none)', 'RunBusy') { throw "Run $RunId could not be put back: $id" }
                # A call that was refused a moment ago may still be committed, for all the module knows.
                if ($id -eq 'RunBusy') { [Threading.Thread]::Sleep(100) }
            } until ($id -eq '(none)')
        }
        function PutBack {
            if ($null -eq $script:running) {
                $script:running = Start-BackfillSandbox
                $env:SUPABASE_URL = $running.ApiUrl
                $env:SUPABASE_SERVICE_ROLE_KEY = $running.ServiceRoleKey
                $env:SUPABASE_ANON_KEY = $running.AnonKey
                $env:SUPABASE_DB_URL = $running.DatabaseUrl
            }
            $script:sandbox = $running
            Get-BackfillConnection | Disconnect-Backfill
            $null = Connect-Backfill -Sandbox $running
            Clear-BackfillSandboxFault
            Stop-BackfillSandboxTraffic
            Get-BackfillRun -State Pending, Running, Paused, Halted | ForEach-Object { $_ | Stop-BackfillRun }
            Get-BackfillRun -State Completed, Aborted | ForEach-Object { PutBackRun $_.RunId }
            Get-BackfillConnection | Disconnect-Backfill
        }

        """;
}
