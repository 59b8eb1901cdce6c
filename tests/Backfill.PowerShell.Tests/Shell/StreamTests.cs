namespace Backfill.PowerShell.Tests.Shell;

public sealed class StreamTests
{
    private const string AllStreams =
        """
        function Write-All {
            [CmdletBinding()] param()
            'an object'
            $PSCmdlet.WriteWarning('a warning')
            $PSCmdlet.WriteVerbose('some verbosity')
            $PSCmdlet.WriteInformation('some information', [string[]] @())
            $PSCmdlet.WriteError([Management.Automation.ErrorRecord]::new([Exception]::new('an error'), 'Id', 'NotSpecified', $null))
            $PSCmdlet.WriteProgress([Management.Automation.ProgressRecord]::new(1, 'an activity', 'a status'))
            'after'
        }
        """;

    [Fact]
    public async Task Only_errors_go_to_standard_error()
    {
        var result = await ShellProcess.RunAsync(AllStreams + "\nWrite-All -Verbose -InformationAction Continue");

        Assert.Equal(
            ["an object", "WARNING: a warning", "VERBOSE: some verbosity", "some information", "after"], result.Lines);
        Assert.Contains("an error", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("WARNING", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_streams_stay_quiet() =>
        Assert.Equal(
            ["an object", "WARNING: a warning", "after"], (await ShellProcess.RunAsync(AllStreams + "\nWrite-All")).Lines);

    [Fact]
    public async Task Redirected_output_has_neither_progress_nor_colours()
    {
        var result = await ShellProcess.RunAsync(
            AllStreams + "\nWrite-All -Verbose; \"$($PSStyle.Foreground.Red)red$($PSStyle.Reset)\"; throw 'end'");

        Assert.Contains("red", result.Lines);
        Assert.DoesNotContain("\e", result.Output + result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("an activity", result.Output + result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_gets_progress_and_is_left_clean()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs the terminal that 'script' makes");

        // "script" gives its command a terminal; what that terminal was sent comes out of it.
        var result = await ShellProcess.RunAsync(
            AllStreams + """

            if ($args) { Write-All; return }
            $env:TERM = 'xterm'
            & script -qec "dotnet '$([Environment]::GetCommandLineArgs()[0])' -File '$PSCommandPath' inner" /dev/null
            """);

        // Each carriage return begins a line here.
        Assert.Contains("an activity: a status\e[K", result.Lines);
        Assert.Contains("\e[Kafter", result.Lines);
    }

    [Fact]
    public async Task An_uncaught_error_names_its_file_and_line()
    {
        var result = await ShellProcess.RunAsync("'before'\n\nthrow 'a reason'");

        Assert.Equal("before", result.Output);
        Assert.Contains("script.ps1:3", result.Errors, StringComparison.Ordinal);
        Assert.Contains("a reason", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_is_utf_8_whatever_the_locale()
    {
        var result = await ShellProcess.RunAsync(
            "param($Word) \"$Word ✓ ü\"", ["ñandú"], new Dictionary<string, string?> { ["LC_ALL"] = "C", ["LANG"] = null });

        Assert.Equal("ñandú ✓ ü", result.Succeeded());
    }

    [Fact]
    public async Task Redirected_output_is_120_columns_wide() =>
        Assert.Equal("120", (await ShellProcess.RunAsync("$Host.UI.RawUI.BufferSize.Width")).Succeeded());

    [Fact]
    public async Task Native_programs_write_through_and_leave_their_exit_code() =>
        Assert.Matches(@"^\d+\.\d+\.\S+\ncode 0$", (await ShellProcess.RunAsync("dotnet --version\n\"code $LASTEXITCODE\"")).Succeeded());

    [Fact]
    public async Task A_modules_view_formats_its_objects()
    {
        var result = await ShellProcess.RunAsync(
            """
            $folder = [IO.Path]::Combine($PSScriptRoot, 'Viewed')
            $null = [IO.Directory]::CreateDirectory($folder)
            [IO.File]::WriteAllText("$folder/Viewed.psd1", @'
            @{ ModuleVersion = '1.0'; FormatsToProcess = 'Viewed.format.ps1xml' }
            '@)
            [IO.File]::WriteAllText("$folder/Viewed.format.ps1xml", @'
            <Configuration><ViewDefinitions><View><Name>v</Name><ViewSelectedBy><TypeName>Viewed</TypeName></ViewSelectedBy>
            <TableControl><TableHeaders><TableColumnHeader><Label>Its name</Label><Width>10</Width></TableColumnHeader></TableHeaders>
            <TableRowEntries><TableRowEntry><TableColumnItems><TableColumnItem><PropertyName>Name</PropertyName></TableColumnItem>
            </TableColumnItems></TableRowEntry></TableRowEntries></TableControl></View></ViewDefinitions></Configuration>
            '@)
            Import-Module $folder
            [pscustomobject] @{ PSTypeName = 'Viewed'; Name = 'one'; Hidden = 'no' }
            """);

        Assert.Equal(["Its name", "--------", "one"], result.Lines.Select(line => line.Trim()));
    }
}
