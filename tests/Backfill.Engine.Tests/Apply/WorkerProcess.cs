using System.Diagnostics;
using System.Threading.Channels;

namespace Backfill.Engine.Tests.Apply;

/// <summary>One worker of a run in a process of its own, which a test may kill. Disposing ends it.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly Channel<string> _news = Channel.CreateUnbounded<string>();
    private readonly List<string> _lines = [];
    private readonly Task _reading;

    private WorkerProcess(Process process)
    {
        _process = process;
        _reading = ReadAsync();
    }

    /// <summary>What it said; whole once it has ended.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    /// <param name="world">Where.</param>
    /// <param name="run">On what run.</param>
    /// <param name="outputPath">Where its artifacts go.</param>
    /// <param name="kill">Point and occurrence at which it kills itself: <c>after-claim:3</c>.</param>
    /// <param name="more">Further arguments.</param>
    public static WorkerProcess Start(RunWorld world, Guid run, string outputPath, string? kill, params string[] more)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Backfill.TestWorker.dll");
        string[] death = kill is null ? [] : ["--kill", kill];
        return Start(world, "dotnet", [program, "--run", run.ToString(), "--out", outputPath, .. death, .. more]);
    }

    /// <summary>In a network namespace of its own, from which only that line leads out.</summary>
    public static WorkerProcess StartApart(RunWorld world, Guid run, string outputPath, CutLine line)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "Backfill.TestWorker.dll");
        return Start(
            world,
            "unshare",
            ["--net", "sh", "-c", "ip link set lo up && exec dotnet \"$@\"", "sh", program, "--run", run.ToString(), "--out", outputPath, "--through", line.Folder]);
    }

    private static WorkerProcess Start(RunWorld world, string program, string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            CreateNoWindow = true,
        })!;
        process.StandardInput.WriteLine(world.SecretsOfWorker());
        process.StandardInput.Flush();
        return new(process);
    }

    /// <summary>Returns when it says a line that begins so.</summary>
    public async Task<string> SaysAsync(string beginning, TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? Patience);
        await foreach (var line in _news.Reader.ReadAllAsync(patience.Token))
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"The worker ended before '{beginning}':\n{string.Join('\n', Lines)}");
    }

    /// <summary>SIGKILL, now.</summary>
    public void Kill() => _process.Kill();

    /// <summary>As Ctrl+C does.</summary>
    public async Task StopAsync()
    {
        await _process.StandardInput.WriteLineAsync("stop");
        await _process.StandardInput.FlushAsync();
    }

    /// <returns>Its exit code; 137 after SIGKILL.</returns>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _reading;
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_lines)
                _lines.Add(line);
            _news.Writer.TryWrite(line);
        }

        _news.Writer.Complete();
    }
}
