using System.Text.Json;
using Backfill.Engine.Gates;

namespace Backfill.Engine.Reports.Apply;

/// <summary>Gates in reports: criteria, decisions, and head and count of the run's chain as they were when it was written.</summary>
internal static class GateSection
{
    public static void Write(Markdown text, IReadOnlyList<BackfillGate> gates)
    {
        foreach (var gate in gates)
        {
            text.Line($"## Gate {gate.Name}: {gate.Status}").Line()
                .Head("Criterion", "Expected", "Actual", "Met");
            foreach (var c in gate.Criteria)
                text.Row(c.Name, c.Expected, c.Actual, c.Passed switch { true => "yes", false => "**no**", null => "not measured" });
            text.Line();
            if (gate.DecidedBy is not null)
                text.Line($"{GateText.DecidedBy(gate)} {Markdown.Plain(gate.DecidedBy)} at {Markdown.Time(gate.DecidedAt)}{(gate.Overridden ? ", **with -Override**" : "")}: {Markdown.Plain(gate.Reason ?? "")}").Line();
            text.Line($"Plan SHA-256 `{gate.PlanHash}`, evidence SHA-256 `{gate.EvidenceHash}`.").Line()
                .Line($"Decisions of the run when this was written: {gate.ChainCount}{(gate.ChainHead is null ? "" : $", the newest with SHA-256 `{gate.ChainHead}`")}.").Line();
            if (gate.ChainBreak is not null)
                text.Line($"**The decisions are not as they were written:** {Markdown.Plain(gate.ChainBreak)}.").Line();
            if (GateRules.Allows(gate.Status, GateRequest.Approve))
                text.Line($"To decide: `{GateText.ApproveCommand(gate)}`, or Deny-BackfillGate.").Line();
        }
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<BackfillGate> gates)
    {
        json.WriteStartObject("gates");
        json.WriteNumber("chain_count", gates.Count == 0 ? 0 : gates[0].ChainCount);
        json.WriteString("chain_head", gates.Count == 0 ? null : gates[0].ChainHead);
        json.WriteString("chain_break", gates.Count == 0 ? null : gates[0].ChainBreak);
        json.WriteStartArray("items");
        foreach (var gate in gates)
            Write(json, gate);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BackfillGate gate)
    {
        json.WriteStartObject();
        json.WriteString("name", gate.Name.ToString());
        json.WriteString("status", gate.Status.ToString());
        json.WriteBoolean("passed", gate.Passed);
        json.WriteString("plan_sha256", gate.PlanHash);
        json.WriteString("evidence_sha256", gate.EvidenceHash);
        json.WriteString("decided_by", gate.DecidedBy);
        json.Time("decided_at", gate.DecidedAt);
        json.WriteString("reason", gate.Reason);
        json.WriteBoolean("overridden", gate.Overridden);
        json.WriteStartArray("criteria");
        foreach (var c in gate.Criteria)
        {
            json.WriteStartObject();
            json.WriteString("name", c.Name);
            json.WriteString("expected", c.Expected);
            json.WriteString("actual", c.Actual);
            if (c.Passed is { } passed)
                json.WriteBoolean("passed", passed);
            else
                json.WriteNull("passed");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
