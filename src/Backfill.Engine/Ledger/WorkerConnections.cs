using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Npgsql;

namespace Backfill.Engine.Ledger;

/// <summary>
/// Connections for what is run for each session. On direct ones the ledger's settings hold for the whole session, so that no
/// transaction need bring them; they are kept apart from all others, which expect none. Through a pooler they are those of everybody.
/// </summary>
/// <param name="common">Everybody's connections.</param>
/// <param name="commonOperations">What runs on them.</param>
/// <param name="uri">The database.</param>
/// <param name="settings">How to connect.</param>
/// <param name="patience">How long an outage is waited out.</param>
internal sealed class WorkerConnections(
    NpgsqlDataSource common,
    LedgerOperations commonOperations,
    PostgresUri uri,
    NpgsqlConnectionStringBuilder settings,
    DatabasePatience patience) : IAsyncDisposable
{
    private readonly Lazy<(NpgsqlDataSource Source, LedgerOperations Operations)> _own = new(() =>
    {
        var source = TargetDataSource.Create(uri, settings, LedgerBatch.SessionSettings);
        return (source, new(source, uri, TimeProvider.System, patience));
    });

    /// <summary>The connections to take now.</summary>
    public NpgsqlDataSource Source => IsApart ? _own.Value.Source : common;

    /// <summary>What runs on them.</summary>
    public LedgerOperations Operations => IsApart ? _own.Value.Operations : commonOperations;

    /// <summary>The common ones were opened before, and are proved direct.</summary>
    private bool IsApart => TargetDataSource.WayOf(common) is { IsDirect: true };

    public ValueTask DisposeAsync() => _own.IsValueCreated ? _own.Value.Source.DisposeAsync() : ValueTask.CompletedTask;
}
