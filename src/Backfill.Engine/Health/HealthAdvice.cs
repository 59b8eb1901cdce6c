namespace Backfill.Engine.Health;

/// <summary>What to do after a health check: commands, in order.</summary>
internal static class HealthAdvice
{
    public static ItemList<string> Of(
        BackfillConnection connection, HealthQuery query, HealthFigures figures, BackfillPlan? plan, HealthReading reading)
    {
        var analyzed = reading.SessionsAnalyzed;
        var steps = new List<string>();
        var versions = Versions(query);
        if (analyzed == 0)
            steps.Add("Check -Since and the connection: no session was completed in the window.");
        if (plan is not null)
            AddPlan(steps, connection, figures, plan, versions);
        else if (analyzed > 0)
            steps.Add("Nothing needs a backfill.");
        if (reading.Undated > 0)
            AddUndated(steps, reading, versions);
        if (figures.NotBackfillable > 0)
        {
            var reasons = string.Join("; ", figures.Reasons.Select(r => FormattableString.Invariant($"{r.Value}: {r.Key}")));
            steps.Add(FormattableString.Invariant($"{figures.NotBackfillable} sessions can't be backfilled, and are in no plan ({reasons}). ")
                + $"See them: Get-BackfillCandidate{versions} | Where-Object {{ -not $_.Backfillable }}");
            if (figures.Reasons.ContainsKey(CandidateRules.Refused))
                steps.Add($"Fix what made a function refuse them. Then plan those sessions with New-BackfillPlan{versions} -SessionId.");
        }

        return new(steps);
    }

    /// <summary>What a printed command must say to look for the same.</summary>
    private static string Versions(HealthQuery query) =>
        (query.EngineVersion == HealthDefaults.EngineVersion ? "" : $" -EngineVersion {query.EngineVersion}")
        + (query.FcVersion == HealthDefaults.FcVersion ? "" : $" -FcVersion {query.FcVersion}");

    private static void AddUndated(List<string> steps, HealthReading reading, string versions)
    {
        var some = string.Join(", ", reading.UndatedIds.Take(3));
        steps.Add(FormattableString.Invariant(
            $"{reading.Undated} completed sessions have no completed_at (null, or infinite), for example {some}. Set it, then check again."));
        if (reading.UndatedIds.Count > 0)
            steps.Add($"Or plan them as they are, with their ids: New-BackfillPlan{versions} -SessionId {reading.UndatedIds[0]}");
    }

    private static void AddPlan(
        List<string> steps, BackfillConnection connection, HealthFigures figures, BackfillPlan plan, string versions)
    {
        var path = $"'{plan.Path.Replace("'", "''", StringComparison.Ordinal)}'";
        if (plan.TotalCandidates < figures.NeedingBackfill)
        {
            steps.Add(FormattableString.Invariant(
                $"The plan holds the {plan.TotalCandidates} oldest of {figures.NeedingBackfill} sessions. Check again when it is applied."));
        }

        steps.Add($"Look at the plan: Get-BackfillPlan {path} | Format-List");
        if (connection.MeasuresOnly)
            steps.Add("Connect as the owner of the tables, with the ledger: this connection only measures.");
        steps.Add($"See every call it would make: Invoke-BackfillApply {path}{connection.GetArgument()} -WhatIf");
        steps.Add(plan.Environment == BackfillEnvironment.Production
            ? $"Freeze it as a run, which waits at the gate ProdApply and calls nothing: Invoke-BackfillApply {path} -Connection {connection.GetName()}"
            : $"Apply it: Invoke-BackfillApply {path}{connection.GetArgument()}");
        if (plan.Environment == BackfillEnvironment.Production)
            steps.Add($"Start it when the gate is approved: Get-BackfillRun -Latest -Connection {connection.GetName()} | Invoke-BackfillApply");
        steps.Add($"Check again: Test-ProdHealth{versions}");
        steps.Add("If a session was Skipped as AlreadyApplied, it has lost its rows since. Find out why, then use -Reprocess All.");
    }
}
