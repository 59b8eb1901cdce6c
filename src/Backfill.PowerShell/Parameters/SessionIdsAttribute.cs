using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>
/// Takes session ids. What names none (null, a blank cell of a CSV, a text that is no id) becomes the empty id, which every selection
/// refuses: left to PowerShell, it would go for "no selection", and that means all.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SessionIdsAttribute : ArgumentTransformationAttribute
{
    public override bool TransformNullOptionalParameters => true;

    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            Guid[] ids => ids,
            string or null => new[] { Of(value) },
            IEnumerable items => items.Cast<object?>().Select(i => Of(i is PSObject o ? o.BaseObject : i)).ToArray(),
            _ => new[] { Of(value) },
        };
    }

    private static Guid Of(object? item) => item is Guid id ? id
        : Guid.TryParse(Convert.ToString(item, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture, out var parsed) ? parsed
        : Guid.Empty;
}
