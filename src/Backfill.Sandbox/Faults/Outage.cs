namespace Backfill.Sandbox.Faults;

/// <summary>Keeps the API's listener closed while a fault of kind <see cref="FaultKind.Unreachable"/> is set.</summary>
internal sealed class Outage(FaultBoard board, ApiListener listener)
{
    /// <summary>Whether the caller of this connection would be cut off too.</summary>
    public bool Cuts(ConnectionInfo connection) => connection.LocalPort == listener.EndPoint.Port;

    /// <summary>After a fault was set. One with a delay ends after it by itself.</summary>
    public async Task FollowAsync(Fault added)
    {
        if (added.Order.Kind != FaultKind.Unreachable) return;

        await FollowAsync().ConfigureAwait(false);
        if (added.Order.Delay is { } duration) _ = EndAsync(added.Id, duration);
    }

    /// <summary>After faults were removed.</summary>
    public Task FollowAsync() => listener.FollowAsync(() => !board.IsUnreachable);

    private async Task EndAsync(long id, TimeSpan duration)
    {
        await Task.Delay(duration).ConfigureAwait(false);
        board.Remove(id);
        await FollowAsync().ConfigureAwait(false);
    }
}
