using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Backfill.PowerShell.Tests;

/// <summary>What a shell left behind. Lines end with <c>\n</c> on every platform.</summary>
public sealed record ShellResult(int ExitCode, string Output, string Errors)
{
    public IReadOnlyList<string> Lines { get; } = Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The standard output of a run that ended well; fails the test with the errors of one that did not.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Output}\n{Errors}");
        return Output;
    }
}

/// <summary>PowerShell as a child process. Dispose ends it, and every process that it started.</summary>
public sealed class ShellProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TimeSpan _timeout;
    private readonly DirectoryInfo _folder;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _output = new();
    private readonly Task _outputEnd;
    private readonly Task<string> _errors;

    private ShellProcess(ProcessStartInfo start, DirectoryInfo folder, string? input, TimeSpan? timeout)
    {
        _folder = folder;
        _timeout = timeout ?? TimeSpan.FromSeconds(90);
        _process = Process.Start(start)!;
        _outputEnd = PumpAsync();
        _errors = _process.StandardError.ReadToEndAsync();
        _process.StandardInput.Write(input);
        _process.StandardInput.Close();
    }

    public int ProcessId => _process.Id;

    /// <summary>Runs a script's text as a file, with arguments as the command line gives them.</summary>
    public static async Task<ShellResult> RunAsync(
        string script,
        string[]? arguments = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? input = null,
        TimeSpan? timeout = null)
    {
        await using var shell = Start(script, arguments, environment, input, timeout);
        return await shell.EndAsync();
    }

    /// <summary>Starts a script's text as a file and leaves it running.</summary>
    public static ShellProcess Start(
        string script,
        string[]? arguments = null,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? input = null,
        TimeSpan? timeout = null)
    {
        var folder = Directory.CreateTempSubdirectory("backfill-test-");
        var file = Path.Combine(folder.FullName, "script.ps1");
        File.WriteAllText(file, script);
        return new ShellProcess(
            StartInfo(["-NoLogo", "-NoProfile", "-NonInteractive", "-File", file, .. arguments ?? []], environment), folder, input, timeout);
    }

    /// <summary>Starts PowerShell with a command line, as another program does, and leaves it running.</summary>
    public static ShellProcess StartCommand(string[] arguments, IReadOnlyDictionary<string, string?> environment) =>
        new(StartInfo(arguments, environment), Directory.CreateTempSubdirectory("backfill-test-"), input: null, timeout: null);

    /// <summary>Waits until standard output has a line that contains the text; fails if the shell ends or time is up before.</summary>
    public async Task<string> WaitForLineAsync(string text)
    {
        using var limit = Limit();
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(limit.Token))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                    return line;
            }
        }
        catch (OperationCanceledException)
        {
            // Said below, with what was printed.
        }

        throw new TimeoutException($"No line with '{text}'. Output so far:\n{string.Join('\n', _output)}");
    }

    /// <summary>Sends a signal (INT, TERM, HUP, KILL) to the shell alone, not to its process group.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{ProcessId}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<ShellResult> EndAsync()
    {
        using var limit = Limit();
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            await _outputEnd.WaitAsync(limit.Token);
            var errors = await _errors.WaitAsync(limit.Token);
            return new ShellResult(_process.ExitCode, string.Join('\n', _output), errors.ReplaceLineEndings("\n"));
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The shell ran longer than {_timeout}. Output so far:\n{string.Join('\n', _output)}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task PumpAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Enqueue(line);
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }

    private CancellationTokenSource Limit()
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_timeout);
        return limit;
    }

    private static ProcessStartInfo StartInfo(string[] arguments, IReadOnlyDictionary<string, string?>? environment)
    {
        string[] command = [.. HeedingInterrupts(), .. Repository.Pwsh, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = Repository.Root,
            Environment = { ["NO_COLOR"] = "1", ["POWERSHELL_TELEMETRY_OPTOUT"] = "1" },
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return start;
    }

    // What was started in the background of a script ignores SIGINT, and so would all its children.
    private static string[] HeedingInterrupts()
    {
        const string Status = "/proc/self/status";
        const string Ignored = "SigIgn:";
        const ulong Interrupt = 1UL << 1;
        if (!File.Exists(Status))
            return [];
        var mask = File.ReadLines(Status).First(line => line.StartsWith(Ignored, StringComparison.Ordinal))[Ignored.Length..];
        return (Convert.ToUInt64(mask.Trim(), 16) & Interrupt) == 0 ? [] : ["env", "--default-signal=INT"];
    }
}
