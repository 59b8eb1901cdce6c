using System.Diagnostics;
using System.Text;
using Npgsql;

namespace Backfill.PowerShell.Tests.Module;

/// <summary>Keys and passwords are looked for everywhere that a run, and what goes wrong with it, leaves something.</summary>
[Collection(SandboxTests.Name)]
public sealed class SecretTests(SandboxFixture sandbox) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_failing_run_leaves_no_secret_in_streams_artifacts_ledger_or_command_lines()
    {
        _folder.WritePlan("plan.json", new Guid("618c5ea6-aeda-4084-9156-0aac9643afd3"), Guid.NewGuid());
        var told = await ShellProcess.RunAsync(
            SandboxFixture.Script(_folder, """
                $WarningPreference = 'Continue'; $VerbosePreference = 'Continue'; $InformationPreference = 'Continue'
                $ErrorActionPreference = 'Continue'
                Get-BackfillConnection | Out-Default
                Test-BackfillConnection | Out-Default
                Invoke-BackfillApply plan.json -ThrottlePerMinute 1200 *>&1 | Out-Default
                Get-BackfillRun -Latest | ForEach-Object { $_.PSObject.Properties | ForEach-Object { "$($_.Name)=$($_.Value)" } }
                # Every secret wrong in turn: the messages must not give back what was typed.
                $url = $env:SUPABASE_DB_URL
                try { Connect-Backfill -DatabaseUrl ($url -replace ':\d+/', ':1/') } catch { $_ | Out-Default; "$($_.Exception)" }
                try { Connect-Backfill -DatabaseUrl "$url?nonsense=1" } catch { $_ | Out-Default; "$($_.Exception)" }
                try { Connect-Backfill -DatabaseUrl ($url -replace '/postgres$', '/elsewhere') } catch { $_ | Out-Default; "$($_.Exception)" }
                try { Connect-Backfill -ServiceRoleKey $env:SUPABASE_ANON_KEY } catch { $_ | Out-Default; "$($_.Exception)" }
                try { Connect-Backfill -ServiceRoleKey "$($env:SUPABASE_SERVICE_ROLE_KEY)x" ; Test-BackfillConnection | Out-Default } catch { $_ | Out-Default; "$($_.Exception)" }
                $error | ForEach-Object { "$($_.Exception)"; "$($_.TargetObject)"; "$($_.ErrorDetails)" }
                """),
            environment: sandbox.Settings);
        // The script did what it is for, and the search below could find something.
        Assert.Contains("did not succeed", told.Output + told.Errors, StringComparison.Ordinal);

        var places = new Dictionary<string, string>
        {
            ["standard output"] = told.Output,
            ["standard error"] = told.Errors,
            ["ledger"] = await LedgerTextAsync(),
            ["command lines"] = CommandLines(),
        };
        foreach (var file in Directory.EnumerateFiles(_folder.FullName, "*", SearchOption.AllDirectories))
            places.Add(file, await File.ReadAllTextAsync(file));
        Assert.True(places.Count >= 7, "There should be artifacts to search.");
        Assert.Contains("score_prism", places["ledger"], StringComparison.Ordinal);
        foreach (var (name, secret) in Secrets())
            Assert.DoesNotContain(places, p => p.Value.Contains(secret, StringComparison.Ordinal) && Found(name, p.Key));
    }

    private static bool Found(string secret, string place)
    {
        TestContext.Current.SendDiagnosticMessage($"{secret} is in {place}");
        return true;
    }

    private Dictionary<string, string> Secrets() => new()
    {
        ["the service role's key"] = sandbox.Settings["SUPABASE_SERVICE_ROLE_KEY"]!,
        ["the anonymous key"] = sandbox.Settings["SUPABASE_ANON_KEY"]!,
        ["the database's password"] = sandbox.DatabaseUrl.UserInfo.Split(':')[1],
    };

    private async Task<string> LedgerTextAsync()
    {
        await using var source = sandbox.OpenDatabase();
        var text = new StringBuilder();
        foreach (var table in await ReadAsync(source, "select format('backfill.%I', relname) from pg_class where relnamespace = 'backfill'::regnamespace and relkind = 'r'"))
        {
            // What the rows of the target hold is not ours to judge.
            if (table != "backfill.image")
                text.AppendJoin('\n', await ReadAsync(source, $"select t::text from {table} t"));
        }

        return text.ToString();
    }

    private static async Task<List<string>> ReadAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }

    /// <summary>Of every process that can be seen: the sandbox, its PostgreSQL and its guardian are among them.</summary>
    private static string CommandLines()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Command lines are read from /proc.");
        var text = new StringBuilder();
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    text.Append(File.ReadAllText($"/proc/{process.Id}/cmdline")).Append('\n');
                }
                catch (IOException)
                {
                    // It has just ended.
                }
                catch (UnauthorizedAccessException)
                {
                    // Somebody else's.
                }
            }
        }

        Assert.Contains("Backfill.Sandbox", text.ToString(), StringComparison.Ordinal);
        return text.ToString();
    }
}
