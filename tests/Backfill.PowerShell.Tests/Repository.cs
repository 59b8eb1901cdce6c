using System.Text.Json;

namespace Backfill.PowerShell.Tests;

/// <summary>Where <c>build</c> stages what these tests run.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string ModuleFolder => Path.Combine(Root, "out", "Backfill.PowerShell");

    /// <summary>
    /// The command line of the real PowerShell: the one that runs the build, or the .NET tool that it restores. The tool's own
    /// <c>pwsh</c> starts this as a child, which a signal would not reach.
    /// </summary>
    public static IReadOnlyList<string> Pwsh { get; } = FindPwsh();

    private static string[] FindPwsh()
    {
        var file = Environment.GetEnvironmentVariable("BACKFILL_PWSH") ?? Path.Combine(
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages"),
            "powershell", ToolVersion(), "tools", "net10.0", "any", OperatingSystem.IsWindows() ? "win" : "unix", "pwsh.dll");
        if (!File.Exists(file))
            throw new FileNotFoundException("PowerShell is not restored. Run './build.sh build' first.", file);
        return Path.GetExtension(file) == ".dll" ? ["dotnet", file] : [file];
    }

    private static string ToolVersion()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, ".config", "dotnet-tools.json")));
        return manifest.RootElement.GetProperty("tools").GetProperty("powershell").GetProperty("version").GetString()!;
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Backfill.PowerShell.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("These tests run from within the repository.");
    }
}
