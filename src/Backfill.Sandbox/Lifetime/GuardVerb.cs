using System.Globalization;
using System.Runtime.InteropServices;

namespace Backfill.Sandbox.Lifetime;

/// <summary>
/// The guardian: a second process that outlives the sandbox by a moment. Its standard input is a pipe that only the
/// sandbox holds, so the pipe's end is the sandbox's end, SIGKILL included. On it come lines that name the processes
/// to stop: <c>+pid</c> when one was started, <c>-pid</c> when it has ended.
/// </summary>
internal static class GuardVerb
{
    public static int Run(string folder, Stream leash)
    {
        using var interrupt = Ignore(PosixSignal.SIGINT);
        using var terminate = Ignore(PosixSignal.SIGTERM);
        using var hangUp = Ignore(PosixSignal.SIGHUP);

        var processIds = new HashSet<int>();
        using (var lines = new StreamReader(leash))
        {
            while (lines.ReadLine() is { } line)
            {
                if (line.Length < 2 || !int.TryParse(line.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
                if (line[0] == '+') processIds.Add(id);
                else processIds.Remove(id);
            }
        }

        return Cleanup.Run(folder, processIds) ? 0 : 1;
    }

    /// <summary>Only the end of the sandbox ends its guardian.</summary>
    private static PosixSignalRegistration Ignore(PosixSignal signal) =>
        PosixSignalRegistration.Create(signal, context => context.Cancel = true);
}
