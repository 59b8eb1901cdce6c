using System.Management.Automation;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Bases;

/// <summary>A cmdlet that looks for sessions that lack something.</summary>
public abstract class HealthCmdlet : ConnectedCmdlet
{
    /// <summary>Only sessions completed then or later; by default 2025-08-01, UTC.</summary>
    [Parameter]
    [UtcTime]
    public DateTimeOffset Since { get; set; } = PlanBatch.DefaultSince;

    /// <summary>The results version that a profile must have.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string EngineVersion { get; set; } = HealthDefaults.EngineVersion;

    /// <summary>The version that FC scores must have.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string FcVersion { get; set; } = HealthDefaults.FcVersion;

    /// <summary>How long one statement may take in the database; by default 10 minutes.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? StatementTimeout { get; set; }

    private protected HealthQuery Query(BackfillConnection connection, DateTimeOffset? until = null, int? first = null)
    {
        RequireVersion(connection);
        var timeout = StatementTimeout ?? HealthDefaults.StatementTimeout;
        // Zero would mean none at all to PostgreSQL; a day is its reader's patience.
        return timeout > TimeSpan.Zero && timeout <= TimeSpan.FromDays(1)
            ? new(Since, until, EngineVersion, FcVersion, first, timeout)
            : throw new BackfillException(
                "StatementTimeoutInvalid",
                BackfillErrorKind.InvalidInput,
                "-StatementTimeout must be over 0 and at most 24h.",
                timeout);
    }
}
