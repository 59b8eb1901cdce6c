using System.Security.AccessControl;
using System.Security.Principal;

namespace Backfill.Engine.Reports.Files;

/// <summary>A new file that nobody but its owner may read, from its first byte on.</summary>
internal static class PrivateFile
{
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new(path, options);
        }

        var security = new FileSecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using var self = WindowsIdentity.GetCurrent();
        security.AddAccessRule(new(self.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        return FileSystemAclExtensions.Create(
            new FileInfo(path), FileMode.CreateNew, FileSystemRights.FullControl, FileShare.None, 4096, FileOptions.None, security);
    }
}
