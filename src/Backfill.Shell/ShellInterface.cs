using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace Backfill.Shell;

/// <summary>Streams as pwsh's console has them: only errors go to standard error. Whatever asks is refused.</summary>
internal sealed class ShellInterface : PSHostUserInterface
{
    public ProgressLine Progress { get; } = new();

    public override PSHostRawUserInterface RawUI { get; } = new ShellScreen();

    public override bool SupportsVirtualTerminal { get; } =
        !Console.IsOutputRedirected
        && Environment.GetEnvironmentVariable("NO_COLOR") is null
        && ShellScreen.UnderstandsEscapes;

    public bool WritesToErrors { get; set; }

    public override void Write(string value)
    {
        if (WritesToErrors)
            WriteError(value);
        else
            Print(Console.Out, value, SupportsVirtualTerminal);
    }

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(PSStyle.MapForegroundColorToEscapeSequence(foregroundColor) + value + PSStyle.Instance.Reset);

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value) => WriteError(value + Environment.NewLine);

    public override void WriteWarningLine(string message) => WriteStyled(PSStyle.Instance.Formatting.Warning, "WARNING", message);

    public override void WriteVerboseLine(string message) => WriteStyled(PSStyle.Instance.Formatting.Verbose, "VERBOSE", message);

    public override void WriteDebugLine(string message) => WriteStyled(PSStyle.Instance.Formatting.Debug, "DEBUG", message);

    public override void WriteProgress(long sourceId, ProgressRecord record) => Progress.Show(record);

    public override string ReadLine() => throw NoOneAtThePrompt.Error("for a line");

    public override SecureString ReadLineAsSecureString() => throw NoOneAtThePrompt.Error("for a secret");

    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, Collection<FieldDescription> descriptions) =>
        throw NoOneAtThePrompt.Error($"for {string.Join(", ", descriptions.Select(field => field.Name))}");

    public override int PromptForChoice(
        string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        throw NoOneAtThePrompt.Error(message);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        throw NoOneAtThePrompt.Error("for a credential");

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) =>
        throw NoOneAtThePrompt.Error("for a credential");

    private void WriteError(string value) =>
        Print(Console.Error, value, SupportsVirtualTerminal && !Console.IsErrorRedirected);

    private void WriteStyled(string style, string prefix, string message) =>
        WriteLine($"{style}{prefix}: {message}{PSStyle.Instance.Reset}");

    private void Print(TextWriter writer, string value, bool colours)
    {
        Progress.Clear();
        writer.Write(GetOutputString(value, colours));
    }
}
