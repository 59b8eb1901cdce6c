using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists completed sessions that lack a profile or FC scores of the version in force, oldest first. Reads only.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillCandidate")]
[OutputType(typeof(BackfillCandidate))]
public sealed class GetBackfillCandidateCommand : HealthCmdlet
{
    /// <summary>Only sessions completed before that time.</summary>
    [Parameter]
    [UtcTime]
    public DateTimeOffset? Until { get; set; }

    /// <summary>At most so many.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = OpenConnection(writes: false);
        var query = Query(connection, Until, First);
        Work((streams, stop) =>
        {
            streams.Explain(
                $"Candidates on {connection}: completed since {query.Since:O}, engine {query.EngineVersion}, FC {query.FcVersion}.");
            return streams.WriteAllAsync(Engine.FindCandidatesAsync(connection, query, stop), stop);
        });
    }
}
