using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using Backfill.Sandbox.Lifetime;

namespace Backfill.Sandbox.Postgres;

/// <summary>Whom PostgreSQL runs as. It refuses to run as root, so root becomes an ordinary user for it.</summary>
internal sealed class Account
{
    private static readonly string[] Users = ["postgres", "nobody"];

    private readonly Func<string, string[], (string File, string[] Arguments)> _become;
    private readonly (uint User, uint Group)? _owner;

    private Account(Func<string, string[], (string, string[])> become, (uint, uint)? owner) => (_become, _owner) = (become, owner);

    public static async Task<Account> FindAsync()
    {
        if (OperatingSystem.IsWindows() || !Unix.IsRoot) return new Account((file, arguments) => (file, arguments), null);

        foreach (var user in Users)
        {
            if (await IdAsync("-u", user).ConfigureAwait(false) is not { } userId
                || await IdAsync("-g", user).ConfigureAwait(false) is not { } groupId)
                continue;

            foreach (var become in Ways(user, userId, groupId))
            {
                var account = new Account(become, (userId, groupId));
                var proof = await Tool.RunAsync(account.Command("/", "id", "-u")).ConfigureAwait(false);
                if (proof is { ExitCode: 0 } && proof.Output == userId.ToString(CultureInfo.InvariantCulture)) return account;
            }
        }

        throw new SandboxException(
            "PostgreSQL refuses to run as root, and no way was found to run it as postgres or nobody.",
            "Start the sandbox as an ordinary user, or install setpriv, runuser, su or sudo.");
    }

    /// <summary>A command as this account. Its arguments are visible to every user of the machine: no secrets in them.</summary>
    public ProcessStartInfo Command(string workingDirectory, string file, params string[] arguments)
    {
        var command = _become(file, arguments);
        var start = new ProcessStartInfo(command.File, command.Arguments) { WorkingDirectory = workingDirectory };
        ChildEnvironment.Clean(start);
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    /// <summary>Makes a folder that only this account can enter.</summary>
    public void CreateFolder(string path)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows()) Give(path, Modes.Private);
    }

    /// <summary>Writes a file that only this account can read.</summary>
    public void CreateFile(string path, string text)
    {
        // Closed to others before the text is in it.
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Modes.PrivateFile;
        using (var writer = new StreamWriter(path, options))
            writer.Write(text);
        if (!OperatingSystem.IsWindows()) Give(path, Modes.PrivateFile);
    }

    [UnsupportedOSPlatform("windows")]
    private void Give(string path, UnixFileMode mode)
    {
        File.SetUnixFileMode(path, mode);
        if (_owner is { } owner) Unix.ChangeOwner(path, owner.User, owner.Group);
    }

    private static IEnumerable<Func<string, string[], (string, string[])>> Ways(string user, uint userId, uint groupId)
    {
        yield return (file, arguments) =>
            ("setpriv", [$"--reuid={userId}", $"--regid={groupId}", "--clear-groups", "--", file, .. arguments]);
        yield return (file, arguments) => ("runuser", ["-u", user, "--", file, .. arguments]);
        yield return (file, arguments) =>
            ("su", ["-s", "/bin/sh", "-c", "exec " + string.Join(' ', arguments.Prepend(file).Select(Quote)), user]);
        yield return (file, arguments) => ("sudo", ["-n", "-u", user, "--", file, .. arguments]);
    }

    private static string Quote(string word) => "'" + word.Replace("'", @"'\''", StringComparison.Ordinal) + "'";

    private static async Task<uint?> IdAsync(string which, string user)
    {
        var result = await Tool.RunAsync(new ProcessStartInfo("id", [which, user])).ConfigureAwait(false);
        return result is { ExitCode: 0 } && uint.TryParse(result.Output, CultureInfo.InvariantCulture, out var id) ? id : null;
    }
}
