using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace Backfill.PowerShell.Pipeline;

/// <summary>
/// Asks before a decision. The default is No, and only <c>-Confirm:$false</c> on the very command goes without asking:
/// <c>$ConfirmPreference</c> does not count.
/// </summary>
internal static class Question
{
    /// <summary>Whether the command itself was told not to ask.</summary>
    public static bool IsAnswered(PSCmdlet cmdlet) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue("Confirm", out var bound) && !LanguagePrimitives.IsTrue(bound);

    /// <summary>Asks on the pipeline's thread.</summary>
    /// <exception cref="BackfillException"><c>ConfirmationNeeded</c>: nobody can be asked. <c>NotConfirmed</c>: the answer was No.</exception>
    public static void Ask(PSCmdlet cmdlet, string caption, string message, object? target)
    {
        if (IsAnswered(cmdlet))
            return;
        var choices = new Collection<ChoiceDescription>
        {
            new("&Yes", "Do it."),
            new("&No", "Change nothing."),
        };
        if (Choose(cmdlet, caption, message, choices, target) != 0)
        {
            throw new BackfillException(
                "NotConfirmed", BackfillErrorKind.Refused, $"{caption} It was not confirmed, and nothing was changed.", target);
        }
    }

    private static int Choose(
        PSCmdlet cmdlet, string caption, string message, Collection<ChoiceDescription> choices, object? target)
    {
        try
        {
            // A host need not have a user interface at all.
            return (cmdlet.Host.UI ?? throw new PSNotSupportedException()).PromptForChoice(caption, message, choices, defaultChoice: 1);
        }
        catch (Exception e) when (e is HostException or InvalidOperationException or NotImplementedException or NotSupportedException)
        {
            throw new BackfillException(
                "ConfirmationNeeded",
                BackfillErrorKind.Refused,
                $"{caption} Nobody can be asked here, so nothing was changed. Where no person is at the prompt, give -Confirm:$false to this very command.",
                target,
                e);
        }
    }
}
