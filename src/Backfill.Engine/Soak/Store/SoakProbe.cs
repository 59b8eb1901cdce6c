using System.Globalization;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Backfill.Engine.Soak.Checks;
using Npgsql;
using Polly;

namespace Backfill.Engine.Soak.Store;

/// <summary>Looks at a target in two READ ONLY transactions: one that sees all rows, and one that is <c>anon</c>.</summary>
/// <param name="dataSource">The target.</param>
/// <param name="where">Its place, for messages.</param>
/// <param name="statementTimeout">The longest that one statement may take.</param>
/// <param name="patience">How long an outage is waited out.</param>
/// <param name="map">How what is known by name lies there.</param>
internal sealed class SoakProbe(
    NpgsqlDataSource dataSource, PostgresUri where, TimeSpan? statementTimeout =
        null, DatabasePatience? patience = null, TargetMap? map = null)
    : ISoakProbe
{
    private readonly ResiliencePipeline _soon = PassingFailures.Pipeline(
        TimeProvider.System, (patience ?? DatabasePatience.Default).Person, PassingFailures.IsOutage);

    private readonly TargetMap _map = map ?? TargetMap.Default;

    private volatile TargetProfile _profile = TargetProfile.Complete;

    public IReadOnlyList<SoakQuery> Queries => new SoakSql(_profile, _map).Queries;

    public Task<SoakClockReading> ReadClockAsync(CancellationToken cancellationToken) => DatabaseErrors.GuardAsync(where, async () =>
        await _soon.ExecuteAsync(
            async token =>
            {
                await using var transaction = await BeginAsync(token).ConfigureAwait(false);
                var rows = await transaction.ReadAsync(
                    ReadOnlyTransaction.Command("Soak/Store/read_clock"),
                    r => new SoakClockReading(r.GetFieldValue<DateTimeOffset>(0), Time(TextAt(r, 1)), Number(TextAt(r, 2))),
                    token).ConfigureAwait(false);
                return rows[0];
            },
            cancellationToken).ConfigureAwait(false));

    /// <summary>Not repeated here: who takes samples tries one again for as long as there is time for it.</summary>
    public Task<SoakFacts> MeasureAsync(SoakQuestion question, CancellationToken cancellationToken) =>
        DatabaseErrors.GuardAsync(where, async () =>
        {
            var cost = new SoakMeter();
            SoakLook look;
            await using (var transaction = await BeginAsync(cancellationToken).ConfigureAwait(false))
                look = await SoakLook.TakeAsync(transaction, question, _map, cost, cancellationToken).ConfigureAwait(false);
            _profile = look.Profile;
            var tokens = look.Profile.TokenFunction is { } function && !look.NotMeasured.ContainsKey(SoakCheckNames.TokenAccess)
                ? await new TokenTrial(function, new(look.Profile, _map), cost)
                    .TakeAsync(() => BeginAsync(cancellationToken), look.Tokens, cancellationToken).ConfigureAwait(false)
                : new(0, [], [], TriedOthers: false);
            return look.ToFacts(tokens, cost.Reading);
        });

    private Task<ReadOnlyTransaction> BeginAsync(CancellationToken cancellationToken) =>
        ReadOnlyTransaction.BeginAsync(
            dataSource, statementTimeout is { } limit ? ReadOnlyMode.QuickWithin(limit) : ReadOnlyMode.Quick, cancellationToken);

    private static string? TextAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static DateTimeOffset? Time(string? text) => DateTimeOffset.TryParse(
        text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
