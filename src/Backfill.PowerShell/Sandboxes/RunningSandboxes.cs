using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Backfill.PowerShell.Sandboxes;

/// <summary>The sandboxes that one runspace has started. When the process ends, by any cause, their standard input closes.</summary>
internal sealed class RunningSandboxes
{
    private static readonly ConditionalWeakTable<Runspace, RunningSandboxes> Tables = [];

    // A sandbox may be piped into another runspace of the process and stopped from there.
    private static readonly ConditionalWeakTable<BackfillSandbox, SandboxProcess> Processes = [];

    private readonly Lock _lock = new();
    private readonly List<BackfillSandbox> _sandboxes = [];

    public static RunningSandboxes OfThisRunspace => Tables.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>Those that run, oldest first.</summary>
    public IReadOnlyList<BackfillSandbox> Running
    {
        get
        {
            lock (_lock)
            {
                _sandboxes.RemoveAll(s => !IsRunning(s));
                return [.. _sandboxes];
            }
        }
    }

    public void Add(BackfillSandbox sandbox, SandboxProcess process)
    {
        Processes.Add(sandbox, process);
        lock (_lock)
            _sandboxes.Add(sandbox);
    }

    /// <summary>The running sandbox that a name means: its environment, its project or its process.</summary>
    /// <exception cref="BackfillException"><c>SandboxNotRunning</c>, <c>SandboxAmbiguous</c>.</exception>
    public BackfillSandbox Find(string name)
    {
        var running = Running;
        return running.Where(s => TextsOf(s).Contains(name.Trim(), StringComparer.OrdinalIgnoreCase)).ToList() switch
        {
            [var only] => only,
            [] => throw new BackfillException(
                "SandboxNotRunning",
                BackfillErrorKind.NotFound,
                $"No sandbox of this PowerShell session is called '{name}'. {Instead(running)}",
                name),
            var several => throw new BackfillException(
                "SandboxAmbiguous",
                BackfillErrorKind.InvalidInput,
                $"'{name}' means several sandboxes: {string.Join(", ", several.Select(NameOf))}. Name one of these.",
                name),
        };
    }

    private string Instead(IReadOnlyCollection<BackfillSandbox> running) => running.Count == 0
        ? "None is running: start one with Start-BackfillSandbox."
        : $"Name one that is running: {string.Join(", ", running.Select(NameOf))}.";

    /// <summary>The shortest name that means this sandbox and no other that is running.</summary>
    public string NameOf(BackfillSandbox sandbox) => Running.Count(s => s.Environment == sandbox.Environment) <= 1
        ? sandbox.Environment.ToString()
        : FormattableString.Invariant($"{sandbox.ProcessId}");

    public void StopAll()
    {
        foreach (var sandbox in Running)
            StopAsync(sandbox).GetAwaiter().GetResult();
    }

    /// <summary>Stops a sandbox and waits for its end. One that has ended is left alone.</summary>
    /// <exception cref="BackfillException"><c>SandboxNotOurs</c>: another process started it.</exception>
    public static async Task StopAsync(BackfillSandbox sandbox)
    {
        if (!Processes.TryGetValue(sandbox, out var process))
        {
            throw new BackfillException(
                "SandboxNotOurs",
                BackfillErrorKind.NotFound,
                $"The {sandbox} was not started by this PowerShell process. Stop it there; it also ends with the process that started it.",
                sandbox);
        }

        if (!process.HasExited)
            await process.StopAsync().ConfigureAwait(false);
    }

    private static IEnumerable<string> TextsOf(BackfillSandbox sandbox) =>
        [sandbox.Environment.ToString(), sandbox.ProjectRef, FormattableString.Invariant($"{sandbox.ProcessId}")];

    private static bool IsRunning(BackfillSandbox sandbox) =>
        Processes.TryGetValue(sandbox, out var process) && !process.HasExited;
}
