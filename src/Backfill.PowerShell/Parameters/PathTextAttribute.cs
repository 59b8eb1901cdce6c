using System.Collections;
using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>Takes strings and files for a path, and nothing else.</summary>
/// <remarks>
/// Any object becomes a string if asked. Without this, a plan or a run in the pipeline would be taken for the name of a
/// file before its own property is looked at.
/// </remarks>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PathTextAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData) => Unwrap(inputData) switch
    {
        string text => new[] { text },
        IEnumerable many => many.Cast<object?>().Select(Text).ToArray(),
        var one => new[] { Text(one) },
    };

    private static string Text(object? item) => Unwrap(item) switch
    {
        string text => text,
        FileSystemInfo file => file.FullName,
        PathInfo path => path.ProviderPath,
        var other => throw NoPath(other),
    };

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static ArgumentTransformationMetadataException NoPath(object? other)
    {
        var message = other is null
            ? "A path is null. Look whether what it was taken from is spelt right and has one: a report of healthy data, for example, has no PlanPath."
            : $"A path is a string or a file, not a {other.GetType().Name}.";
        // With this inner exception the binder goes on to the object's properties.
        return new(message, new PSInvalidCastException(message));
    }
}
