using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Npgsql;

namespace Backfill.Engine.Health.Store;

/// <summary>Finds what completed sessions lack, in PostgreSQL. It knows nothing of the ledger.</summary>
internal sealed class HealthProbe(NpgsqlDataSource dataSource, PostgresUri where, DatabasePatience? patience = null, TargetMap? map = null) : IHealthProbe
{
    /// <summary>
    /// How many sessions may wait for a slow reader before the transaction has to: an open one keeps the server from cleaning up.
    /// </summary>
    private const int ReadAhead = 50_000;

    private readonly TargetMap _map = map ?? TargetMap.Default;

    public async IAsyncEnumerable<SessionFacts> FindAsync(
        HealthQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ahead = Channel.CreateBounded<SessionFacts>(ReadAhead);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = FillAsync(query, ahead.Writer, stop.Token);
        try
        {
            await foreach (var session in ahead.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                yield return session;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(false);
        }
    }

    public Task<HealthReading> MeasureAsync(HealthQuery query, Action<SessionFacts> found, CancellationToken cancellationToken) =>
        SoonAsync(query.StatementTimeout, async shown =>
        {
            await using var transaction = await BeginAsync(query.StatementTimeout, cancellationToken).ConfigureAwait(false);
            await using var reader = await transaction.ExecuteAsync([Settings(), Count(query), Find(query)], cancellationToken)
                .ConfigureAwait(false);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var reading = new HealthReading(
                reader.GetInt64(0),
                reader.GetFieldValue<DateTimeOffset>(1),
                reader.GetString(2),
                _map.Load("Health/Store/find_sessions"),
                reader.GetInt64(3),
                reader.GetFieldValue<Guid[]>(4));
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            shown();
            var last = Guid.Empty;
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var facts = Read(reader);
                last = Once(facts, last);
                found(facts);
            }

            return reading;
        }, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, RefusedSession>> FindRefusedAsync(HealthQuery query, CancellationToken cancellationToken) =>
        SoonAsync<IReadOnlyDictionary<Guid, RefusedSession>>(query.StatementTimeout, async _ =>
        {
            await using var transaction = await BeginAsync(query.StatementTimeout, cancellationToken).ConfigureAwait(false);
            var refused = Command("Health/Store/find_refused", SqlValue.Text(query.EngineVersion), SqlValue.Text(query.FcVersion));
            await using var reader = await transaction.ExecuteAsync([Settings(), refused], cancellationToken).ConfigureAwait(false);
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
            var found = new Dictionary<Guid, RefusedSession>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                found.Add(reader.GetGuid(0), new(reader.GetGuid(1), reader.GetString(2)));
            return found;
        }, cancellationToken);

    public Task<IReadOnlyList<SessionFacts>> LookUpAsync(
        IReadOnlyCollection<Guid> sessions, string fcVersion, CancellationToken cancellationToken) =>
        SoonAsync<IReadOnlyList<SessionFacts>>(HealthDefaults.StatementTimeout, async _ =>
        {
            var found = new List<SessionFacts>(sessions.Count);
            var named = Command(
                "Health/Store/look_up_sessions", SqlValue.Uuids(sessions), SqlValue.Text(fcVersion), SqlValue.Text(HealthDefaults.FcKind));
            await ReadAsync(named, HealthDefaults.StatementTimeout, () => { }, Keep, cancellationToken).ConfigureAwait(false);
            return found;

            ValueTask Keep(SessionFacts session)
            {
                found.Add(session);
                return ValueTask.CompletedTask;
            }
        }, cancellationToken);

    /// <summary>Never fails itself: what goes wrong comes out where the channel is read.</summary>
    private async Task FillAsync(HealthQuery query, ChannelWriter<SessionFacts> ahead, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await SoonAsync(
                query.StatementTimeout,
                shown =>
                    ReadAsync(Find(query), query.StatementTimeout, shown, s => ahead.WriteAsync(s, cancellationToken), cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, it is the reader's to see.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        ahead.TryComplete(failure);
    }

    private async Task<bool> ReadAsync(
        NpgsqlBatchCommand command, TimeSpan timeout, Action shown, Func<SessionFacts, ValueTask> found, CancellationToken cancellationToken)
    {
        await using var transaction = await BeginAsync(timeout, cancellationToken).ConfigureAwait(false);
        await using var reader = await transaction.ExecuteAsync([Settings(), command], cancellationToken).ConfigureAwait(false);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        shown();
        var last = Guid.Empty;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var facts = Read(reader);
            last = Once(facts, last);
            await found(facts).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>With two rows of results for one subject it can't be said which of them counts.</summary>
    private Guid Once(SessionFacts facts, Guid last) => facts.SessionId != last || _map.Project is not { } project ? facts.SessionId
        : throw new BackfillException(
            "ResultAmbiguous",
            BackfillErrorKind.InvalidState,
            $"public.{project.Result.Table} has more than one row for {project.Subject.Table} {last}. "
            + $"A target profile needs one row for each: make {project.Result.Column} unique there, or name a view in which it is.",
            last);

    private Task<ReadOnlyTransaction> BeginAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        ReadOnlyTransaction.BeginAsync(dataSource, ReadOnlyMode.OneSnapshot(timeout), cancellationToken);

    /// <summary>Repeats through a short outage, as long as nothing was shown of what is read.</summary>
    private async Task<T> SoonAsync<T>(TimeSpan timeout, Func<Action, Task<T>> work, CancellationToken cancellationToken)
    {
        var isShown = false;
        var soon = PassingFailures.Pipeline(
            TimeProvider.System, (patience ?? DatabasePatience.Default).Person, e => !isShown && PassingFailures.IsOutage(e));
        try
        {
            return await soon.ExecuteAsync(
                async _ => await work(() => isShown = true).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (HealthErrors.Of(e, where, timeout) is { } error)
        {
            throw error;
        }
    }

    private NpgsqlBatchCommand Settings() => Command("Health/Store/measuring");

    private NpgsqlBatchCommand Count(HealthQuery query) =>
        Command("Health/Store/count_sessions", SqlValue.Time(query.Since), SqlValue.Time(query.Until));

    private NpgsqlBatchCommand Find(HealthQuery query) => Command(
        "Health/Store/find_sessions",
        SqlValue.Time(query.Since),
        SqlValue.Time(query.Until),
        SqlValue.Text(query.FcVersion),
        SqlValue.Text(HealthDefaults.FcKind),
        SqlValue.Text(query.EngineVersion),
        SqlValue.BigInt(query.First));

    private NpgsqlBatchCommand Command(string name, params ReadOnlySpan<NpgsqlParameter> values)
    {
        var command = new NpgsqlBatchCommand(_map.Load(name));
        foreach (var value in values)
            command.Parameters.Add(value);
        return command;
    }

    private static SessionFacts Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1),
        reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
        reader.GetBoolean(3),
        reader.IsDBNull(4) ? null : reader.GetString(4),
        reader.GetBoolean(5),
        reader.GetInt32(6),
        reader.GetInt32(7));
}
