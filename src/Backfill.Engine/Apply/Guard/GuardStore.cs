using System.Text.Json;
using System.Text.Json.Serialization;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Apply.Guard;

/// <summary>What a worker gets when it asks for the turn to read.</summary>
/// <param name="At">The turn; null where another worker has it, or had it a moment ago.</param>
/// <param name="Settings">What to watch.</param>
/// <param name="State">What earlier readings left.</param>
/// <param name="Age">How old the last reading is; null before the first.</param>
/// <param name="DueIn">When the next turn is due.</param>
/// <param name="Signal">The signal that holds the run now; null where none does.</param>
/// <param name="Reason">The same in words.</param>
internal sealed record GuardTurn(
    DateTimeOffset? At, GuardSettings Settings, GuardState State, TimeSpan? Age, TimeSpan DueIn, BackfillSignal? Signal, string? Reason);

/// <summary>The guard's part of the ledger, and its look at the target's catalogs.</summary>
internal sealed class GuardStore(NpgsqlDataSource dataSource, LedgerOperations operations)
{
    /// <summary>Signals are read no more often than this, by all workers of a run together.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>Later sessions are compared with so many first ones.</summary>
    public const int FirstCount = 50;

    /// <summary>Fewer recent sessions than this say nothing of the functions.</summary>
    private const int RecentCount = 20;

    /// <summary>How far back sessions are recent.</summary>
    private static readonly TimeSpan Recent = TimeSpan.FromSeconds(60);

    /// <summary>Calls as quick as this count as this long: twice next to nothing is next to nothing.</summary>
    private const double QuickMs = 200;

    /// <summary>A look may not become a burden itself.</summary>
    private static readonly ReadOnlyMode Bounded = ReadOnlyMode.QuickWithin(TimeSpan.FromSeconds(2));

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    /// <summary>Takes the turn to read if it is due, and tells how the run stands.</summary>
    public Task<GuardTurn> TakeTurnAsync(RunTicket ticket, CancellationToken cancellationToken) => operations.AtOnceAsync(
        batch => batch.Add(SqlText.Load("Apply/Guard/take_turn"), ticket.RunId, Every).QueryRowAsync(Turn, cancellationToken), cancellationToken);

    /// <summary>Reads all signals. One that can't be read has no value, and says why.</summary>
    public async Task<(IReadOnlyList<SignalValue> Values, FirstSessions? First)> ReadAsync(
        RunTicket ticket, GuardTurn turn, CancellationToken cancellationToken)
    {
        var (values, first) = await ReadTargetAsync(ticket, turn.State.First, cancellationToken).ConfigureAwait(false);
        return (
            turn.Settings.Query is { } query ? [.. values, await AskAsync(query, cancellationToken).ConfigureAwait(false)] : values, first);
    }

    /// <summary>Records what a reading found.</summary>
    /// <returns>Whether the turn was still this worker's.</returns>
    public Task<bool> RecordAsync(
        RunTicket ticket, DateTimeOffset turn, GuardVerdict verdict, CancellationToken cancellationToken) => operations.AtOnceAsync(
        async batch => await batch.AddBefore(SqlText.Load("Apply/Steer/lock_run"), ticket.RunId).Add(
            SqlText.Load("Apply/Guard/record_reading"),
            ticket.RunId,
            turn,
            JsonSerializer.Serialize(verdict.State, Json),
            verdict.State.IsHeld,
            SqlValue.Text(verdict.Signal?.ToString()),
            SqlValue.Text(verdict.Reason),
            SqlValue.Text(verdict.Halts ? verdict.Reason : null)).QueryRowOrNullAsync(r => (object)r.GetBoolean(0), cancellationToken)
            .ConfigureAwait(false) is not null,
        cancellationToken);

    private static GuardTurn Turn(NpgsqlDataReader reader)
    {
        var since = reader.IsDBNull(4) ? Every : reader.GetTimeSpan(4);
        return new(
            reader.IsDBNull(0) ? null : reader.GetFieldValue<DateTimeOffset>(0),
            // It was checked when it was given; what a newer module wrote is left to that one.
            GuardSettings.TryParse(RowFacts.Text(reader, 1), takesQuery: true, out var settings, out _) ? settings : GuardSettings.Default,
            RowFacts.Text(reader, 2) is { } state ? JsonSerializer.Deserialize<GuardState>(state, Json)! : GuardState.Empty,
            reader.IsDBNull(3) ? null : reader.GetTimeSpan(3),
            reader.IsDBNull(0) ? Every - since : Every,
            RowFacts.Text(reader, 5) is { } signal ? Enum.Parse<BackfillSignal>(signal) : null,
            RowFacts.Text(reader, 6));
    }

    private async Task<(IReadOnlyList<SignalValue> Values, FirstSessions? First)> ReadTargetAsync(
        RunTicket ticket, FirstSessions? first, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, Bounded, cancellationToken)
                .ConfigureAwait(false);
            var command = ReadOnlyTransaction.Command(
                "Apply/Guard/read_signals",
                ticket.Shape.Tables.Select(t => t.Name).ToArray(),
                ticket.RunId,
                FirstCount,
                Recent,
                first is not null);
            var rows = await transaction.ReadAsync(command, reader => Values(reader, first), cancellationToken).ConfigureAwait(false);
            return rows[0];
        }
        catch (PostgresException e) when (!PassingFailures.IsOutage(e))
        {
            var note = e.SqlState == PostgresErrorCodes.QueryCanceled ? "the look took longer than 2 s" : e.MessageText;
            return ([.. GuardSettings.Names.Values.Order().Select(s => new SignalValue(s, null, note)
            {
                LacksRight = e.SqlState == PostgresErrorCodes.InsufficientPrivilege,
            })], first);
        }
    }

    private static (IReadOnlyList<SignalValue> Values, FirstSessions? First) Values(NpgsqlDataReader reader, FirstSessions? first)
    {
        var sees = reader.GetBoolean(0);
        first ??= Number(reader, 9) >= FirstCount ? new(Number(reader, 10) ?? 0, Number(reader, 11) ?? 0) : null;
        var isComparable = first is not null && Number(reader, 12) >= RecentCount;
        SignalValue Seen(BackfillSignal signal, int column) => sees
            ? new(signal, Number(reader, column) ?? 0)
            : new(signal, null, "this role may not see other roles' sessions; grant it pg_monitor") { LacksRight = true };
        SignalValue Compared(BackfillSignal signal, double? value) => isComparable
            ? new(signal, value)
            : new(signal, null, first is null ? "the run has no 50 sessions to compare with yet" : "too few sessions in the last minute");
        return (
            [
                sees || !reader.IsDBNull(2)
                    ? new(BackfillSignal.ReplicationLag, Math.Max(Number(reader, 1) ?? 0, Number(reader, 2) ?? 0))
                    : Seen(BackfillSignal.ReplicationLag, 1),
                !reader.GetBoolean(3) ? new(BackfillSignal.ArchiveWaiting, null, "archiving is off")
                    : reader.IsDBNull(4) ? new(BackfillSignal.ArchiveWaiting, null, "nothing has been archived yet")
                    : new(BackfillSignal.ArchiveWaiting, Number(reader, 4)),
                Seen(BackfillSignal.Autovacuum, 5),
                new(BackfillSignal.LockWaits, Number(reader, 6)),
                Seen(BackfillSignal.OldestTransaction, 7),
                new(BackfillSignal.Connections, Number(reader, 8)),
                Compared(BackfillSignal.FunctionLatency, Number(reader, 13) / Math.Max(first?.MedianMs ?? 0, QuickMs)),
                Compared(BackfillSignal.FunctionErrors, Number(reader, 14) - first?.FailedRatio),
            ],
            first);
    }

    /// <summary>The operator's own statement: only true lets the run go on.</summary>
    private async Task<SignalValue> AskAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await ReadOnlyTransaction.BeginAsync(dataSource, Bounded, cancellationToken)
                .ConfigureAwait(false);
            var rows = await transaction.ReadAsync(
                new NpgsqlBatchCommand(query), reader => reader.IsDBNull(0) ? null : reader.GetValue(0), cancellationToken)
                    .ConfigureAwait(false);
            return rows is [true] ? new(BackfillSignal.Query, 0) : new(BackfillSignal.Query, 1, rows.Count switch
            {
                0 => "returned no row",
                1 => FormattableString.Invariant($"returned {rows[0] switch { null => "null", false => "false", var other => $"a {other.GetType().Name} instead of true" }}"),
                _ => "returned more than one row",
            });
        }
        catch (PostgresException e) when (!PassingFailures.IsOutage(e))
        {
            return new(BackfillSignal.Query, 1, $"failed: {e.MessageText}");
        }
    }

    private static double? Number(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : Convert.ToDouble(reader.GetValue(column), System.Globalization.CultureInfo.InvariantCulture);
}
