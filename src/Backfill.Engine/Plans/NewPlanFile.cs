using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Plans;

/// <summary>Writes a new plan to a file that is known to load: it is read back before it takes its name.</summary>
internal static class NewPlanFile
{
    /// <summary>Writes it; another plan of that name is renamed with its date first.</summary>
    public static BackfillPlan WriteKeeping(NewPlan draft, string path)
    {
        var content = PlanWriter.Write(draft);
        BackfillPlan? plan = null;
        WholeFile.WriteKeeping(path, content.Span, stream => plan = Read(stream, path));
        // The very plan may lie there already; then nothing was written.
        return plan ?? Check(new PlanReader().Read(content, path));
    }

    /// <summary>Writes it where no file is, or over one.</summary>
    public static BackfillPlan Write(NewPlan draft, string path, bool overwrite)
    {
        BackfillPlan? plan = null;
        WholeFile.Write(path, PlanWriter.Write(draft).Span, stream => plan = Read(stream, path), overwrite);
        return plan!;
    }

    private static BackfillPlan Read(Stream stream, string path) => Check(new PlanReader().Read(stream, path));

    private static BackfillPlan Check(PlanReading reading)
    {
        var plan = reading.Require();
        return plan.Warnings.Count == 0 ? plan : throw new PlanException(
            PlanCodes.Invalid,
            reading.Path,
            $"The plan {reading.Path} was not written, because it would load with a warning. Change its cause, then try again. {plan.Warnings[0]}");
    }
}
