namespace Backfill.PowerShell.Tests.Shell;

public sealed class InterruptionTests
{
    private const string Waiting =
        """
        try {
            [Console]::WriteLine('ready')
            while ($true) { [Threading.Thread]::Sleep(20) }
        }
        finally { [Console]::WriteLine('cleaned up') }
        'not reached'
        """;

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task A_signal_stops_the_script_and_runs_its_finally_blocks(string signal, int expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        await using var shell = ShellProcess.Start(Waiting);
        await shell.WaitForLineAsync("ready");

        await shell.SignalAsync(signal);

        var result = await shell.EndAsync();
        Assert.Equal(["ready", "cleaned up"], result.Lines);
        Assert.Equal(expected, result.ExitCode);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public async Task A_second_interrupt_gives_up_waiting()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        await using var shell = ShellProcess.Start(
            """
            try { [Console]::WriteLine('ready'); while ($true) { [Threading.Thread]::Sleep(20) } }
            finally { [Console]::WriteLine('stopping'); [Threading.Thread]::Sleep(-1) }
            """);
        await shell.WaitForLineAsync("ready");
        await shell.SignalAsync("INT");
        await shell.WaitForLineAsync("stopping");

        await shell.SignalAsync("INT");

        Assert.Equal(130, (await shell.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Stopping_ends_a_program_in_the_pipeline()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent with kill");
        await using var shell = ShellProcess.Start("sh -c 'echo ready; exec sleep 600' | ForEach-Object { [Console]::WriteLine($_) }");
        await shell.WaitForLineAsync("ready");

        await shell.SignalAsync("INT");

        Assert.Equal(130, (await shell.EndAsync()).ExitCode);
    }
}
