using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Lists everything that is wrong or odd about plans, with its place.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BackfillPlan", DefaultParameterSetName = PathSet)]
[OutputType(typeof(BackfillPlanProblem))]
[OutputType(typeof(bool))]
public sealed class TestBackfillPlanCommand : PlanPathCmdlet
{
    /// <summary>Gives true for each plan that could run, else false, and nothing more.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Handle(PlanReading reading, PipelineStreams streams)
    {
        if (Quiet)
        {
            streams.Write(reading.Plan is not null);
            return;
        }

        foreach (var problem in reading.Problems)
            streams.Write(problem);
    }
}
