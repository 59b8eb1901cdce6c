namespace Backfill.PowerShell.Tests.Shell;

public sealed class PromptTests
{
    private const string Asking =
        """
        function Remove-Everything {
            [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'High')] param()
            if ($PSCmdlet.ShouldProcess('everything')) { 'removed' }
        }
        function Test-Continue { [CmdletBinding()] param() if ($PSCmdlet.ShouldContinue('Sure?', 'Really')) { 'continued' } }
        function Get-Named { [CmdletBinding()] param([Parameter(Mandatory)] $Name) "named $Name" }
        """;

    [Fact]
    public async Task What_would_ask_is_an_error_though_answers_are_waiting()
    {
        var result = await ShellProcess.RunAsync(
            Asking + """

            foreach ($ask in @(
                { Remove-Everything }
                { Test-Continue }
                { Get-Named }
                { $Host.UI.ReadLine() }
                { $Host.UI.ReadLineAsSecureString() }
                { $Host.UI.RawUI.ReadKey() }
                { $Host.UI.PromptForCredential('c', 'm', 'u', 't') }
                { $Host.UI.Prompt('c', 'm', [Management.Automation.Host.FieldDescription[]] @('field')) }
                { $Host.EnterNestedPrompt() }
            )) {
                try { & $ask; "answered: $ask" }
                catch {
                    $refused = "$_" -match 'no one at the prompt|missing mandatory parameters: Name'
                    $refused ? 'refused' : "$ask : $_"
                }
            }
            """,
            input: "Y\nY\nY\n");

        Assert.Equal(Enumerable.Repeat("refused", 9), result.Lines);
    }

    [Fact]
    public async Task A_prompt_ends_a_script_that_stops_at_errors()
    {
        var result = await ShellProcess.RunAsync(
            Asking + "\n$ErrorActionPreference = 'Stop'\nRemove-Everything\n'not reached'", input: "Y\n");

        Assert.Equal(1, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains("no one at the prompt", Unwrapped(result.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_says_what_would_have_been_asked() =>
        Assert.Contains(
            "Performing the operation \"Remove-Everything\" on target \"everything\"",
            (await ShellProcess.RunAsync(
                Asking + "\ntry { Remove-Everything } catch { $_.Exception.InnerException.Message }")).Succeeded(),
            StringComparison.Ordinal);

    [Fact]
    public async Task Confirm_false_needs_no_one() =>
        Assert.Equal("removed", (await ShellProcess.RunAsync(Asking + "\nRemove-Everything -Confirm:$false")).Succeeded());

    private static string Unwrapped(string text) =>
        string.Join(' ', text.Split([' ', '\n', '|'], StringSplitOptions.RemoveEmptyEntries));
}
