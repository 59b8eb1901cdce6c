namespace Backfill.PowerShell.Tests.Shell;

/// <summary>The codes are those that pwsh 7.6 gives.</summary>
public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 5", 5)]
    [InlineData("dotnet --version | Out-Null; exit 0", 0)]
    [InlineData("function Stop-Here { exit 42 }; Stop-Here; 'not reached'", 42)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; [int] 'x'", 1)]
    [InlineData("[int] 'x'; 'goes on'", 0)]
    [InlineData("No-SuchCommand", 0)]
    [InlineData("if (", 1)]
    [InlineData("dotnet --no-such-option 2>&1 | Out-Null", 0)]
    public async Task A_script_ends_with(string script, int expected)
    {
        var result = await ShellProcess.RunAsync(script);

        Assert.Equal(expected, result.ExitCode);
        Assert.DoesNotContain("not reached", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'fine'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'bad'", 1)]
    [InlineData("No-SuchCommand", 1)]
    [InlineData("No-SuchCommand; 'recovered'", 0)]
    [InlineData("dotnet --no-such-option 2>&1 | Out-Null", 1)]
    [InlineData("if (", 1)]
    public async Task A_command_ends_with(string command, int expected) =>
        Assert.Equal(expected, (await ShellProcess.RunWithAsync(["-NoProfile", "-Command", command])).ExitCode);

    [Fact]
    public async Task Exit_in_a_called_script_ends_only_that_script()
    {
        var result = await ShellProcess.RunAsync(
            """
            if ($args) { exit 5 }
            & $PSCommandPath inner
            "inner gave $LASTEXITCODE"
            """);

        Assert.Equal("inner gave 5", result.Succeeded());
    }

    [Theory]
    [InlineData("-File", "no-such-script.ps1")]
    [InlineData("no-such-script.ps1")]
    [InlineData("-NoSuchOption")]
    [InlineData("-File")]
    [InlineData("-Command")]
    [InlineData("-Command", "-")]
    [InlineData("-ExecutionPolicy", "Whatever", "-Command", "1")]
    public async Task A_command_line_that_makes_no_sense_ends_with_64(params string[] commandLine)
    {
        var result = await ShellProcess.RunWithAsync(commandLine);

        Assert.Equal(64, result.ExitCode);
        Assert.Contains("Usage:", result.Errors, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public async Task The_version_names_the_engine() =>
        Assert.Matches(@"^backfill-shell \d+\.\d+\.\d+ on PowerShell 7\.6\.\d+$",
            (await ShellProcess.RunWithAsync(["-Version"])).Succeeded());
}
