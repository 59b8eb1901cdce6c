namespace Backfill.Sandbox.Signals;

/// <summary>
/// An autovacuum that takes minutes: it rests after each page of <c>fc_scores</c>, and there are many pages with rows of a
/// transaction that was rolled back. No row of the table is another one.
/// </summary>
internal sealed class Autovacuum(SignalDatabase database) : IHealthSignal
{
    private const string Table = "public.fc_scores";

    /// <summary>Four rows fill a page.</summary>
    private const string DeadRows = $"""
        BEGIN;
        SET LOCAL session_replication_role = replica;
        INSERT INTO {Table} (session_id, version, fc_kind, scores_json)
        SELECT gen_random_uuid(), 'sandbox', 'sandbox', jsonb_build_object('dead', repeat('x', 1800))
        FROM generate_series(1, 4000);
        ROLLBACK
        """;

    private const string Workers = $"""
        SELECT a.pid
        FROM pg_stat_progress_vacuum v JOIN pg_stat_activity a USING (pid)
        WHERE v.relid = '{Table}'::regclass AND a.backend_type = 'autovacuum worker'
        """;

    public async Task PlantAsync(CancellationToken cancellationToken)
    {
        await database.RunAsync(
            cancellationToken,
            $"""
            ALTER TABLE {Table} SET (
                autovacuum_enabled = true, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
                autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_analyze_threshold = 1000000000)
            """,
            DeadRows,
            "ALTER SYSTEM SET autovacuum_naptime = '1s'",
            "SELECT pg_reload_conf()").ConfigureAwait(false);
        await database.UntilAsync($"SELECT EXISTS ({Workers})", cancellationToken).ConfigureAwait(false);
    }

    public async Task ClearAsync()
    {
        // A worker that begins again in between gives way to the ALTER TABLE, and the VACUUM leaves it nothing to do.
        await database.RunAsync(
            CancellationToken.None,
            "ALTER SYSTEM RESET autovacuum_naptime",
            "SELECT pg_reload_conf()",
            $"SELECT pg_terminate_backend(pid) FROM ({Workers}) worker",
            $"""
            ALTER TABLE {Table} RESET (
                autovacuum_enabled, autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor,
                autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit, autovacuum_analyze_threshold)
            """,
            $"VACUUM (SKIP_LOCKED) {Table}").ConfigureAwait(false);
        await database.UntilAsync($"SELECT NOT EXISTS ({Workers})", CancellationToken.None).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
