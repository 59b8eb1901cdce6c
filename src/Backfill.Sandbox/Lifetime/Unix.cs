using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Backfill.Sandbox.Lifetime;

/// <summary>The few calls into libc that .NET has no wrapper for.</summary>
[UnsupportedOSPlatform("windows")]
internal static partial class Unix
{
    public const int SigQuit = 3;
    public const int SigKill = 9;

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>A signal to a process that may be gone already.</summary>
    public static void Signal(int processId, int signal) => _ = Kill(processId, signal);

    /// <summary>
    /// Leaves the terminal's process group: Ctrl+C at the operator's prompt stops their pipeline, and must not stop
    /// the database under it. Fails, harmlessly, for a process that a shell started as a job of its own.
    /// </summary>
    public static void LeaveTerminal() => _ = SetSid();

    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (ChangeOwnerOf(path, user, group) != 0)
            throw new IOException($"chown failed with errno {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Whether a process runs; one that ended and was not yet reaped (a zombie) does not.</summary>
    public static bool IsRunning(int processId)
    {
        if (OperatingSystem.IsLinux())
        {
            try
            {
                var stat = File.ReadAllText($"/proc/{processId}/stat");
                return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
            }
            catch (IOException)
            {
                return false;
            }
        }

        try
        {
            using var process = Process.GetProcessById(processId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "setsid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetSid();

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ChangeOwnerOf(string path, uint user, uint group);
}
