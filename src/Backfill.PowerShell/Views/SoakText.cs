using System.Globalization;

namespace Backfill.PowerShell.Views;

/// <summary>What the views show of a soak's samples; empty where it was not measured.</summary>
public static class SoakText
{
    /// <summary>The share tokens of a sample.</summary>
    /// <param name="sample">The sample.</param>
    /// <returns>For example <c>20/20</c>: for so many of those tried, the right token and only the right one worked.</returns>
    public static string Tokens(SoakSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample is { TokensTested: { } tested, TokensAccepted: { } accepted, WrongTokensRefused: { } refused }
            ? Text($"{Math.Min(accepted, refused)}/{tested}")
            : "";
    }

    /// <summary>The conversion of a sample with its 95 % interval.</summary>
    /// <param name="sample">The sample.</param>
    /// <returns>For example <c>95.0 % (88.8-97.8)</c>.</returns>
    public static string Rate(SoakSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.ConversionRate is { } rate
            ? Text($"{rate * 100:0.0} % ({sample.ConversionLowerBound * 100:0.0}-{sample.ConversionUpperBound * 100:0.0})")
            : "";
    }

    /// <summary>A sample's window's end, and how much of it was left when the sample was taken, by the target's clock.</summary>
    /// <param name="sample">The sample.</param>
    /// <returns>For example <c>2025-09-17 14:00:00Z (58 min left)</c>.</returns>
    public static string End(SoakSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        var end = ViewText.Time(sample.WindowEnd);
        return sample.At < sample.WindowEnd ? $"{end} ({TimeLeft.Of(sample.WindowEnd - sample.At)})" : end;
    }

    /// <summary>A ratio.</summary>
    /// <param name="ratio">From 0 to 1.</param>
    /// <returns>For example <c>85.0 %</c>.</returns>
    public static string Percent(double ratio) => Text($"{ratio * 100:0.0} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
