using System.Diagnostics;
using System.Text.Json;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>
/// A sandbox of the test's own: the staged program (or, before staging, the project's own build) in a process. Disposing
/// it closes its standard input and waits until nothing of it is left.
/// </summary>
public sealed class SandboxProcess : IAsyncDisposable
{
    /// <summary>A machine with two busy cores needs some seconds; one that has to fetch PostgreSQL first, more.</summary>
    private static readonly TimeSpan TimeToReady = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly Task<string> _remainingOutput;

    private SandboxProcess(Process process, SandboxInfo info, TimeSpan readyAfter)
    {
        _process = process;
        Info = info;
        ReadyAfter = readyAfter;
        Control = new SandboxControl(info);
        Functions = new SandboxFunctions(info);
        _remainingOutput = process.StandardOutput.ReadToEndAsync();
    }

    public SandboxInfo Info { get; }

    /// <summary>From starting the process to its ready line.</summary>
    public TimeSpan ReadyAfter { get; }

    /// <summary>The sandbox's control plane: its call log and its faults.</summary>
    public SandboxControl Control { get; }

    /// <summary>Calls its edge functions as any client would.</summary>
    public SandboxFunctions Functions { get; }

    /// <param name="arguments">
    /// As on the command line, after <c>run</c>: <c>"--candidates", "100"</c>. Without an <c>--era</c> it has every table and column that
    /// any era has, and functions that look at their errors.
    /// </param>
    /// <exception cref="InvalidOperationException">It could not start; the message is its own.</exception>
    public static async Task<SandboxProcess> StartAsync(params string[] arguments)
    {
        var since = Stopwatch.GetTimestamp();
        string[] era = arguments.Contains("--era") ? [] : ["--era", "complete"];
        var process = Process.Start(new ProcessStartInfo("dotnet", [Program(), "run", .. era, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            CreateNoWindow = true,
        })!;
        try
        {
            var line = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeToReady) ?? throw new InvalidOperationException("The sandbox ended without a word.");
            if (line.StartsWith("{\"error\"", StringComparison.Ordinal)) throw new InvalidOperationException(line);

            var info = JsonSerializer.Deserialize<SandboxInfo>(line, SandboxInfo.SnakeCase)!;
            return new SandboxProcess(process, info, Stopwatch.GetElapsedTime(since));
        }
        catch
        {
            process.StandardInput.Close();
            process.Dispose();
            throw;
        }
    }

    /// <summary>Ends the sandbox as the end of its parent does, and waits until nothing of it is left.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        await EndedAsync();
    }

    /// <summary>SIGKILL to the sandbox alone (on Windows its counterpart), and waits until nothing of it is left.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndedAsync();
    }

    /// <summary>
    /// Completes when nothing of the sandbox is left. Its guardian, the last to go, holds the sandbox's standard output,
    /// so the output's end is that event.
    /// </summary>
    /// <exception cref="TimeoutException">Not after 30 s.</exception>
    public async Task EndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeToEnd);
        await _remainingOutput.WaitAsync(TimeToEnd);
    }

    /// <summary>The sandbox's exit code; only after <see cref="EndedAsync"/>.</summary>
    public int ExitCode => _process.ExitCode;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Functions.Dispose();
        Control.Dispose();
        _process.Dispose();
    }

    /// <summary>The sandbox's dll.</summary>
    public static string Program()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        // BACKFILL_REPOSITORY is for test builds that lie outside the repository.
        if (Environment.GetEnvironmentVariable("BACKFILL_REPOSITORY") is { Length: > 0 } named) root = new DirectoryInfo(named);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Backfill.PowerShell.sln")))
            root = root.Parent;
        if (root is null) throw new InvalidOperationException("The tests do not lie below Backfill.PowerShell.sln.");

        string[] places =
        [
            Path.Combine("out", "Backfill.PowerShell", "Sandbox"),
            Path.Combine("src", "Backfill.Sandbox", "bin", "Debug", "net10.0"),
            Path.Combine("src", "Backfill.Sandbox", "bin", "Release", "net10.0"),
        ];
        return places.Select(place => Path.Combine(root.FullName, place, "Backfill.Sandbox.dll")).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException("Backfill.Sandbox is not built. Run ./build.sh build.");
    }
}
