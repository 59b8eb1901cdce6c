using Backfill.Help.Pages;
using Backfill.PowerShell.Tests.Module;

namespace Backfill.PowerShell.Tests.Help;

/// <summary>Examples that go on from the sandbox of about_Backfill.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task Every_example_runs_as_printed() =>
        await Examples.RunAsync(p => !p.StartsItsOwnSandbox);
}

/// <summary>Examples that begin in an empty session; a class of their own, so that they run beside the others.</summary>
public sealed class OwnSandboxExampleTests
{
    [Fact]
    public async Task Every_example_that_starts_a_sandbox_runs_as_printed() =>
        await Examples.RunAsync(p => p.StartsItsOwnSandbox);
}

internal static class Examples
{
    public static async Task RunAsync(Func<CmdletPage, bool> ofThisGroup)
    {
        using var folder = new TemporaryFolder();
        var pages = HelpPages.Docs.Pages.Where(ofThisGroup).ToList();
        Assert.NotEmpty(pages);
        var script = new ExampleScript(folder, pages, e => !e.NeedsFullShell).ToString();
        var result = await ShellProcess.RunAsync(script, environment: ModuleShell.NoSettings, timeout: TimeSpan.FromMinutes(4));
        result.Succeeded();
        Assert.DoesNotContain(result.Lines, l => l.StartsWith("failed ", StringComparison.Ordinal));
        Assert.Equal(pages.Sum(p => p.Examples.Count(e => !e.NeedsFullShell)), result.Lines.Count(l => l == "went well"));
        Assert.Equal("done", result.Lines[^1]);
    }
}
