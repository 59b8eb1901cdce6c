using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>Refuses a text that names no gate, and says which there are.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class GateNameTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string text
        && !string.IsNullOrWhiteSpace(text) && !Enum.TryParse<BackfillGateName>(text, ignoreCase: true, out _)
            ? throw new ArgumentTransformationMetadataException(
                $"'{text}' is no gate. The gates are {string.Join(", ", Enum.GetNames<BackfillGateName>())}.")
            : inputData;
}
