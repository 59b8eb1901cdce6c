using System.Text;
using System.Text.Json;
using Backfill.Engine.Reports;

namespace Backfill.Engine.Soak.Report;

/// <summary>The samples of a soak as JSON.</summary>
internal static class SoakJson
{
    public static string Write(SoakEnd end)
    {
        using var stream = new MemoryStream();
        using (var json = ReportJson.Writer(stream))
        {
            json.WriteStartObject();
            json.WriteString("verdict", end.Verdict.ToString());
            json.WriteString("reason", end.Reason);
            json.WriteStartArray("samples");
            for (var i = 0; i < end.Samples.Count; i++)
                Write(json, end.Samples[i], isLast: i == end.Samples.Count - 1);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter json, SoakSample sample, bool isLast)
    {
        json.WriteStartObject();
        json.WriteNumber("number", sample.Number);
        json.Time("at", sample.At);
        json.WriteString("lateness", sample.Lateness?.ToString());
        json.Time("window_start", sample.WindowStart);
        json.Time("window_end", sample.WindowEnd);
        json.WriteBoolean("retrospective", sample.Retrospective);
        json.Number("version_overrides", sample.VersionOverrides);
        json.Number("legacy_fc_scores", sample.LegacyFcScores);
        json.Number("tokens_tested", sample.TokensTested);
        json.Number("tokens_accepted", sample.TokensAccepted);
        json.Number("wrong_tokens_refused", sample.WrongTokensRefused);
        json.Number("completed_sessions", sample.CompletedSessions);
        json.Number("converted_sessions", sample.ConvertedSessions);
        Ratio(json, "conversion_rate", sample.ConversionRate);
        Ratio(json, "conversion_lower_bound", sample.ConversionLowerBound);
        Ratio(json, "conversion_upper_bound", sample.ConversionUpperBound);
        Ratio(json, "baseline", sample.Baseline);
        json.Number("unscored_sessions", sample.UnscoredSessions);
        json.Number("cost_ms", sample.CostMs);
        json.Number("statements", sample.Statements);
        json.WriteString("verdict", sample.Verdict.ToString());
        json.WriteStartArray("checks");
        foreach (var check in sample.Checks)
            Write(json, check, isLast);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A check's sessions only grow from sample to sample, so the last sample names them all.</summary>
    private static void Write(Utf8JsonWriter json, SoakCheck check, bool withSessions)
    {
        json.WriteStartObject();
        json.WriteString("name", check.Name);
        json.WriteString("status", check.Status.ToString());
        json.WriteString("expected", check.Expected);
        json.WriteString("actual", check.Actual);
        json.WriteNumber("count", check.Count);
        if (withSessions)
        {
            json.WriteString("detail", check.Detail);
            json.WriteStartArray("session_ids");
            foreach (var session in check.SessionIds)
                json.WriteStringValue(session);
            json.WriteEndArray();
            json.WriteStartArray("healed_session_ids");
            foreach (var session in check.HealedSessionIds)
                json.WriteStringValue(session);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Ratio(Utf8JsonWriter json, string name, double? ratio)
    {
        if (ratio is { } known)
            json.WriteNumber(name, Math.Round(known, 6));
        else
            json.WriteNull(name);
    }
}
