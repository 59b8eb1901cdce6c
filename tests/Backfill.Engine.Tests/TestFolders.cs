namespace Backfill.Engine.Tests;

/// <summary>One folder for all that these tests write; it goes with their process.</summary>
internal static class TestFolders
{
    public static string Root { get; } = Create();

    private static string Create()
    {
        var folder = Directory.CreateTempSubdirectory("backfill-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
