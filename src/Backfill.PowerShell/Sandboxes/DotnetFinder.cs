namespace Backfill.PowerShell.Sandboxes;

/// <summary>Where the program is that runs other .NET programs. PowerShell brings a runtime along, but not that.</summary>
/// <param name="variable">Reads an environment variable.</param>
/// <param name="exists">Whether there is a file.</param>
/// <param name="ownProgram">The program of this process.</param>
/// <param name="isWindows">Whether it is called <c>dotnet.exe</c>.</param>
internal sealed class DotnetFinder(
    Func<string, string?> variable, Func<string, bool> exists, string? ownProgram, bool isWindows)
{
    private readonly string _name = isWindows ? "dotnet.exe" : "dotnet";

    public static DotnetFinder OfThisProcess { get; } =
        new(Environment.GetEnvironmentVariable, File.Exists, Environment.ProcessPath, OperatingSystem.IsWindows());

    /// <summary>The program's full path.</summary>
    /// <exception cref="BackfillException"><c>SandboxNeedsDotnet</c>.</exception>
    public string Find() => Candidates().FirstOrDefault(exists) ?? throw new BackfillException(
        "SandboxNeedsDotnet",
        BackfillErrorKind.NotInstalled,
        "The sandbox needs dotnet 10 with ASP.NET Core, and DOTNET_HOST_PATH, DOTNET_ROOT and PATH lead to none. "
        + "Install the .NET 10 SDK, or set DOTNET_ROOT to its folder.");

    private IEnumerable<string> Candidates()
    {
        if (variable("DOTNET_HOST_PATH") is { Length: > 0 } host)
            yield return host;
        if (variable("DOTNET_ROOT") is { Length: > 0 } root)
            yield return Path.Combine(root, _name);
        foreach (var folder in (variable("PATH") ?? "").Split(isWindows ? ';' : ':', StringSplitOptions.RemoveEmptyEntries))
            yield return Path.Combine(folder.Trim('"'), _name);
        if (Path.GetFileName(ownProgram) == _name)
            yield return ownProgram!;
    }
}
