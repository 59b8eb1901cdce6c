using System.Text;
using System.Text.Json;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Gates;

/// <summary>What a decision is bound to: the ledger's own figures as one canonical JSON text, the same for the same ledger.</summary>
internal static class GateEvidence
{
    public static string Of(GateFacts facts, BackfillGateName gate)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("gate", gate.ToString());
            json.WriteString("run_id", facts.RunId);
            json.WriteString("environment", facts.Environment.ToString());
            json.WriteString("plan_sha256", facts.PlanHash);
            json.WriteString("document_sha256", GateChain.HashOf(facts.Document));
            json.WriteString("module_version", facts.ModuleVersion);
            json.WriteString("sessions_listed_sha256", facts.Apply.ListDigest);
            // What was measured was measured by it.
            if (facts.ProfileHash is { } profile)
                json.WriteString("target_profile_sha256", profile);
            switch (gate)
            {
                case BackfillGateName.ApplyReview:
                    WriteApply(json, facts);
                    break;
                case BackfillGateName.BatchReview:
                    WriteReview(json, facts);
                    break;
                case BackfillGateName.SoakGoNoGo:
                    WriteSoak(json, facts);
                    break;
                default:
                    WriteHealth(json, facts.Health);
                    break;
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteApply(Utf8JsonWriter json, GateFacts facts)
    {
        var a = facts.Apply;
        json.WriteString("state", facts.State.ToString());
        json.WriteNumber("total", a.Total);
        json.WriteNumber("succeeded", a.Succeeded);
        json.WriteNumber("no_effect", a.NoEffect);
        json.WriteNumber("failed", a.Failed);
        json.WriteNumber("skipped", a.Skipped);
        // Where there is none, evidence reads as it did before this was counted.
        if (a.NeverCalled > 0)
            json.WriteNumber("never_called", a.NeverCalled);
        json.WriteNumber("unknown", a.Unknown);
        json.WriteNumber("remaining", a.Remaining);
        json.WriteNumber("breaker_opened", a.BreakerOpened);
        json.WriteNumber("without_images", a.WithoutImages);
        json.WriteNumber("rolled_back", a.RolledBack);
        // Only where they say something: what was approved without them still holds.
        WriteSome(json, "plan_total", a.IsPart ? a.PlanTotal : 0);
        WriteSome(json, "earlier_no_effect", a.EarlierNoEffect);
        WriteSome(json, "earlier_failed", a.EarlierFailed);
        WriteSome(json, "earlier_unknown", a.EarlierUnknown);
        json.WriteString("sessions_sha256", a.SessionsDigest);
        json.WriteString("images_sha256", a.ImagesDigest);
        json.WriteStartArray("changes");
        foreach (var (line, change) in a.Changes.Select(c => (Line(c), c)).OrderBy(c => c.Item1, StringComparer.Ordinal))
        {
            json.WriteStartArray();
            json.WriteStringValue(line);
            json.WriteNumberValue(change.NewRows);
            json.WriteNumberValue(change.UpdatedRows);
            json.WriteNumberValue(change.DeletedRows);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        // Not facts.Rows: the evidence is the ledger's own figures, and those are the live system's.
    }

    /// <summary>Only what lies before the review: what comes after it changes while the run goes on.</summary>
    private static void WriteReview(Utf8JsonWriter json, GateFacts facts)
    {
        if (BatchReviews.Current(facts) is not { } r)
            return;
        json.WriteNumber(BatchReviews.Place, r.AfterOrdinal);
        json.WriteString("after", r.Name);
        json.WriteNumber("total", r.Total);
        json.WriteNumber("succeeded", r.Succeeded);
        json.WriteNumber("no_effect", r.NoEffect);
        json.WriteNumber("failed", r.Failed);
        json.WriteNumber("skipped", r.Skipped);
        json.WriteNumber("unknown", r.Unknown);
        json.WriteNumber("remaining", r.Remaining);
        json.WriteNumber("rolled_back", facts.Apply.RolledBack);
        WriteSome(json, "earlier_no_effect", facts.Apply.EarlierNoEffect);
        WriteSome(json, "earlier_failed", facts.Apply.EarlierFailed);
        WriteSome(json, "earlier_unknown", facts.Apply.EarlierUnknown);
        WriteSome(json, "guard_holds", r.GuardHolds);
        json.WriteString("sessions_sha256", r.SessionsDigest);
        json.WriteString("images_sha256", r.ImagesDigest);
    }

    private static void WriteSome(Utf8JsonWriter json, string name, int count)
    {
        if (count != 0)
            json.WriteNumber(name, count);
    }

    private static string Line(ActualTableChange change) =>
        $"{change.Table} {string.Join(' ', change.Values.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}"))}";

    private static void WriteSoak(Utf8JsonWriter json, GateFacts facts)
    {
        // Whoever rolls the run back takes away what was soaked.
        json.WriteString("apply_evidence_sha256", GateChain.HashOf(Of(facts, BackfillGateName.ApplyReview)));
        if (facts.Soak is not { } soak)
            return;
        json.WriteString("soak_id", soak.Soak.SoakId);
        json.WriteString("window_start", soak.Soak.Window.Start.ToUniversalTime());
        json.WriteString("window_end", soak.Soak.Window.End.ToUniversalTime());
        json.WriteString("settings", JsonSerializer.Serialize(soak.Soak.Settings));
        if (soak.EndedAt is { } endedAt)
            json.WriteString("ended_at", endedAt.ToUniversalTime());
        json.WriteString("verdict", soak.Soak.Ending?.Verdict.ToString());
        json.WriteString("reason", soak.Soak.Ending?.Reason);
        json.WriteNumber("samples", soak.Samples);
        json.WriteString("samples_sha256", soak.SamplesDigest);
    }

    private static void WriteHealth(Utf8JsonWriter json, RunHealth? health)
    {
        if (health is null)
            return;
        json.WriteString("measured_at", health.MeasuredAt.ToUniversalTime());
        json.WriteNumber("sessions", health.Sessions);
        json.WriteNumber("needing_backfill", health.NeedingBackfill);
        json.WriteNumber("not_backfillable", health.NotBackfillable);
        json.WriteNumber("missing", health.Missing);
        json.WriteString("problem", health.Problem);
        if (health.ProfileHash is { } profile)
            json.WriteString("profile_sha256", profile);
    }
}
