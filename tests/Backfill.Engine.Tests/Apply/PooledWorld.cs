using Backfill.Engine.Tests.Connections;

namespace Backfill.Engine.Tests.Apply;

/// <summary>The same world, its database behind PgBouncer in transaction mode with one server connection.</summary>
public sealed class PooledWorld : ApplyWorld
{
    private PgBouncer? _pooler;

    /// <summary>Why tests that need it can't run here; null where they can.</summary>
    public static string? Missing => PgBouncer.Program is null ? "pgbouncer is not installed" : null;

    protected override string DatabaseUrl =>
        new UriBuilder(Sandbox.Info.DatabaseUrl) { Port = _pooler!.Port }.Uri.ToString();

    protected override async Task OpenWayAsync()
    {
        Assert.SkipWhen(Missing is not null, Missing ?? "");
        _pooler = await PgBouncer.StartAsync(Sandbox.Info.DatabaseUrl, "transaction");
    }

    protected override async Task CloseWayAsync()
    {
        if (_pooler is not null)
            await _pooler.DisposeAsync();
    }
}
