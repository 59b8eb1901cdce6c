using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

public sealed class SandboxRowTests(SandboxFixture fixture) : IClassFixture<SandboxFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_has_thirty_nine_candidates_of_which_thirteen_lack_a_profile()
    {
        Assert.Equal(200L, await fixture.ScalarAsync<long>("SELECT count(*) FROM public.assessment_sessions"));
        Assert.Equal(39L, await fixture.ScalarAsync<long>($"SELECT count(*) FROM ({SandboxSessions.Candidates}) AS c"));
        Assert.Equal(26L, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM public.profiles WHERE results_version = 'v1.2.1' AND session_id IN ({SandboxSessions.Candidates})"));
        Assert.Equal(26L, await fixture.ScalarAsync<long>($"SELECT count(*) FROM public.profiles WHERE session_id IN ({SandboxSessions.Candidates})"));
    }

    [Fact]
    public async Task The_seven_named_sessions_are_among_the_thirteen()
    {
        Assert.Equal(7L, await fixture.ScalarAsync<long>(
            $"SELECT count(*) FROM ({SandboxSessions.Candidates}) AS c WHERE c.id = ANY ($1)", SandboxSessions.Named));
        Assert.Equal(0L, await fixture.ScalarAsync<long>("SELECT count(*) FROM public.profiles WHERE session_id = ANY ($1)", SandboxSessions.Named));
    }

    [Fact]
    public async Task It_has_the_sessions_that_must_be_left_alone()
    {
        foreach (var sql in new[]
        {
            "SELECT count(*) FROM public.assessment_sessions WHERE status <> 'completed' AND completed_at IS NULL",
            $"SELECT count(*) FROM ({SandboxSessions.WithoutResponses}) AS s",
            $"SELECT count(*) FROM ({SandboxSessions.WithoutFcResponses}) AS s",
            "SELECT count(*) FROM public.assessment_sessions AS s WHERE completed_at < '2025-08-01Z' AND NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.session_id = s.id)",
            "SELECT count(*) FROM public.profiles JOIN public.fc_scores USING (session_id) JOIN public.scoring_results USING (session_id) WHERE results_version = 'v1.2.1'",
        })
            Assert.NotEqual(0L, await fixture.ScalarAsync<long>(sql));
    }

    [Fact]
    public async Task Its_owner_is_no_superuser_and_may_become_anon()
    {
        await using var connection = await fixture.Owner.OpenConnectionAsync(Cancellation);
        Assert.Equal("postgres,False", await OneAsync(connection, "SELECT concat_ws(',', current_user, CASE WHEN rolsuper THEN 'True' ELSE 'False' END) FROM pg_roles WHERE rolname = current_user"));
        Assert.Equal(0L, await OneAsync(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> 'postgres'"));
        Assert.Equal(0L, await OneAsync(connection, "SELECT count(*) FROM pg_class AS c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p')"));

        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await OneAsync(connection, "SET LOCAL ROLE anon; SELECT 1");
        Assert.Equal(0L, await OneAsync(connection, "SELECT count(*) FROM public.profiles"));
        Assert.Equal(0L, await OneAsync(connection, "SELECT count(*) FROM public.assessment_sessions"));
    }

    [Fact]
    public async Task A_right_token_shows_anon_the_profile_and_a_wrong_one_gives_a_row_of_nulls()
    {
        await using var connection = await fixture.Owner.OpenConnectionAsync(Cancellation);
        var session = await OneAsync(connection, "SELECT session_id::text FROM public.profiles ORDER BY session_id LIMIT 1");
        var token = await OneAsync(connection, $"SELECT share_token FROM public.assessment_sessions WHERE id = '{session}'");
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await OneAsync(connection, "SET LOCAL ROLE anon; SELECT 1");

        Assert.Equal(session, await OneAsync(connection, $"SELECT session_id::text FROM public.get_profile_by_session('{session}', '{token}')"));

        await using var command = new NpgsqlCommand($"SELECT * FROM public.get_profile_by_session('{session}', 'wrong')", connection);
        await using var reader = await command.ExecuteReaderAsync(Cancellation);
        Assert.True(await reader.ReadAsync(Cancellation));
        Assert.All(Enumerable.Range(0, reader.FieldCount), column => Assert.True(reader.IsDBNull(column)));
        Assert.False(await reader.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task An_update_of_scores_moves_updated_at()
    {
        Assert.True(await fixture.ScalarAsync<bool>("""
            UPDATE public.fc_scores SET blocks_answered = blocks_answered
            WHERE session_id = (SELECT session_id FROM public.fc_scores ORDER BY session_id LIMIT 1)
            RETURNING updated_at > now() - interval '1 minute' AND created_at < '2026-01-01Z'
            """));
    }

    [Theory]
    [InlineData(0, 0, Traits = ["Lane", "full"])]
    [InlineData(5, 5)]
    [InlineData(8, 7, Traits = ["Lane", "full"])]
    [InlineData(300, 100, Traits = ["Lane", "full"])]
    public async Task Other_counts_of_candidates_scale(int candidates, int withoutProfile)
    {
        await using var sandbox = await SandboxProcess.StartAsync("--candidates", $"{candidates}");
        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        await using var command = owner.CreateCommand($"""
            SELECT concat_ws(',', count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM public.profiles AS p WHERE p.session_id = c.id)))
            FROM ({SandboxSessions.Candidates}) AS c
            """);
        Assert.Equal($"{candidates},{withoutProfile}", await command.ExecuteScalarAsync(Cancellation));
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task The_same_seed_gives_the_same_rows_and_another_seed_others()
    {
        var first = await FingerprintAsync("7");
        Assert.Equal(first, await FingerprintAsync("7"));
        Assert.NotEqual(first, await FingerprintAsync("8"));
    }

    private static async Task<string> FingerprintAsync(string seed)
    {
        await using var sandbox = await SandboxProcess.StartAsync("--seed", seed, "--environment", "production");
        await using var owner = NpgsqlDataSource.Create(sandbox.Info.ConnectionString);
        var tables = new List<string>();
        await using (var command = owner.CreateCommand("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"))
        await using (var reader = await command.ExecuteReaderAsync(Cancellation))
        {
            while (await reader.ReadAsync(Cancellation)) tables.Add(reader.GetString(0));
        }

        var prints = new List<string>();
        foreach (var table in tables)
        {
            await using var command = owner.CreateCommand($"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM public.{table} AS t");
            prints.Add((string)(await command.ExecuteScalarAsync(Cancellation))!);
        }

        Assert.Equal("production", sandbox.Info.Environment);
        return string.Join(' ', prints);
    }

    private static async Task<object?> OneAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancellation);
    }
}
