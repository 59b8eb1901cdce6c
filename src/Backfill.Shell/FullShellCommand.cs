using System.Management.Automation;

namespace Backfill.Shell;

/// <summary>
/// Stands in for a command that ships with PowerShell but not with its engine. It only says so: an imitation would behave
/// differently in a way that nobody has tested.
/// </summary>
[Cmdlet(VerbsLifecycle.Deny, "FullShellCommand")]
public sealed class FullShellCommand : PSCmdlet
{
    private static readonly Lazy<HashSet<string>> Names = new(ReadNames);

    /// <summary>Whatever the missing command was given.</summary>
    [Parameter(ValueFromRemainingArguments = true)]
    public object[] Arguments { get; set; } = [];

    /// <summary>Whatever was piped to the missing command.</summary>
    [Parameter(ValueFromPipeline = true)]
    public object? InputObject { get; set; }

    internal static void OnCommandNotFound(object? sender, CommandLookupEventArgs lookup)
    {
        if (Names.Value.TryGetValue(lookup.CommandName, out var name))
            lookup.Command = new CmdletInfo(name, typeof(FullShellCommand));
    }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        var name = MyInvocation.MyCommand.Name;
        var message =
            $"{name} ships with PowerShell 7.6, and this shell has the engine's core commands only. " +
            "Run the script with pwsh 7.6, or use .NET calls in it.";
        ThrowTerminatingError(new ErrorRecord(
            new CommandNotFoundException(message), "CommandNeedsFullShell", ErrorCategory.ObjectNotFound, name));
    }

    private static HashSet<string> ReadNames()
    {
        using var stream = typeof(FullShellCommand).Assembly.GetManifestResourceStream("FullShellCommands.txt")!;
        using var reader = new StreamReader(stream);
        return new HashSet<string>(
            reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            StringComparer.OrdinalIgnoreCase);
    }
}
