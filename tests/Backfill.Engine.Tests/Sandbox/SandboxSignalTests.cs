using System.Net;
using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Each health signal that can be planted is in the server's catalog then, and gone when it is cleared.</summary>
public sealed class SandboxSignalTests(FaultWorld world) : IClassFixture<FaultWorld>
{
    private const string Holders = """
        SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.relation = $1::regclass AND l.mode = $2 AND l.granted AND a.application_name = 'sandbox signal' AND a.state = 'idle in transaction'
        """;

    private const string Autovacuums = """
        SELECT count(*) FROM pg_stat_progress_vacuum v JOIN pg_stat_activity a USING (pid)
        WHERE v.relid = 'public.fc_scores'::regclass AND a.backend_type = 'autovacuum worker'
        """;

    private const string ArchiveReady = "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";

    private static readonly Guid Session = SandboxSessions.Named[0];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SandboxControl Control => world.Sandbox.Control;

    [Theory]
    [InlineData(null, "public.fc_scores")]
    [InlineData("public.profiles", "public.profiles")]
    public async Task A_long_transaction_has_written_a_table_and_stops_no_call(string? table, string held)
    {
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.LongTransaction) { Table = table });
        Assert.Equal(1, await world.ScalarAsync<long>(Holders, held, "RowExclusiveLock"));
        Assert.Equal(1, await world.ScalarAsync<long>(Holders, held, "AccessShareLock"));
        // One of an earlier test may still be leaving.
        Assert.True(await world.ScalarAsync<bool>(
            "SELECT bool_or(backend_xid IS NOT NULL AND backend_xmin IS NOT NULL) FROM pg_stat_activity WHERE application_name = 'sandbox signal'"));
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);

        await world.OnlyAsync();
        Assert.Equal(0, await world.ScalarAsync<long>(Holders, held, "RowExclusiveLock"));
    }

    [Fact]
    public async Task A_table_lock_lets_calls_wait_until_it_is_cleared()
    {
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.TableLock));
        Assert.Equal(1, await world.ScalarAsync<long>(Holders, "public.fc_scores", "ExclusiveLock"));
        var call = world.ScoreFcAsync(Session);
        const string waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'public.fc_scores'::regclass AND NOT granted";
        Assert.Equal(1, await Patiently.AskAsync(() => world.ScalarAsync<long>(waiting), count => count == 1));
        Assert.False(call.IsCompleted);

        await world.OnlyAsync();
        Assert.Equal(200, (await call).Status);
        Assert.Equal(0, await world.ScalarAsync<long>(Holders, "public.fc_scores", "ExclusiveLock"));
    }

    [Fact]
    public async Task A_standby_that_lags_is_seen_by_its_position_its_delay_and_its_slot()
    {
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.ReplicationLag));
        const string lag = """
            SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), s.replay_lsn)), 0) FROM pg_stat_replication s
            WHERE s.state IN ('streaming', 'catchup')
            """;
        const string kept = "SELECT coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)), 0) FROM pg_replication_slots WHERE active";
        const string isLate = "SELECT coalesce(bool_or(replay_lag > interval '0'), false) FROM pg_stat_replication";
        // What else comes counts too: a segment that is switched, for example.
        Assert.InRange(await world.ScalarAsync<decimal>(lag), 32m * 1024 * 1024, 512m * 1024 * 1024);
        Assert.InRange(await world.ScalarAsync<decimal>(kept), 32m * 1024 * 1024, 512m * 1024 * 1024);
        Assert.True(await Patiently.AskAsync(() => world.ScalarAsync<bool>(isLate), late => late));
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);

        await world.OnlyAsync();
        const string standbys = "SELECT count(*) FROM pg_stat_replication";
        Assert.Equal(0, await Patiently.AskAsync(() => world.ScalarAsync<long>(standbys), count => count == 0));
        Assert.Equal(0, await world.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots"));
    }

    [Fact]
    public async Task An_archive_that_is_stuck_lets_files_wait()
    {
        await world.OnlyAsync();
        Assert.Equal(0, await AsSuperuserAsync<long>(ArchiveReady));

        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.ArchiveStuck));
        Assert.InRange(await AsSuperuserAsync<long>(ArchiveReady), 8, 12);
        const string failed = "SELECT failed_count FROM pg_stat_archiver";
        Assert.NotEqual(0, await Patiently.AskAsync(() => world.ScalarAsync<long>(failed), count => count > 0));

        await world.OnlyAsync();
        Assert.Equal(0, await AsSuperuserAsync<long>(ArchiveReady));
        Assert.Equal("exit 0", await AsSuperuserAsync<string>("SHOW archive_command"));
    }

    [Fact]
    public async Task An_autovacuum_works_on_a_table_and_changes_no_row_of_it()
    {
        const string rows = "SELECT md5(string_agg(s::text, ',' ORDER BY s::text)) FROM public.fc_scores s";
        const string pages = "SELECT pg_relation_size('public.fc_scores') / 8192";
        await world.OnlyAsync();
        var (before, size) = (await world.ScalarAsync<string>(rows), await world.ScalarAsync<long>(pages));

        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.Autovacuum));
        Assert.Equal(1, await world.ScalarAsync<long>(Autovacuums));
        // At a page in a tenth of a second, or longer.
        Assert.InRange(await world.ScalarAsync<long>(pages), 1000, 2000);
        Assert.Equal("autovacuum: VACUUM public.fc_scores", await world.ScalarAsync<string>(
            "SELECT query FROM pg_stat_activity WHERE backend_type = 'autovacuum worker' AND query LIKE '%fc_scores%'"));
        Assert.Equal(before, await world.ScalarAsync<string>(rows));

        await world.OnlyAsync();
        Assert.Equal(0, await world.ScalarAsync<long>(Autovacuums));
        Assert.True(await world.ScalarAsync<bool>("SELECT reloptions IS NULL FROM pg_class WHERE oid = 'public.fc_scores'::regclass"));
        Assert.Equal("1min", await AsSuperuserAsync<string>("SHOW autovacuum_naptime"));
        Assert.Equal(before, await world.ScalarAsync<string>(rows));
        Assert.InRange(await world.ScalarAsync<long>(pages), size, size + 10);
    }

    [Fact]
    public async Task Connections_are_used_up_to_nine_tenths()
    {
        const string used = "SELECT sum(numbackends)::int FROM pg_stat_database";
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.ConnectionsUsed));
        Assert.InRange(await world.ScalarAsync<int>(used), 180, 190);
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);

        await world.OnlyAsync();
        Assert.InRange(await Patiently.AskAsync(() => world.ScalarAsync<int>(used), count => count < 90), 1, 89);
    }

    [Fact]
    public async Task Several_can_be_planted_and_one_can_be_cleared()
    {
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.LongTransaction), new SandboxFault(SandboxFaultKind.Status) { StatusCode = 540 });
        var second = await Control.SetFaultAsync(new SandboxFault(SandboxFaultKind.TableLock) { Table = "public.profiles" }, Cancellation);
        Assert.Equal(3, (await Control.FaultsAsync(Cancellation)).Count);
        await Control.ClearFaultsAsync(second, Cancellation);

        Assert.Equal(0, await world.ScalarAsync<long>(Holders, "public.profiles", "ExclusiveLock"));
        Assert.Equal(1, await world.ScalarAsync<long>(Holders, "public.fc_scores", "RowExclusiveLock"));
        Assert.Equal(540, (await world.ScoreFcAsync(Session)).Status);
    }

    [Fact]
    public async Task With_a_delay_it_ends_by_itself()
    {
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.TableLock) { Delay = TimeSpan.FromMilliseconds(300) });
        Assert.Empty(await Patiently.AskAsync(() => Control.FaultsAsync(Cancellation), faults => faults.Count == 0));
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);
    }

    [Fact]
    public async Task A_restart_of_the_database_takes_all_back()
    {
        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.TableLock), new SandboxFault(SandboxFaultKind.ReplicationLag));
        await Control.RestartDatabaseAsync(Cancellation);
        world.Owner.Clear();

        Assert.Empty(await Control.FaultsAsync(Cancellation));
        Assert.Equal(0, await world.ScalarAsync<long>("SELECT count(*) FROM pg_replication_slots"));
        Assert.Equal(200, (await world.ScoreFcAsync(Session)).Status);
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_with_the_reason_and_nothing_is_planted()
    {
        await world.OnlyAsync();
        var locked = new SandboxFault(SandboxFaultKind.TableLock);
        (SandboxFault Fault, string Reason)[] cases =
        [
            (locked with { Function = FaultWorld.ScorePrism }, "the whole database"),
            (locked with { SessionIds = [Session] }, "the whole database"),
            (locked with { Rate = 0.5 }, "the whole database"),
            (locked with { Count = 1 }, "the whole database"),
            (locked with { PerSession = 1 }, "the whole database"),
            (locked with { StatusCode = 503 }, "the whole database"),
            (locked with { ErrorCode = "BOOT_ERROR" }, "the whole database"),
            (locked with { RetryAfter = 1 }, "the whole database"),
            (locked with { AfterTables = 1 }, "after_tables is for PartialCommit"),
            (locked with { Table = "public.nobody" }, "There is no table 'public.nobody'"),
            (new(SandboxFaultKind.Autovacuum) { Table = "public.profiles" }, "table is for"),
            (new(SandboxFaultKind.Status) { Table = "public.profiles" }, "table is for"),
        ];
        foreach (var (fault, reason) in cases) await AssertRefusedAsync(fault, reason);

        await world.OnlyAsync(new SandboxFault(SandboxFaultKind.LongTransaction));
        await AssertRefusedAsync(new(SandboxFaultKind.LongTransaction) { Table = "public.fc_scores" }, "set already");
        Assert.Single(await Control.FaultsAsync(Cancellation));
        await world.OnlyAsync();
        // A server process outlives its closed connection for a moment.
        const string signals = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sandbox signal'";
        Assert.Equal(0, await Patiently.AskAsync(() => world.ScalarAsync<long>(signals), count => count == 0));
    }

    private async Task AssertRefusedAsync(SandboxFault fault, string reason)
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Control.SetFaultAsync(fault, Cancellation));
        Assert.Equal(HttpStatusCode.BadRequest, error.StatusCode);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private async Task<T> AsSuperuserAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(world.Sandbox.Info.SuperuserConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
