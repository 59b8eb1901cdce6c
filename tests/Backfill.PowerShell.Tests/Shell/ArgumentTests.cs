namespace Backfill.PowerShell.Tests.Shell;

public sealed class ArgumentTests
{
    private const string Script =
        """
        param([string] $Name, [int] $Count = 1, [switch] $Flag, [Parameter(ValueFromRemainingArguments)] [string[]] $Rest)
        "$Name|$Count|$Flag|$($Rest -join ',')"
        """;

    [Theory]
    [InlineData("x|1|False|", "x")]
    [InlineData("x|2|False|", "x", "2")]
    [InlineData("x|5|True|", "-Name", "x", "-Flag", "-Count", "5")]
    [InlineData("x|5|False|", "-Count:5", "-Name:x")]
    [InlineData("x|1|False|", "-Name:", "x")]
    [InlineData("x|1|True|", "-Flag:$true", "x")]
    [InlineData("x|1|False|", "-Flag:false", "x")]
    [InlineData("$true|1|False|", "$true")]
    [InlineData("two words|1|False|", "-name", "two words")]
    [InlineData("x|3|False|more,and more", "x", "3", "more", "and more")]
    [InlineData("a:b|1|False|", "a:b")]
    public async Task A_script_gets_its_arguments(string expected, params string[] arguments) =>
        Assert.Equal(expected, (await ShellProcess.RunAsync(Script, arguments)).Succeeded());

    [Fact]
    public async Task An_argument_that_does_not_fit_is_an_error()
    {
        var result = await ShellProcess.RunAsync(Script, ["-Count", "many"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("many", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_knows_where_it_lies() =>
        Assert.Equal("True script.ps1", (await ShellProcess.RunAsync(
            """
            "$([IO.File]::Exists([IO.Path]::Combine($PSScriptRoot, 'script.ps1'))) $($MyInvocation.MyCommand.Name)"
            """)).Succeeded());

    [Fact]
    public async Task The_words_of_a_command_are_joined() =>
        Assert.Equal("a b", (await ShellProcess.RunWithAsync(["-NoLogo", "-NonInteractive", "-Command", "'a", "b'"])).Succeeded());

    [Fact]
    public async Task A_script_that_asks_for_input_gets_the_lines_of_standard_input() =>
        Assert.Equal("<a> <b>", (await ShellProcess.RunAsync(
            """@($input | ForEach-Object { "<$_>" }) -join ' '""", input: "a\nb\n")).Succeeded());
}
