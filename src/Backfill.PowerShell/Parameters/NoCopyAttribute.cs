using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>
/// Refuses a copy of an object (from <c>Export-Clixml</c>, a job or another session) where the object itself is needed. Left to
/// PowerShell, the copy would be taken by the properties that it shares with other parameters, or for a new object with the same values.
/// </summary>
/// <param name="type">What it would be a copy of.</param>
/// <param name="remedy">How to get the object itself; a sentence.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NoCopyAttribute(Type type, string remedy) : ArgumentTransformationAttribute
{
    public Type Type { get; } = type;

    public string Remedy { get; } = remedy;

    /// <summary>Only copies with <see cref="Value"/> in this property are refused; without it, all are.</summary>
    public string? Property { get; init; }

    /// <summary>The value that makes a copy useless.</summary>
    public string? Value { get; init; }

    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        Copies.IsOf(inputData, Type) && (Property is null || $"{((PSObject)inputData!).Properties[Property]?.Value}" == Value)
            ? throw new ArgumentTransformationMetadataException(
                $"'{inputData}' is a copy of a {Type.Name}, from a file, a job or another session, and can't be used here. {Remedy}")
            : inputData;
}
