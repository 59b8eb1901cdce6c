using System.Runtime.InteropServices;

namespace Backfill.Sandbox.Lifetime;

/// <summary>The reasons to stop that come from outside: the parent's end of standard input closes, or a signal asks.</summary>
internal sealed class Leash : IDisposable
{
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration[] _signals;

    public Leash(Stream standardInput)
    {
        _signals = [On(PosixSignal.SIGINT), On(PosixSignal.SIGTERM), On(PosixSignal.SIGHUP), On(PosixSignal.SIGQUIT)];
        new Thread(() => ReadToEnd(standardInput)) { IsBackground = true, Name = "leash" }.Start();
    }

    /// <summary>Completes when the sandbox should stop.</summary>
    public Task Released => _released.Task;

    public void Dispose()
    {
        foreach (var signal in _signals)
            signal.Dispose();
    }

    private PosixSignalRegistration On(PosixSignal signal) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        _released.TrySetResult();
    });

    private void ReadToEnd(Stream input)
    {
        Span<byte> ignored = stackalloc byte[64];
        try
        {
            while (input.Read(ignored) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A broken pipe is an end too.
        }

        _released.TrySetResult();
    }
}
