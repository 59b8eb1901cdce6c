using System.Text.Json;
using Backfill.Sandbox.Faults;
using Npgsql;

namespace Backfill.Sandbox.Signals;

/// <summary>The signals that are planted: as many as the board has faults of these kinds.</summary>
/// <param name="board">The faults that are set.</param>
/// <param name="database">Where they are planted.</param>
internal sealed class PlantedSignals(FaultBoard board, SignalDatabase database) : IAsyncDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly Dictionary<long, IHealthSignal> _planted = [];

    /// <summary>Plants a signal, and then adds its fault to the board. One with a delay ends after it by itself.</summary>
    /// <exception cref="JsonException">It is planted already, or the database refuses it.</exception>
    public async Task<Fault> PlantAsync(FaultOrder order, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (board.Read(fault => (fault.Order.Kind, TableOf(fault.Order))).Contains((order.Kind, TableOf(order))))
                throw new JsonException($"{order.Kind} is set already; clear it first.");

            var signal = Create(order);
            await PlantAsync(order.Kind, signal, cancellationToken).ConfigureAwait(false);
            var fault = board.Add(order);
            _planted[fault.Id] = signal;
            if (order.Delay is { } duration) _ = EndAsync(fault.Id, duration);
            return fault;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>After faults were removed: takes back what the board has no more.</summary>
    /// <exception cref="JsonException">The database refuses it; the next call tries again.</exception>
    public async Task FollowAsync()
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        try
        {
            JsonException? refused = null;
            foreach (var id in _planted.Keys.Except(board.Read(fault => fault.Id)).ToArray())
            {
                try
                {
                    await _planted[id].ClearAsync().ConfigureAwait(false);
                    _planted.Remove(id);
                }
                catch (Exception e) when (e is NpgsqlException or TimeoutException)
                {
                    refused = new JsonException($"A health signal could not be taken back: {e.Message}", e);
                }
            }

            if (refused is not null) throw refused;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Takes all back, whether the database lets it or not: before a restart, which waits for a standby to catch up.</summary>
    public async Task ForgetAsync()
    {
        board.RemoveSignals();
        try
        {
            await FollowAsync().ConfigureAwait(false);
        }
        catch (JsonException)
        {
            // The restart ends what is a session's. The next clearing finds the rest.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _oneAtATime.WaitAsync().ConfigureAwait(false);
        foreach (var signal in _planted.Values) await signal.DisposeAsync().ConfigureAwait(false);
        _oneAtATime.Dispose();
    }

    private static async Task PlantAsync(FaultKind kind, IHealthSignal signal, CancellationToken cancellationToken)
    {
        try
        {
            await signal.PlantAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Nothing of it is left, or the database doesn't answer: then that is what the caller hears of.
            try
            {
                await signal.ClearAsync().ConfigureAwait(false);
            }
            catch (Exception again) when (again is NpgsqlException or TimeoutException)
            {
                await signal.DisposeAsync().ConfigureAwait(false);
            }

            if (e is NpgsqlException or TimeoutException) throw new JsonException($"{kind} could not be planted: {e.Message}", e);
            throw;
        }
    }

    private static string TableOf(FaultOrder order) => order.Table ?? FaultOrder.UsualTable;

    private IHealthSignal Create(FaultOrder order) => order.Kind switch
    {
        FaultKind.LongTransaction => HeldTable.Open(database, TableOf(order)),
        FaultKind.TableLock => HeldTable.Locked(database, TableOf(order)),
        FaultKind.ReplicationLag => new ReplicationLag(database),
        FaultKind.ArchiveStuck => new ArchiveStuck(database),
        FaultKind.Autovacuum => new Autovacuum(database),
        FaultKind.ConnectionsUsed => new ConnectionsUsed(database),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order.Kind, null),
    };

    private async Task EndAsync(long id, TimeSpan duration)
    {
        await Task.Delay(duration).ConfigureAwait(false);
        board.Remove(id);
        await FollowAsync().ConfigureAwait(false);
    }
}
