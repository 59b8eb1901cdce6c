using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace Backfill.PowerShell.Questions;

/// <summary>
/// Asks before a decision. The default is No, and only <c>-Confirm:$false</c> on the very command goes without asking:
/// neither <c>$ConfirmPreference</c> nor a default of <c>$PSDefaultParameterValues</c> counts.
/// </summary>
internal static class Question
{
    /// <summary>Asks on the pipeline's thread.</summary>
    /// <exception cref="BackfillException">
    /// <c>ConfirmationNeeded</c>: nobody can be asked. <c>NotConfirmed</c>: the answer was No.
    /// </exception>
    public static void Ask(PSCmdlet cmdlet, string caption, string message, object? target)
    {
        var isDeclined = cmdlet.MyInvocation.BoundParameters.TryGetValue("Confirm", out var bound) && !LanguagePrimitives.IsTrue(bound);
        var byDefault = isDeclined ? ConfirmDefault.Find(cmdlet) : null;
        if (isDeclined && byDefault is null)
            return;
        var choices = new Collection<ChoiceDescription>
        {
            new("&Yes", "Do it."),
            new("&No", "Change nothing."),
        };
        if (Choose(cmdlet, caption, message, choices, target, byDefault) != 0)
        {
            throw new BackfillException(
                "NotConfirmed", BackfillErrorKind.Refused, $"{caption} Nothing was changed. Answer Yes to do it.", target);
        }
    }

    private static int Choose(
        PSCmdlet cmdlet, string caption, string message, Collection<ChoiceDescription> choices, object? target, string? byDefault)
    {
        try
        {
            // The console takes its answers from any input, even a file. A person sits at a terminal only. A job puts its question to
            // whoever receives from it, if anybody ever does, and stands still until then.
            if (cmdlet.Host.Name == "ConsoleHost" ? Console.IsInputRedirected : IsJob(cmdlet))
                throw new PSNotSupportedException();
            // A host need not have a user interface at all.
            return (cmdlet.Host.UI ?? throw new PSNotSupportedException()).PromptForChoice(caption, message, choices, defaultChoice: 1);
        }
        // A job's host says RemoteException; PowerShell's console NullReferenceException, where its input ends before there is an answer.
        catch (Exception e) when (e is HostException or InvalidOperationException or NotImplementedException or NotSupportedException
            or RemoteException or NullReferenceException)
        {
            throw new BackfillException(
                "ConfirmationNeeded",
                BackfillErrorKind.Refused,
                $"{caption} Nothing was changed: nobody can be asked here. {Remedy(byDefault)}",
                target,
                e);
        }
    }

    /// <summary>
    /// Whether this process is a job's: PowerShell starts it with <c>-s</c>. A remote session's (<c>-sshs</c>) may have a person
    /// before it.
    /// </summary>
    private static bool IsJob(PSCmdlet cmdlet) => cmdlet.Host.Name == "ServerRemoteHost"
        && Array.Exists(Environment.GetCommandLineArgs(), a => a.TrimStart('-', '/').ToUpperInvariant() is "S" or "SERVERMODE");

    /// <summary>A default does not count, and while it is there, what was given can't be told from it.</summary>
    private static string Remedy(string? byDefault) => byDefault is null
        ? "Give -Confirm:$false to this very command."
        : $"Remove '{byDefault}' from $PSDefaultParameterValues, then give -Confirm:$false.";
}
