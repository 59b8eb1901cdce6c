namespace Backfill.Sandbox.Lifetime;

/// <summary>
/// Everything a sandbox keeps on disk. A lock file in it, held while the sandbox lives, tells a later sandbox which
/// folders are stale: the system releases the lock however its holder ended.
/// </summary>
internal sealed class SandboxFolder : IDisposable
{
    private const string Prefix = "backfill-sandbox-";
    private const string LockName = "lock";

    /// <summary>A folder without a lock file is only then stale: a sandbox starting now has not made its lock yet.</summary>
    private static readonly TimeSpan TimeToLock = TimeSpan.FromMinutes(10);

    private readonly FileStream _lock;

    private SandboxFolder(string path, FileStream lockFile) => (Path, _lock) = (path, lockFile);

    public string Path { get; }

    public string Data => DataOf(Path);

    public static string DataOf(string folder) => System.IO.Path.Combine(folder, "data");

    public static SandboxFolder Create()
    {
        var root = Root();
        Sweep(root);
        var path = System.IO.Path.Combine(root, Prefix + Guid.NewGuid().ToString("n")[..12]);
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            // The user that PostgreSQL runs as must pass through; what is secret lies in the data folder (mode 700).
            File.SetUnixFileMode(path, Modes.PassThrough);
        }

        return new SandboxFolder(path, Lock(path, FileMode.CreateNew));
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Deletes a folder that a process may still be writing to in its last moments.</summary>
    public static bool Delete(string path)
    {
        for (var attempt = 0; Directory.Exists(path); attempt++)
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException || (e is UnauthorizedAccessException && OperatingSystem.IsWindows()))
            {
                if (attempt == 100) return false;
                Thread.Sleep(50);
            }
            catch (UnauthorizedAccessException)
            {
                return false;
            }
        }

        return true;
    }

    private static FileStream Lock(string folder, FileMode mode) =>
        new(System.IO.Path.Combine(folder, LockName), mode, FileAccess.ReadWrite, FileShare.None);

    private static string Root()
    {
        var temp = System.IO.Path.GetTempPath();
        if (OperatingSystem.IsWindows() || !Unix.IsRoot) return temp;

        // Root's own temporary folder may be closed to the user that PostgreSQL runs as.
        return new[] { temp, "/tmp", "/var/tmp" }.FirstOrDefault(Modes.IsOpenToAll) ?? temp;
    }

    private static void Sweep(string root)
    {
        foreach (var folder in Directory.EnumerateDirectories(root, Prefix + "*"))
        {
            try
            {
                if (IsStale(folder)) Cleanup.Run(folder, []);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, another user's, or swept by another sandbox at this moment.
            }
        }
    }

    private static bool IsStale(string folder)
    {
        if (!File.Exists(System.IO.Path.Combine(folder, LockName)))
            return DateTime.UtcNow - Directory.GetCreationTimeUtc(folder) > TimeToLock;

        using var held = Lock(folder, FileMode.Open);
        return true;
    }
}
