using System.Management.Automation;

namespace Backfill.PowerShell.Questions;

/// <summary>Whether a cmdlet runs under <c>-WhatIf</c>; asked before ShouldProcess where a preview is other work.</summary>
internal static class WhatIf
{
    public static bool IsWhatIf(this PSCmdlet cmdlet) => cmdlet.MyInvocation.BoundParameters.TryGetValue("WhatIf", out var bound)
        ? LanguagePrimitives.IsTrue(bound)
        : LanguagePrimitives.IsTrue(cmdlet.SessionState.PSVariable.GetValue("WhatIfPreference"));
}
