using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Streams;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>Reads plans. A plan with an error is refused; what is merely odd about it is a warning.</summary>
[Cmdlet(VerbsCommon.Get, "BackfillPlan", DefaultParameterSetName = PathSet)]
[OutputType(typeof(BackfillPlan))]
public sealed class GetBackfillPlanCommand : PlanPathCmdlet
{
    private protected override void Handle(PlanReading reading, PipelineStreams streams)
    {
        var plan = reading.Require();
        foreach (var warning in plan.Warnings)
            streams.Warn($"{plan.Path}, {warning}");
        streams.Write(plan);
    }
}
