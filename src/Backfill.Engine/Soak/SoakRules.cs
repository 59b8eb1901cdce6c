using System.Globalization;
using Backfill.Engine.Connections;

namespace Backfill.Engine.Soak;

/// <summary>What must hold before a soak begins. Pure.</summary>
internal static class SoakRules
{
    /// <summary>More would be a load, and no report.</summary>
    private const int MostSamples = 10_000;

    public static void Check(SoakRequest request, BackfillConnection connection)
    {
        if (connection.Environment == BackfillEnvironment.Production)
        {
            throw new BackfillException(
                "SoakOnProduction",
                BackfillErrorKind.Refused,
                $"{connection} is production. A soak watches staging, before anything goes to production; Test-ProdHealth looks at production.",
                connection);
        }

        if (request.RunId is { } runId && connection.Identity.InstallId is null)
        {
            throw new BackfillException(
                "LedgerNeeded",
                BackfillErrorKind.InvalidState,
                "-RunId keeps samples and verdict in the ledger, and this connection has none. "
                + "Connect as the ledger's owner, or leave -RunId out to get a report without a gate.",
                runId);
        }

        if (connection.SubjectTable is { } table && request.RunId is null && request.EngineVersion is null)
        {
            throw new BackfillException(
                "EngineVersionMissing",
                BackfillErrorKind.InvalidInput,
                $"{connection} is another project ({table}): say with -EngineVersion which version its results must have, or name a run with -RunId.",
                connection);
        }

        Require(request.Duration is null || request.Duration > TimeSpan.Zero, "-Duration must be more than 0.", request.Duration);
        Require(request.Interval is null || request.Interval > TimeSpan.Zero, "-Interval must be more than 0.", request.Interval);
        Require(request.GracePeriod is null || request.GracePeriod >= TimeSpan.Zero, "-GracePeriod must be 0 or more.", request.GracePeriod);
        Require(request.Baseline is null or >= 0 and <= 1, "-Baseline must be a ratio from 0 to 1, for example 0.85.", request.Baseline);
        Require(request.MinimumSample is null or >= 1, "-MinimumSample must be 1 or more.", request.MinimumSample);
        Require(
            request.TokenSample is null or (>= 0 and <= 1000), "-TokenSample must be from 0 to 1000; 0 tries none.", request.TokenSample);
        Require(request.MaxFailedSamples >= 1, "-MaxFailedSamples must be 1 or more.", request.MaxFailedSamples);
    }

    /// <summary>The settings of a new soak.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="engineVersion">The run's engine version, if there is a run.</param>
    /// <param name="fcVersion">The run's forced-choice version, if there is a run.</param>
    /// <param name="duration">How long the window is.</param>
    public static SoakSettings Settings(SoakRequest request, string? engineVersion, string? fcVersion, TimeSpan duration)
    {
        var interval = request.Interval ?? (duration < SoakDefaults.Interval ? duration : SoakDefaults.Interval);
        var sixth = duration / 6;
        var grace = request.GracePeriod ?? (sixth < SoakDefaults.GracePeriod ? sixth : SoakDefaults.GracePeriod);
        Require(grace < duration, "-GracePeriod must be shorter than the window: sessions completed within it are not judged.", grace);
        Require(interval <= duration, "-Interval must be at most -Duration.", interval);
        Require(duration / interval <= MostSamples, string.Create(
            CultureInfo.InvariantCulture, $"That would be more than {MostSamples} samples. Make -Interval longer."), interval);
        return new(
            duration,
            interval,
            request.Baseline ?? SoakDefaults.Baseline,
            request.MinimumSample ?? SoakDefaults.MinimumSample,
            request.TokenSample ?? SoakDefaults.TokenSample,
            grace,
            request.EngineVersion ?? engineVersion ?? SoakDefaults.EngineVersion,
            request.FcVersion ?? fcVersion ?? SoakDefaults.FcVersion);
    }

    /// <summary>A soak under way is measured against what it was begun with, or its verdict would mean nothing.</summary>
    public static void CheckSame(SoakRequest request, SoakTicket soak)
    {
        var s = soak.Settings;
        var other = Differs(request.Duration, s.Duration) ? "-Duration"
            : Differs(request.Interval, s.Interval) ? "-Interval"
            : Differs(request.Baseline, s.Baseline) ? "-Baseline"
            : Differs(request.MinimumSample, s.MinimumSample) ? "-MinimumSample"
            : Differs(request.TokenSample, s.TokenSample) ? "-TokenSample"
            : Differs(request.GracePeriod, s.GracePeriod) ? "-GracePeriod"
            : request.EngineVersion is { } engine && engine != s.EngineVersion ? "-EngineVersion"
            : request.FcVersion is { } fc && fc != s.FcVersion ? "-FcVersion"
            : null;
        if (other is not null)
        {
            throw new BackfillException(
                "SoakSettingDiffers",
                BackfillErrorKind.InvalidState,
                string.Create(CultureInfo.InvariantCulture, $"A soak of run {soak.RunId} is under way until {soak.Window.End.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z with another {other}. To resume it, leave the setting out, or give the value that it began with."),
                soak.RunId);
        }
    }

    private static bool Differs<T>(T? given, T own)
        where T : struct, IEquatable<T> => given is { } value && !value.Equals(own);

    private static void Require(bool holds, string message, object? value)
    {
        if (!holds)
            throw new BackfillException("SoakSettingInvalid", BackfillErrorKind.InvalidInput, message, value);
    }
}
