using System.Diagnostics;

namespace Backfill.Sandbox.Lifetime;

/// <summary>The sandbox's end of the guardian. Whatever must not outlive the sandbox is launched through it.</summary>
internal sealed class Guardian : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;
    private readonly Lock _gate = new();
    private readonly HashSet<int> _launched = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isClosed;

    private Guardian(Process process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>Completes when the guardian is gone; a sandbox without one must stop.</summary>
    public Task Ended => _ended.Task;

    public static Guardian Start(string folder)
    {
        // Standard output stays the sandbox's: whoever reads it sees its end only when guardian and sandbox are gone,
        // so "the output has ended" means "nothing is left", even after a SIGKILL.
        var start = new ProcessStartInfo(DotNet())
        {
            ArgumentList = { typeof(Guardian).Assembly.Location, "guard", folder },
            RedirectStandardInput = true,
            CreateNoWindow = true,
        };
        ChildEnvironment.Clean(start);
        var guardian = new Guardian(new Process { StartInfo = start, EnableRaisingEvents = true }, folder);
        guardian._process.Exited += (_, _) => guardian._ended.TrySetResult();
        guardian._process.Start();
        guardian._process.StandardInput.AutoFlush = true;
        return guardian;
    }

    /// <summary>Starts a process that is stopped with the sandbox.</summary>
    /// <exception cref="OperationCanceledException">The sandbox is stopping: nothing may be started any more.</exception>
    public void Launch(Process process)
    {
        lock (_gate)
        {
            if (_isClosed) throw new OperationCanceledException("The sandbox is stopping.");

            process.Start();
            _launched.Add(process.Id);
            Tell($"+{process.Id}");
        }
    }

    /// <summary>Forgets a process that ended by itself: its number may become another's.</summary>
    public void Forget(int processId)
    {
        lock (_gate)
        {
            if (_launched.Remove(processId) && !_isClosed) Tell($"-{processId}");
        }
    }

    /// <summary>Lets the guardian do its work, and waits for it; does the same work here if the guardian was killed.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
            try
            {
                _process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It is gone; the exit code below tells.
            }
        }

        await _process.WaitForExitAsync().ConfigureAwait(false);
        if (_process.ExitCode != 0) Cleanup.Run(_folder, _launched);
        _process.Dispose();
    }

    private void Tell(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
        }
        catch (IOException)
        {
            // Ended says so, and the sandbox stops.
        }
    }

    private static string DotNet() =>
        Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? path
            : "dotnet";
}
