using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Backfill.Engine.Soak.Checks;
using Npgsql;

namespace Backfill.Engine.Soak.Store;

/// <summary>A session and its share token. Its text never holds the token.</summary>
internal readonly record struct SharedSession(Guid SessionId, string Token)
{
    public override string ToString() => SessionId.ToString();
}

/// <summary>What the tables show of a window, all rows seen; of a check that can't be measured, nothing.</summary>
internal sealed record SoakLook(
    TargetProfile Profile,
    IReadOnlyDictionary<string, string> NotMeasured,
    IReadOnlyList<Guid> OtherVersions,
    SoakEvents? OverrideEvents,
    SoakEvents LegacyScores,
    long Completed,
    IReadOnlyList<Guid> Unconverted,
    IReadOnlyList<Guid> Unscored,
    IReadOnlyList<Guid> Undated,
    IReadOnlyList<SharedSession> Tokens)
{
    public static async Task<SoakLook> TakeAsync(
        ReadOnlyTransaction transaction, SoakQuestion question, TargetMap map, SoakMeter cost, CancellationToken cancellationToken)
    {
        var profile = await ReadProfileAsync(transaction, map, cost, cancellationToken).ConfigureAwait(false);
        var settings = question.Settings;
        var gaps = SoakGaps.Of(profile, settings.TokenSample);
        var sql = new SoakSql(profile, map);
        var window = (Since: question.Since.ToUniversalTime(), Until: question.Until.ToUniversalTime());
        var scoredUntil = question.ScoredUntil.ToUniversalTime();
        var asked = new SoakQuestions(gaps)
            .Add(SoakCheckNames.VersionOverrides, sql.OtherVersions, window.Since, window.Until, settings.EngineVersion)
            .Add(SoakCheckNames.FcUsage, sql.LegacyScores, window.Since, window.Until, settings.FcVersion)
            .Add(SoakCheckNames.Conversion, sql.Completed, window.Since, scoredUntil)
            .Add(SoakCheckNames.Conversion, sql.Unconverted, window.Since, scoredUntil)
            .Add(SoakCheckNames.CompletionTimes, sql.Undated, window.Since, window.Until)
            .Add(SoakCheckNames.TokenAccess, sql.Tokens, window.Since, window.Until, question.Number, settings.TokenSample)
            .Add(SoakCheckNames.EngineOverrideEvents, sql.OverrideEvents, window.Since, window.Until);
        // The settings come before them.
        cost.Count(asked.Commands.Count + 1);
        await using var reader = await transaction.ExecuteAsync(asked.Commands, cancellationToken).ConfigureAwait(false);

        var otherVersions = await asked.NextAsync(reader, Id, cancellationToken).ConfigureAwait(false);
        var legacy = await asked.NextAsync(reader, Id, cancellationToken).ConfigureAwait(false);
        var completed = (await asked.NextAsync(reader, r => r.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];
        var unconverted = await asked
            .NextAsync(reader, r => (Id: r.GetGuid(0), IsAnswered: r.GetBoolean(1)), cancellationToken).ConfigureAwait(false);
        var undated = await asked.NextAsync(reader, Id, cancellationToken).ConfigureAwait(false);
        var tokens = await asked.NextAsync(reader, r => new SharedSession(r.GetGuid(0), r.GetString(1)), cancellationToken)
            .ConfigureAwait(false);
        var events = await asked
            .NextAsync(reader, r => Guid.TryParse(r.IsDBNull(0) ? null : r.GetString(0), out var id) ? id : (Guid?)null, cancellationToken)
            .ConfigureAwait(false);
        return new(
            profile,
            gaps,
            otherVersions,
            gaps.ContainsKey(SoakCheckNames.EngineOverrideEvents) ? null : new(events.Count, [.. events.OfType<Guid>().Distinct()]),
            new(legacy.Count, [.. legacy.Distinct()]),
            completed,
            [.. unconverted.Select(s => s.Id)],
            [.. unconverted.Where(s => s.IsAnswered).Select(s => s.Id)],
            undated,
            tokens);
    }

    public SoakFacts ToFacts(SoakTokens tokens, SoakCost cost) => new()
    {
        OtherVersions = OtherVersions,
        OverrideEvents = OverrideEvents,
        LegacyScores = LegacyScores,
        Tokens = tokens,
        Completed = Completed,
        Unconverted = Unconverted,
        Unscored = Unscored,
        Undated = Undated,
        Cost = cost,
        NotMeasured = tokens.NotMeasured is { } why
            ? new Dictionary<string, string>(NotMeasured, StringComparer.Ordinal) { [SoakCheckNames.TokenAccess] = why }
            : NotMeasured,
    };

    /// <summary>In the same round trip, what holds for all that follows: no policy hides a row.</summary>
    private static async Task<TargetProfile> ReadProfileAsync(
        ReadOnlyTransaction transaction, TargetMap map, SoakMeter cost, CancellationToken cancellationToken)
    {
        IReadOnlyList<NpgsqlBatchCommand> commands = [ReadOnlyTransaction.Command("Soak/Store/show_all_rows"), .. map.Commands];
        cost.Count(commands.Count + 1);
        await using var reader = await transaction.ExecuteAsync(commands, cancellationToken).ConfigureAwait(false);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return map.Known(await map.ReadAsync(reader, cancellationToken).ConfigureAwait(false));
    }

    private static Guid Id(NpgsqlDataReader reader) => reader.GetGuid(0);
}
