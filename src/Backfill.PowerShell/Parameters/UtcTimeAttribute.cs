using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Backfill.PowerShell.Parameters;

/// <summary>Takes a time; one without an offset is UTC, in whatever culture and zone the shell runs.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed partial class UtcTimeAttribute : ArgumentTransformationAttribute
{
    /// <remarks>
    /// Otherwise a null that was given would pass for a time that was not, and a misspelt variable would widen a selection to all.
    /// A parameter that is left out does not come here.
    /// </remarks>
    public override bool TransformNullOptionalParameters => true;

    public override object Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null => throw new ArgumentTransformationMetadataException(
                "The time is null. Look whether the variable is spelt right and set; for no limit, leave the parameter out."),
            DateTimeOffset => value,
            // Of unspecified kind, as from a cast of text: the hands of the clock are taken as UTC.
            DateTime { Kind: DateTimeKind.Unspecified } time => new DateTimeOffset(time, TimeSpan.Zero),
            DateTime time => new DateTimeOffset(time),
            string text when YearFirst().IsMatch(text) && DateTimeOffset.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time,
            _ => throw new ArgumentTransformationMetadataException(
                $"'{value}' is ambiguous as a time. Write it as 2025-09-17 or 2025-09-17T08:00:00Z; without an offset it is taken as UTC. Export times to CSV with .ToString('o')."),
        };
    }

    /// <summary>
    /// 05-09-2025 is in May for some readers and in September for others. With the year first, everybody reads the same day.
    /// </summary>
    [GeneratedRegex(
        @"^\s*\d{4}-\d\d-\d\d([T ]\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?(Z|[+-]\d\d(:?\d\d)?))?)?\s*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex YearFirst();
}
