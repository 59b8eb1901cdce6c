using System.Globalization;
using System.Management.Automation.Host;

namespace Backfill.Shell;

internal sealed class ShellHost : PSHost
{
    private readonly ShellInterface _interface = new();

    public static Version ShellVersion { get; } = typeof(ShellHost).Assembly.GetName().Version!;

    /// <summary>What <c>exit</c> asked for; null as long as nothing did.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>Whether what would go to standard output goes to standard error.</summary>
    public bool WritesToErrors
    {
        get => _interface.WritesToErrors;
        set => _interface.WritesToErrors = value;
    }

    public ProgressLine Progress => _interface.Progress;

    public override string Name => "BackfillShell";
    public override Version Version => ShellVersion;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;
    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;
    public override PSHostUserInterface UI => _interface;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
    public override void EnterNestedPrompt() => throw NoOneAtThePrompt.Error("for commands in a nested prompt");
    public override void ExitNestedPrompt() => throw NoOneAtThePrompt.Error("for commands in a nested prompt");
    public override void NotifyBeginApplication() => Progress.Clear();

    public override void NotifyEndApplication()
    {
    }
}
