using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>Lets a span be written as <c>30d</c>, <c>6h</c>, <c>5m</c>, <c>90s</c> or <c>hh:mm:ss</c>; a bare number is refused.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SpanAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var input = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return input switch
        {
            null or TimeSpan => input,
            string text when SpanText.TryParse(text, out var span) => span,
            // To PowerShell a bare 90s is a number of 16 bits, and 30d a decimal; what was written still stands beside it.
            short or decimal when inputData is PSObject
                && SpanText.TryParse(LanguagePrimitives.ConvertTo<string>(inputData), out var span) => span,
            _ => throw new ArgumentTransformationMetadataException(
                $"'{LanguagePrimitives.ConvertTo<string>(inputData)}' is no span of time. Write 30d, 6h, 5m, 90s, 500ms or hh:mm:ss; a bare number has no unit."),
        };
    }
}
