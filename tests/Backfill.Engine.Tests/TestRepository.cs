namespace Backfill.Engine.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class TestRepository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Backfill.PowerShell.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not lie below Backfill.PowerShell.sln.");
    }
}
