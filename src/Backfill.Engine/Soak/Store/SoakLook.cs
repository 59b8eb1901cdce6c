using Backfill.Engine.Ledger;
using Backfill.Engine.Soak.Checks;
using Npgsql;

namespace Backfill.Engine.Soak.Store;

/// <summary>A session and its share token. Its text never holds the token.</summary>
internal readonly record struct SharedSession(Guid SessionId, string Token)
{
    public override string ToString() => SessionId.ToString();
}

/// <summary>What the tables show of a window, all rows seen.</summary>
internal sealed record SoakLook(
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
        ReadOnlyTransaction transaction, SoakQuestion question, SoakMeter cost, CancellationToken cancellationToken)
    {
        var hasLogs = await HasLogsAsync(transaction, cost, cancellationToken).ConfigureAwait(false);
        var settings = question.Settings;
        var window = (Since: question.Since.ToUniversalTime(), Until: question.Until.ToUniversalTime());
        var scoredUntil = question.ScoredUntil.ToUniversalTime();
        List<NpgsqlBatchCommand> commands =
        [
            ReadOnlyTransaction.Command("Soak/Store/find_other_versions", window.Since, window.Until, settings.EngineVersion),
            ReadOnlyTransaction.Command("Soak/Store/find_legacy_scores", window.Since, window.Until, settings.FcVersion),
            ReadOnlyTransaction.Command("Soak/Store/count_completed", window.Since, scoredUntil),
            ReadOnlyTransaction.Command("Soak/Store/find_unconverted", window.Since, scoredUntil),
            ReadOnlyTransaction.Command("Soak/Store/find_undated", window.Since, window.Until),
            ReadOnlyTransaction.Command("Soak/Store/choose_tokens", window.Since, window.Until, question.Number, settings.TokenSample),
        ];
        if (hasLogs)
            commands.Add(ReadOnlyTransaction.Command("Soak/Store/find_override_events", window.Since, window.Until));
        // The settings come before them.
        cost.Count(commands.Count + 1);
        await using var reader = await transaction.ExecuteAsync(commands, cancellationToken).ConfigureAwait(false);

        var otherVersions = await IdsAsync(reader, cancellationToken).ConfigureAwait(false);
        var legacy = await NextAsync(reader, Id, cancellationToken).ConfigureAwait(false);
        var completed = (await NextAsync(reader, r => r.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];
        var unconverted = await NextAsync(reader, r => (Id: r.GetGuid(0), IsAnswered: r.GetBoolean(1)), cancellationToken).ConfigureAwait(false);
        var undated = await NextAsync(reader, Id, cancellationToken).ConfigureAwait(false);
        var tokens = await NextAsync(reader, r => new SharedSession(r.GetGuid(0), r.GetString(1)), cancellationToken).ConfigureAwait(false);
        var events = hasLogs
            ? await NextAsync(reader, r => Guid.TryParse(r.IsDBNull(0) ? null : r.GetString(0), out var id) ? id : (Guid?)null, cancellationToken)
                .ConfigureAwait(false)
            : null;
        return new(
            otherVersions,
            events is null ? null : new(events.Count, [.. events.OfType<Guid>().Distinct()]),
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
    };

    /// <summary>In the same round trip, what holds for all that follows: no policy hides a row.</summary>
    private static async Task<bool> HasLogsAsync(ReadOnlyTransaction transaction, SoakMeter cost, CancellationToken cancellationToken)
    {
        cost.Count(3);
        await using var reader = await transaction.ExecuteAsync(
            [ReadOnlyTransaction.Command("Soak/Store/show_all_rows"), ReadOnlyTransaction.Command("Soak/Store/has_logs")], cancellationToken).ConfigureAwait(false);
        return (await NextAsync(reader, r => r.GetBoolean(0), cancellationToken).ConfigureAwait(false))[0];
    }

    private static Guid Id(NpgsqlDataReader reader) => reader.GetGuid(0);

    private static async Task<IReadOnlyList<Guid>> IdsAsync(NpgsqlDataReader reader, CancellationToken cancellationToken) =>
        await RowsAsync(reader, Id, cancellationToken).ConfigureAwait(false);

    private static async Task<IReadOnlyList<T>> NextAsync<T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        return await RowsAsync(reader, read, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<T>> RowsAsync<T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));
        return rows;
    }
}
