using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using static Backfill.BackfillCheckStatus;

namespace Backfill.Engine.Tests.Connections;

[Collection(ConnectionCollection.Name)]
public class ConnectionCheckTests(ConnectionWorld world)
{
    private static readonly string[] Names =
    [
        "ServiceRoleKey", "AnonKey", "Project", "Database", "ServerVersion", "Pooler", "Tables", "OwnerRights", "AnonRole",
        "Apply", "Rollback", "Health", "Soak", "Ledger", "Functions", "WrongKey", "ClockSkew",
    ];

    [Fact]
    public async Task Everything_is_well_with_a_sandbox()
    {
        var checks = await CheckAsync(world.Options());

        Assert.Equal(Names, checks.Select(c => c.Name));
        Assert.All(checks, c => Assert.True(c is { Status: Passed, Remedy: null }, c.ToString()));
        Assert.Contains("Direct", Detail(checks, "Pooler"), StringComparison.Ordinal);
        Assert.Contains("Staging", Detail(checks, "Ledger"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Looking_changes_nothing_and_calls_no_function_for_a_session()
    {
        await world.Sandbox.Control.ClearCallsAsync(TestContext.Current.CancellationToken);
        var before = await RowsAsync();

        await CheckAsync(world.Options());

        Assert.Equal(before, await RowsAsync());
        var calls = await world.Sandbox.Control.CallsAsync(cancellation: TestContext.Current.CancellationToken);
        // Of each function, with the key and with a wrong one.
        Assert.Equal(4, calls.Count);
        Assert.All(calls, c => Assert.Null(c.SessionId));
    }

    [Fact]
    public async Task An_open_connection_can_be_looked_at_again()
    {
        var connection = await SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger: true, TestContext.Current.CancellationToken);
        await using var target = connection.Target;

        var checks = await SupabaseConnector.CheckAsync(connection, TestContext.Current.CancellationToken)
            .ToListAsync(TestContext.Current.CancellationToken);

        Assert.All(checks, c => Assert.Equal(Passed, c.Status));
    }

    [Fact]
    public async Task With_nothing_given_every_check_still_has_its_say()
    {
        var checks = await CheckAsync(new ConnectionOptions());

        Assert.Equal(Names, checks.Select(c => c.Name));
        Assert.All(checks, c => Assert.NotNull(c.Remedy));
        Assert.Equal(Warning, Status(checks, "AnonKey"));
        Assert.All(checks.Where(c => c.Name != "AnonKey"), c => Assert.Equal(Failed, c.Status));
    }

    [Fact]
    public async Task A_database_that_is_away_keeps_nobody_from_looking_at_the_functions()
    {
        var checks = await CheckAsync(world.Options(databaseUrl: world.DatabaseUrl(password: "hunter2")));

        Assert.Equal(Names, checks.Select(c => c.Name));
        Assert.Equal((Failed, Failed, Passed), (Status(checks, "Database"), Status(checks, "Tables"), Status(checks, "Functions")));
        Assert.DoesNotContain("hunter2", string.Concat(checks), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_key_is_found()
    {
        var checks = await CheckAsync(world.Options(serviceRoleKey: TestKeys.Jwt("service_role", world.Info.ProjectRef)));

        Assert.Equal((Passed, Failed), (Status(checks, "ServiceRoleKey"), Status(checks, "Functions")));
        Assert.Contains("refused", Detail(checks, "Functions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_key_is_found() =>
        Assert.Equal(Failed, Status(await CheckAsync(world.Options(serviceRoleKey: TestKeys.Jwt("""{"role":"service_role","ref":"abc","exp":1000000000}"""))), "ServiceRoleKey"));

    [Fact]
    public async Task Settings_of_different_projects_are_found()
    {
        var checks = await CheckAsync(world.Options(projectRef: "other"));

        Assert.Equal(Failed, Status(checks, "Project"));
        Assert.Contains("-ProjectRef says other", Detail(checks, "Project"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE public.profiles RENAME COLUMN results_version TO rv", "ALTER TABLE public.profiles RENAME COLUMN rv TO results_version", Failed, "no column public.profiles.results_version")]
    [InlineData("ALTER TABLE public.fc_responses RENAME TO put_away", "ALTER TABLE public.put_away RENAME TO fc_responses", Failed, "no table public.fc_responses")]
    [InlineData("ALTER TABLE public.scoring_results_state RENAME TO put_away", "ALTER TABLE public.put_away RENAME TO scoring_results_state", Passed, "public.scoring_results_state")]
    public async Task What_a_table_lacks_is_named(string change, string undo, BackfillCheckStatus status, string words) =>
        await world.WithAsync(change, undo, async () =>
        {
            var checks = await CheckAsync(world.Options());

            Assert.Equal(status, Status(checks, "Tables"));
            Assert.Contains(words, Detail(checks, "Tables"), StringComparison.Ordinal);
        });

    [Fact]
    public async Task A_table_without_a_primary_key_is_found() =>
        await world.WithAsync(
            "ALTER TABLE public.scoring_results_state RENAME TO put_away; CREATE TABLE public.scoring_results_state (session_id uuid)",
            "DROP TABLE public.scoring_results_state; ALTER TABLE public.put_away RENAME TO scoring_results_state",
            async () => Assert.Contains("no primary key on public.scoring_results_state", Detail(await CheckAsync(world.Options()), "Tables"), StringComparison.Ordinal));

    [Fact]
    public async Task A_role_that_does_not_own_the_tables_is_found() =>
        await world.WithAsync(
            "CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT SELECT ON public.profiles TO reader",
            "DROP OWNED BY reader; DROP ROLE reader",
            async () =>
            {
                var checks = await CheckAsync(world.Options(databaseUrl: world.DatabaseUrl("reader", "reader")));

                Assert.Equal((Failed, Failed, Failed), (Status(checks, "OwnerRights"), Status(checks, "AnonRole"), Status(checks, "Ledger")));
                var rights = Detail(checks, "OwnerRights");
                Assert.Contains("may not read public.fc_scores", rights, StringComparison.Ordinal);
                Assert.DoesNotContain("may not read public.profiles", rights, StringComparison.Ordinal);
                Assert.Contains("sees public.profiles through policies", rights, StringComparison.Ordinal);
                Assert.Contains("is not in postgres, which owns public.profiles", rights, StringComparison.Ordinal);
                await AssertReadingPastPoliciesFailsAsync();
            });

    [Fact]
    public async Task A_profile_function_that_anon_may_not_call_is_found() =>
        await world.WithAsync(
            "REVOKE EXECUTE ON FUNCTION public.get_profile_by_session(uuid, text) FROM PUBLIC, anon",
            "GRANT EXECUTE ON FUNCTION public.get_profile_by_session(uuid, text) TO anon",
            async () => Assert.Equal(Failed, Status(await CheckAsync(world.Options()), "AnonRole")));

    [Fact]
    public async Task A_missing_ledger_is_found() =>
        await world.WithAsync("ALTER SCHEMA backfill RENAME TO put_away", "ALTER SCHEMA put_away RENAME TO backfill", async () =>
        {
            var ledger = (await CheckAsync(world.Options())).Single(c => c.Name == "Ledger");

            Assert.Equal(Failed, ledger.Status);
            Assert.Contains("Initialize-BackfillLedger", ledger.Remedy, StringComparison.Ordinal);
        });

    [Fact]
    public async Task Checks_come_one_by_one_and_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        var seen = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var check in SupabaseConnector.CheckAsync(world.Options(), null, stop.Token))
            {
                seen++;
                if (check.Name == "Database")
                    await stop.CancelAsync();
            }
        });

        Assert.InRange(seen, 4, Names.Length - 1);
    }

    /// <summary>What the check concludes from the catalogs, tried.</summary>
    private async Task AssertReadingPastPoliciesFailsAsync()
    {
        await using var reader = TargetDataSource.Create(
            PostgresUri.Parse(world.DatabaseUrl("reader", "reader")),
            DatabaseSettings.From(PostgresUri.Parse(world.DatabaseUrl("reader", "reader"))));
        await using var command = reader.CreateCommand("SET row_security = off; SELECT count(*) FROM public.profiles");
        var error = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
        Assert.Equal("42501", error.SqlState);
    }

    private static async Task<List<BackfillCheck>> CheckAsync(ConnectionOptions options) =>
        await SupabaseConnector.CheckAsync(options, null, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private static BackfillCheckStatus Status(List<BackfillCheck> checks, string name) => checks.Single(c => c.Name == name).Status;

    private static string Detail(List<BackfillCheck> checks, string name) => checks.Single(c => c.Name == name).Detail;

    private Task<long> RowsAsync() => world.ScalarAsync<long>(
        "SELECT (SELECT count(*) FROM public.profiles) + (SELECT count(*) FROM public.fc_scores) + (SELECT count(*) FROM public.scoring_results)");
}
