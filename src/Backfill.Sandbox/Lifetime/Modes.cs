using System.Runtime.Versioning;

namespace Backfill.Sandbox.Lifetime;

/// <summary>Unix file modes: who may pass where.</summary>
[UnsupportedOSPlatform("windows")]
internal static class Modes
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public const UnixFileMode PassThrough = Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    public const UnixFileMode Open = PassThrough | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Whether any user may pass through a folder and all above it.</summary>
    public static bool IsOpenToAll(string path)
    {
        for (var folder = new DirectoryInfo(path); folder is not null; folder = folder.Parent)
        {
            if (!folder.Exists || !folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute)) return false;
        }

        return true;
    }

    /// <summary>Lets everybody read a tree, whatever umask it was unpacked under.</summary>
    public static void OpenTree(string root)
    {
        File.SetUnixFileMode(root, Open);
        foreach (var path in Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories))
        {
            var info = new FileInfo(path);
            if (info.LinkTarget is not null) continue;

            var mode = File.GetUnixFileMode(path);
            var isExecutable = mode.HasFlag(UnixFileMode.UserExecute) || Directory.Exists(path);
            File.SetUnixFileMode(path, mode | (isExecutable ? Open : PrivateFile | UnixFileMode.GroupRead | UnixFileMode.OtherRead));
        }
    }
}
