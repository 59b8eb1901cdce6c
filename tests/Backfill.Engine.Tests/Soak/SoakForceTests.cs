using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Checks;
using Backfill.TestWorker;
using Npgsql;

namespace Backfill.Engine.Tests.Soak;

/// <summary>It reads only, by the server's force; and what it can't see is never taken for nothing found.</summary>
public sealed class SoakForceTests(SoakWorld world) : IClassFixture<SoakWorld>, IAsyncLifetime
{
    private const string Soaker = "soaker";

    private readonly SoakRequest _short = new()
    {
        Duration = TimeSpan.FromSeconds(3),
        Interval = TimeSpan.FromMilliseconds(500),
        GracePeriod = TimeSpan.Zero,
        MinimumSample = 1,
        MaxFailedSamples = 2,
        OutputPath = SoakWorld.NewFolder(),
    };

    public async ValueTask InitializeAsync()
    {
        await world.FreshAsync();
        await world.PlantAsync(60);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_write_is_refused_by_the_server()
    {
        var where = PostgresUri.Parse(world.Sandbox.Info.DatabaseUrl);
        await using var source = TargetDataSource.Create(where, DatabaseSettings.From(where));
        await using var transaction = await ReadOnlyTransaction.BeginAsync(source, TestContext.Current.CancellationToken);
        var write = new NpgsqlBatchCommand("update public.profiles set overlay = 'written'");
        var refusal = await Assert.ThrowsAsync<PostgresException>(
            () => transaction.ExecuteAsync([write], TestContext.Current.CancellationToken));
        Assert.Equal(PostgresErrorCodes.ReadOnlySqlTransaction, refusal.SqlState);
    }

    [Fact]
    public async Task Not_even_a_function_that_it_calls_can_write()
    {
        // A function of the target that logs its calls: it isn't tried rather than leave a trace.
        await world.WithAsync(
            """
            alter function public.get_profile_by_session(uuid, text) rename to get_profile_really;
            create function public.get_profile_by_session(p_session_id uuid, p_share_token text) returns public.profiles
            language plpgsql security definer as $$
            begin
                insert into public.fn_logs (evt) values ('read');
                return public.get_profile_really(p_session_id, p_share_token);
            end $$
            """,
            """
            drop function public.get_profile_by_session(uuid, text);
            alter function public.get_profile_really(uuid, text) rename to get_profile_by_session
            """,
            async () =>
            {
                var sample = await world.LookBackAsync();
                var check = Assert.Single(sample.Checks, c => c.Status != SoakCheckStatus.Pass);
                Assert.Equal((SoakCheckNames.TokenAccess, SoakCheckStatus.NotMeasured), (check.Name, check.Status));
                Assert.Equal(SoakVerdict.Inconclusive, sample.Verdict);
                Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from public.fn_logs where evt = 'read'"));
            });
    }

    [Theory]
    [InlineData("profiles")]
    [InlineData("assessment_sessions")]
    public Task A_table_that_is_not_there_ends_it_inconclusive(string table) => EndsInconclusiveAsync(
        world.As(), $"alter table public.{table} rename to away", $"alter table public.away rename to {table}");

    [Fact]
    public async Task A_right_that_is_missing_ends_it_inconclusive()
    {
        await MakeSoakerAsync("bypassrls", "grant anon to soaker");
        await EndsInconclusiveAsync(
            world.As(Soaker), "revoke select on public.fn_logs from soaker", "grant select on public.fn_logs to soaker");
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_ends_it_inconclusive()
    {
        await using var other = await world.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var held = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand("lock table public.profiles in access exclusive mode", other))
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await EndsInconclusiveAsync(world.As(statementTimeout: TimeSpan.FromMilliseconds(200)), "select 1", "select 1");
    }

    [Fact]
    public async Task A_database_that_goes_away_ends_it_inconclusive()
    {
        await MakeSoakerAsync("bypassrls", "grant anon to soaker");
        await EndsInconclusiveAsync(
            world.As(Soaker),
            "alter role soaker nologin; select pg_terminate_backend(pid) from pg_stat_activity where usename = 'soaker'",
            "alter role soaker login");
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_database_that_is_not_there_is_an_error_at_once()
    {
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.LookBackAsync(world.As(port: 9)));
        Assert.Equal("DatabaseUnreachable", refusal.Code);
    }

    [Fact]
    public async Task Rows_hidden_by_a_policy_are_an_error_and_never_nothing_found()
    {
        await MakeSoakerAsync("nobypassrls", "grant anon to soaker");
        await world.ExecuteAsync("update public.profiles set results_version = 'v0' where created_at >= $1", world.Since);
        foreach (var soak in (Func<Task>[])[() => world.LookBackAsync(world.As(Soaker)), () => world.SoakAsync(_short, world.As(Soaker))])
        {
            var refusal = await Assert.ThrowsAsync<BackfillException>(soak);
            Assert.Equal("RowsHidden", refusal.Code);
            Assert.Contains("BYPASSRLS", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(_short.OutputPath));
    }

    [Theory]
    [InlineData("alter table public.profiles rename to away", "alter table public.away rename to profiles", "TablesMissing")]
    [InlineData("revoke select on public.fn_logs from soaker", "grant select on public.fn_logs to soaker", "PermissionDenied")]
    public async Task What_no_waiting_mends_is_an_error_before_the_window_begins(string change, string undo, string code)
    {
        await MakeSoakerAsync("bypassrls", "grant anon to soaker");
        await world.WithAsync(change, undo, async () =>
        {
            var sink = new SoakSink();
            var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.SoakAsync(_short, world.As(Soaker), sink));
            Assert.Equal((code, 0, 0), (refusal.Code, sink.Tags.Count, sink.Samples.Count));
        });
    }

    [Fact]
    public async Task A_role_that_has_SELECT_only_soaks_without_a_run()
    {
        await MakeSoakerAsync("bypassrls", "grant anon to soaker");
        var connection = world.As(Soaker);
        Assert.Equal(SoakVerdict.Pass, (await world.LookBackAsync(connection)).Verdict);
        var request = _short with { RunId = await world.RunAsync() };
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.SoakAsync(request, connection));
        Assert.Equal("LedgerNeeded", refusal.Code);
    }

    [Fact]
    public async Task A_role_that_can_t_become_anon_leaves_the_tokens_open()
    {
        await MakeSoakerAsync("bypassrls", "select 1");
        var sample = await world.LookBackAsync(world.As(Soaker));
        Assert.Equal((SoakVerdict.Inconclusive, 0), (sample.Verdict, sample.TokensTested));
        var check = Assert.Single(sample.Checks, c => c.Status != SoakCheckStatus.Pass);
        Assert.Equal((SoakCheckNames.TokenAccess, SoakCheckStatus.Inconclusive), (check.Name, check.Status));
        Assert.Contains("can't act as anon", check.Detail, StringComparison.Ordinal);
    }

    /// <summary>The first look is well, then something happens, and every sample fails.</summary>
    private async Task EndsInconclusiveAsync(BackfillConnection connection, string change, string undo)
    {
        await using var target = connection.Target;
        var looks = 0;
        var sink = new SoakSink();
        var probe = new BeforeLook(target.SoakProbe, async () =>
        {
            if (++looks == 2)
                await world.AsSuperuserAsync(change);
        });
        try
        {
            var (end, samples) = await world.SoakAsync(
                _short, OpenTarget.Connect(connection.Identity, new ReplacedTarget(world.Connection.Target) { SoakProbe = probe }), sink);
            Assert.Equal(SoakVerdict.Inconclusive, end.Verdict);
            Assert.Contains("2 samples in a row could not be taken", end.Reason, StringComparison.Ordinal);
            Assert.All(samples, s => Assert.NotEqual(SoakVerdict.Pass, s.Verdict));
            Assert.Null(samples[^1].VersionOverrides);
            Assert.Contains("# Staging soak: Inconclusive", await File.ReadAllTextAsync(end.Artifacts[0]), StringComparison.Ordinal);
        }
        finally
        {
            await world.AsSuperuserAsync(undo);
        }
    }

    private Task MakeSoakerAsync(string attributes, string grant) => world.AsSuperuserAsync($"""
        do $$
        begin
            if exists (select from pg_roles where rolname = '{Soaker}') then
                execute 'drop owned by {Soaker}';
                execute 'drop role {Soaker}';
            end if;
        end $$;
        create role {Soaker} login noinherit password '{SoakWorld.Password}' {attributes};
        grant usage on schema public to {Soaker};
        grant select on all tables in schema public to {Soaker};
        {grant};
        """);

    /// <summary>Something happens before each look.</summary>
    private sealed class BeforeLook(ISoakProbe real, Func<Task> happens) : ISoakProbe
    {
        public IReadOnlyList<SoakQuery> Queries => real.Queries;

        public Task<SoakClockReading> ReadClockAsync(CancellationToken cancellationToken) => real.ReadClockAsync(cancellationToken);

        public async Task<SoakFacts> MeasureAsync(SoakQuestion question, CancellationToken cancellationToken)
        {
            await happens();
            return await real.MeasureAsync(question, cancellationToken);
        }
    }
}
