using System.Management.Automation.Runspaces;
using System.Runtime.InteropServices;

namespace Backfill.Shell;

/// <summary>
/// The first signal stops the pipeline, so that <c>finally</c> blocks and StopProcessing run. A second one gives up waiting.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly Pipeline _pipeline;
    private readonly PosixSignalRegistration[] _signals;
    private int _exitCode;

    public Interruption(Pipeline pipeline)
    {
        _pipeline = pipeline;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, 15)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Stop(signal, 1)),
        ];
    }

    /// <summary>128 and the number of the signal that stopped the script; null when none did.</summary>
    public int? ExitCode => Volatile.Read(ref _exitCode) is var code and not 0 ? code : null;

    public void Dispose() => Array.ForEach(_signals, signal => signal.Dispose());

    private void Stop(PosixSignalContext context, int number)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, 128 + number, 0) != 0)
            Environment.Exit(_exitCode);
        _pipeline.StopAsync();
    }
}
