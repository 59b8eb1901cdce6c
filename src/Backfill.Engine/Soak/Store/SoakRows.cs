using System.Text.Json;
using Npgsql;

namespace Backfill.Engine.Soak.Store;

/// <summary>Soaks and samples as the ledger's rows hold them.</summary>
internal static class SoakRows
{
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Write(SoakSettings settings) => JsonSerializer.Serialize(settings, Snake);

    /// <summary>What was counted.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="takenAs">
    /// Of this taking alone: no two processes write the same text, even where they measured the same at the same moment.
    /// </param>
    public static string WriteFacts(SoakSample sample, Guid takenAs) => JsonSerializer.Serialize(
        new Facts(
            sample.VersionOverrides,
            sample.LegacyFcScores,
            sample.TokensTested,
            sample.TokensAccepted,
            sample.WrongTokensRefused,
            sample.CompletedSessions,
            sample.ConvertedSessions,
            sample.ConversionRate,
            sample.ConversionLowerBound,
            sample.ConversionUpperBound,
            sample.UnscoredSessions,
            sample.Lateness?.ToString(),
            takenAs),
        Snake);

    public static string WriteChecks(SoakSample sample) => JsonSerializer.Serialize(
        sample.Checks.Select(c => new Check(
            c.Name, c.Expected, c.Actual, c.Status.ToString(), c.Count, c.Detail, [.. c.SessionIds], [.. c.HealedSessionIds])),
        Snake);

    /// <summary>A row of <c>read_open_soak</c> and <c>read_latest_soak</c>.</summary>
    public static SoakTicket ReadTicket(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetGuid(1),
        new(reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetTimeSpan(4)),
        JsonSerializer.Deserialize<SoakSettings>(reader.GetString(5), Snake)!,
        reader.IsDBNull(6)
            ? null
            : new(Enum.Parse<SoakVerdict>(reader.GetString(6)), reader.IsDBNull(7) ? null : reader.GetString(7)));

    /// <summary>A row of <c>read_samples</c>.</summary>
    public static SoakSample ReadSample(NpgsqlDataReader reader, SoakTicket soak)
    {
        var facts = JsonSerializer.Deserialize<Facts>(reader.GetString(2), Snake)!;
        return new()
        {
            RunId = soak.RunId,
            Number = reader.GetInt32(0),
            At = reader.GetFieldValue<DateTimeOffset>(1),
            WindowStart = soak.Window.Start,
            WindowEnd = soak.Window.End,
            VersionOverrides = facts.VersionOverrides,
            LegacyFcScores = facts.LegacyFcScores,
            TokensTested = facts.TokensTested,
            TokensAccepted = facts.TokensAccepted,
            WrongTokensRefused = facts.WrongTokensRefused,
            CompletedSessions = facts.CompletedSessions,
            ConvertedSessions = facts.ConvertedSessions,
            ConversionRate = facts.ConversionRate,
            ConversionLowerBound = facts.ConversionLowerBound,
            ConversionUpperBound = facts.ConversionUpperBound,
            Baseline = soak.Settings.Baseline,
            UnscoredSessions = facts.UnscoredSessions,
            Lateness = facts.Lateness is { } lateness ? Enum.Parse<SoakLateness>(lateness) : null,
            CostMs = reader.IsDBNull(5) ? null : reader.GetInt64(5),
            Statements = reader.IsDBNull(6) ? null : reader.GetInt32(6),
            Verdict = Enum.Parse<SoakVerdict>(reader.GetString(4)),
            Checks = new([.. JsonSerializer.Deserialize<List<Check>>(reader.GetString(3), Snake)!.Select(c => c.ToCheck())]),
        };
    }

    private sealed record Facts(
        long? VersionOverrides,
        long? LegacyFcScores,
        int? TokensTested,
        int? TokensAccepted,
        int? WrongTokensRefused,
        long? CompletedSessions,
        long? ConvertedSessions,
        double? ConversionRate,
        double? ConversionLowerBound,
        double? ConversionUpperBound,
        long? UnscoredSessions,
        string? Lateness = null,
        Guid? TakenAs = null);

    private sealed record Check(
        string Name,
        string Expected,
        string Actual,
        string Status,
        long Count,
        string? Detail,
        Guid[] SessionIds,
        Guid[]? HealedSessionIds = null)
    {
        public SoakCheck ToCheck() => new()
        {
            Name = Name,
            Expected = Expected,
            Actual = Actual,
            Status = Enum.Parse<SoakCheckStatus>(Status),
            Count = Count,
            Detail = Detail,
            SessionIds = new(SessionIds),
            HealedSessionIds = new(HealedSessionIds ?? []),
        };
    }
}
