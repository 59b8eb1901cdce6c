using System.Diagnostics;

namespace Backfill.PowerShell.Sandboxes;

/// <summary>The sandbox program as our child. It lives as long as its standard input stays open.</summary>
internal sealed class SandboxProcess : IDisposable
{
    private const int KeptErrorLines = 20;

    /// <summary>Fetching PostgreSQL the first time may take minutes.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly Queue<string> _errors = [];

    private SandboxProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Starts the program and waits until it is ready, or has given up.</summary>
    public static async Task<(SandboxProcess Process, BackfillSandbox Sandbox)> StartAsync(
        string dotnet, string program, SandboxOrder order, CancellationToken cancellationToken)
    {
        var process = new SandboxProcess(Process.Start(StartInfo(dotnet, program, order))!);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StartLimit);
            return (process, await process.ReadyAsync(limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await process.StopAsync().ConfigureAwait(false);
            throw SandboxReply.NotStarted($"it was not ready in time. Try again. {process.Errors}".TrimEnd());
        }
        catch
        {
            await process.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes its standard input and waits for its end; what does not end is killed.</summary>
    public async Task StopAsync()
    {
        Release();
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>Lets it end in its own time.</summary>
    public void Release()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose() => _process.Dispose();

    private static ProcessStartInfo StartInfo(string dotnet, string program, SandboxOrder order)
    {
        var start = new ProcessStartInfo(dotnet)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        start.ArgumentList.Add(program);
        foreach (var argument in order.Arguments)
            start.ArgumentList.Add(argument);
        // It has no business with a real project's keys.
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("SUPABASE_", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        return start;
    }

    private async Task<BackfillSandbox> ReadyAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        if (line is not null)
        {
            var sandbox = SandboxReply.Read(line);
            // A full pipe would stop it.
            _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return sandbox;
        }

        await _process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        throw SandboxReply.NotStarted($"its program ended with code {_process.ExitCode}. Try again. {Errors}".TrimEnd());
    }

    private string Errors
    {
        get
        {
            lock (_errors)
                return string.Join(Environment.NewLine, _errors);
        }
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > KeptErrorLines)
                _errors.Dequeue();
        }
    }
}
