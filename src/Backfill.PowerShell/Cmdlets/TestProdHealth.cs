using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>
/// Measures what completed sessions lack, writes the report and, if one is needed, the plan that repairs it. Changes nothing in
/// the target; any environment can be checked.
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "ProdHealth")]
[OutputType(typeof(ProdHealthReport))]
[OutputType(typeof(bool))]
public sealed class TestProdHealthCommand : HealthCmdlet
{
    /// <summary>The folder of report and plan; by default the current one.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    /// <summary>Sessions a batch of the plan.</summary>
    [Parameter]
    [ValidateRange(1, 100_000)]
    public int BatchSize { get; set; } = HealthDefaults.BatchSize;

    /// <summary>Gives true if it is healthy, else false; the files are written all the same.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        var request = new HealthRequest
        {
            Query = Query(connection),
            OutputPath = OutputPath is null ? FilePaths.Here(SessionState) : FilePaths.Literal(SessionState, OutputPath),
            BatchSize = BatchSize,
        };
        Work(async (streams, stop) =>
        {
            var report = await Engine.CheckHealthAsync(connection, request, streams.Warn, stop).ConfigureAwait(false);
            if (report.SessionsAnalyzed == 0)
            {
                streams.Warn(FormattableString.Invariant(
                    $"{connection}: no session was completed since {report.Since.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z. Check -Since and the connection."));
            }

            streams.Milestone(
                FormattableString.Invariant(
                    $"{connection}: {report.Status}; {report.NeedingBackfill} of {report.SessionsAnalyzed} sessions need a backfill. The report is {report.ReportPath}."),
                "HealthChecked");
            streams.Write(Quiet ? report.Status == ProdHealthStatus.Healthy : report);
        });
    }
}
