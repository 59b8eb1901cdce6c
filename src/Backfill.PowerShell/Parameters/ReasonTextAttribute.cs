using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Backfill.PowerShell.Parameters;

/// <summary>
/// Refuses a reason that says nothing: dots, or a placeholder in angle brackets, as a command may be copied from somewhere.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class ReasonTextAttribute : ValidateArgumentsAttribute
{
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (Convert.ToString(arguments, System.Globalization.CultureInfo.InvariantCulture) is { } reason && Placeholder().IsMatch(reason))
            throw new ValidationMetadataException(
                $"'{reason}' is a placeholder. Say why, in your words: the reason is kept in the ledger.");
    }

    [GeneratedRegex(@"^\s*(['""]?[.…\s]*[.…][.…\s]*['""]?|<[^<>]*>)\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
