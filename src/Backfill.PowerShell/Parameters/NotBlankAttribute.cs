using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>Refuses a text without a visible character.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotBlankAttribute : ValidateArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void Validate(object arguments, EngineIntrinsics engineIntrinsics)
    {
        if (string.IsNullOrWhiteSpace(arguments as string))
            throw new ValidationMetadataException("It is blank. Give a text, or leave the parameter out.");
    }
}
