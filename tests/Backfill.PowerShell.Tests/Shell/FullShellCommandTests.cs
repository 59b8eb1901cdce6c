namespace Backfill.PowerShell.Tests.Shell;

public sealed class FullShellCommandTests
{
    [Fact]
    public async Task A_command_of_the_full_shell_is_refused_by_name()
    {
        var result = await ShellProcess.RunAsync(
            """
            foreach ($use in @(
                { 1..3 | Select-Object -First 1 }
                { 1..3 | select -First 1 }
                { Get-Unique -InputObject 1 }
                { Write-Host 'hello' -ForegroundColor Red }
                { 'text' > nowhere }
                { get-childitem }
            )) {
                try { & $use; "ran: $use" } catch { "$($_.TargetObject) $($_.FullyQualifiedErrorId)" }
            }
            """);

        Assert.Equal(
            new[] { "Select-Object", "Select-Object", "Get-Unique", "Write-Host", "Out-File", "Get-ChildItem" }
                .Select(name => $"{name} CommandNeedsFullShell,Backfill.Shell.FullShellCommand"),
            result.Lines);
    }

    [Fact]
    public async Task The_refusal_says_what_to_do() =>
        Assert.Equal(
            "Join-Path ships with PowerShell 7.6, and this shell has the engine's core commands only. " +
            "Run the script with pwsh 7.6, or use .NET calls in it.",
            (await ShellProcess.RunAsync("try { Join-Path a b } catch { $_.Exception.Message }")).Succeeded());

    [Fact]
    public async Task It_ends_a_script_that_stops_at_errors()
    {
        var result = await ShellProcess.RunAsync("$ErrorActionPreference = 'Stop'\nGet-Content x\n'not reached'");

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("script.ps1:2", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_command_is_simply_not_found() =>
        Assert.Equal("CommandNotFoundException", (await ShellProcess.RunAsync(
            "try { No-SuchCommand } catch { $_.FullyQualifiedErrorId }")).Succeeded());

    [Fact]
    public async Task A_missing_command_is_not_pretended_to_exist() =>
        Assert.Equal("none", (await ShellProcess.RunAsync(
            "if (Get-Command Select-Object -ErrorAction Ignore) { 'one' } else { 'none' }")).Succeeded());

    [Fact]
    public async Task Nothing_on_the_list_is_in_the_engine()
    {
        var list = Path.Combine(Repository.Root, "src", "Backfill.Shell", "FullShellCommands.txt");
        var result = await ShellProcess.RunAsync(
            """
            $names = [IO.File]::ReadAllLines($args[0])
            $PSModuleAutoLoadingPreference = 'None'
            foreach ($name in $names) { if (Get-Command $name -ErrorAction Ignore) { "$name is there" } }
            "$($names.Count -gt 200)"
            """,
            [list]);

        Assert.Equal("True", result.Succeeded());
    }
}
