namespace Backfill.PowerShell.Tests;

/// <summary>Where <c>build</c> stages what these tests run.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string ModuleFolder => Path.Combine(Root, "out", "Backfill.PowerShell");

    public static string ShellAssembly => Staged("shell", "backfill-shell.dll");

    public static string PackagingAssembly =>
        Built("src", "Backfill.Packaging", "bin", "Release", "net10.0", "Backfill.Packaging.dll");

    private static string Staged(params string[] path) => Built(["out", .. path]);

    private static string Built(params string[] path)
    {
        var file = Path.Combine([Root, .. path]);
        return File.Exists(file) ? file : throw new FileNotFoundException("Run './build.sh build' first.", file);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Backfill.PowerShell.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("These tests run from within the repository.");
    }
}
