namespace Backfill.PowerShell.Tests.Module;

public sealed class DotnetFinderTests
{
    private readonly Dictionary<string, string> _variables = new() { ["PATH"] = "/bin:/usr/bin" };
    private readonly HashSet<string> _files = [];
    private string _ownProgram = "/opt/powershell/pwsh";

    [Fact]
    public void The_host_path_comes_first()
    {
        _variables["DOTNET_HOST_PATH"] = "/sdk/dotnet";
        _variables["DOTNET_ROOT"] = "/root";
        _files.UnionWith(["/sdk/dotnet", "/root/dotnet", "/usr/bin/dotnet"]);
        Assert.Equal("/sdk/dotnet", Find());
    }

    [Fact]
    public void A_variable_that_names_nothing_is_passed_over()
    {
        _variables["DOTNET_ROOT"] = "/gone";
        _files.Add("/usr/bin/dotnet");
        Assert.Equal("/usr/bin/dotnet", Find());
    }

    [Fact]
    public void The_program_of_this_process_is_taken_if_it_is_dotnet()
    {
        _ownProgram = "/snap/dotnet";
        _files.Add("/snap/dotnet");
        Assert.Equal("/snap/dotnet", Find());
    }

    [Fact]
    public void A_machine_without_it_gets_an_error_that_says_what_to_install()
    {
        _files.Add("/opt/powershell/pwsh");
        var error = Assert.ThrowsAny<Exception>(Find);
        Assert.Contains("Install the .NET 10 SDK", error.Message, StringComparison.Ordinal);
    }

    private string Find() => StagedAssembly.Call<string>(
        StagedAssembly.Make(
            "Sandboxes.DotnetFinder",
            new Func<string, string?>(_variables.GetValueOrDefault),
            new Func<string, bool>(_files.Contains),
            _ownProgram,
            false),
        "Find");
}
