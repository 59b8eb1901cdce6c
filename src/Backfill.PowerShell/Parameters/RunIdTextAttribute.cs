using System.Collections;
using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>
/// Refuses a text that is no run id, and says where ids are to be had. All else is left to PowerShell, which tells of a text that it
/// can't turn into an id only that no parameter takes it.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RunIdTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = Bare(inputData);
        foreach (var item in value is IEnumerable items and not string ? items.Cast<object?>() : [value])
        {
            if (Bare(item) is string text && !string.IsNullOrWhiteSpace(text) && !Guid.TryParse(text, out _))
                throw new ArgumentTransformationMetadataException(
                    $"'{text}' is no run id. Get-BackfillRun lists the runs; the tab key completes their ids.");
        }

        return inputData;
    }

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
