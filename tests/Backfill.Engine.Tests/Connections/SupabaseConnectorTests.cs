using System.Text;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using static Backfill.Engine.Tests.Connections.ConnectionWorld;

namespace Backfill.Engine.Tests.Connections;

[Collection(ConnectionCollection.Name)]
public class SupabaseConnectorTests(ConnectionWorld world)
{
    [Fact]
    public async Task A_connection_tells_what_it_is_and_no_secret()
    {
        var connection = await ConnectAsync(world.Options(), BackfillEnvironment.Staging);

        Assert.Equal(BackfillEnvironment.Staging, connection.Environment);
        Assert.Equal(world.Info.ProjectRef, connection.ProjectRef);
        Assert.Equal("postgres", connection.Database);
        Assert.StartsWith("127.0.0.1:", connection.DatabaseHost, StringComparison.Ordinal);
        Assert.Equal(world.Info.ServerVersion.Split(' ')[0], connection.ServerVersion);
        Assert.Matches("^[0-9a-f-]{36}/[0-9]+/[0-9]+$", connection.Fingerprint);
        Assert.True(connection.IsSandbox);
        AssertNoSecret(connection.Identity.ToString());
    }

    [Fact]
    public async Task Without_an_environment_asked_for_the_ledger_s_is_taken() =>
        Assert.Equal(BackfillEnvironment.Staging, (await ConnectAsync(world.Options())).Environment);

    [Fact]
    public async Task A_ledger_of_another_environment_is_refused() =>
        await AssertRefusedAsync("EnvironmentMismatch", world.Options(), BackfillEnvironment.Production);

    [Fact]
    public async Task A_target_without_a_ledger_is_refused_with_the_command_that_installs_it() =>
        await world.WithAsync("ALTER SCHEMA backfill RENAME TO put_away", "ALTER SCHEMA put_away RENAME TO backfill", async () =>
        {
            var error = await AssertRefusedAsync("LedgerNotInstalled", world.Options(), BackfillEnvironment.Staging);

            Assert.Contains("Initialize-BackfillLedger -Environment Staging", error.Message, StringComparison.Ordinal);
            Assert.Null((await ConnectAsync(world.Options(), requireLedger: false)).Environment);
        });

    [Theory]
    [InlineData("system_identifier = '1'", "LedgerIsCopy")]
    [InlineData("database_oid = 1", "LedgerIsCopy")]
    [InlineData("project_ref = 'other'", "ProjectMismatch")]
    [InlineData("schema_version = 999", "LedgerTooNew")]
    [InlineData("schema_version = 0", "LedgerOutdated")]
    public async Task A_ledger_that_is_not_this_target_s_own_or_of_another_schema_is_refused(string change, string code)
    {
        await WithLedgerAsync(change, () => AssertRefusedAsync(code, world.Options()));
    }

    [Fact]
    public async Task A_copied_ledger_says_nothing_about_the_target_until_it_is_adopted() =>
        await WithLedgerAsync("system_identifier = '1', environment = 'production'", async () =>
        {
            var connection = await SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger: false, TestContext.Current.CancellationToken);
            await using var target = connection.Target;
            Assert.Null(connection.Environment);
            Assert.False(connection.IsSandbox);
            var refused = await Assert.ThrowsAsync<BackfillException>(
                () => target.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: false, sandbox: true, TestContext.Current.CancellationToken));
            Assert.Equal("LedgerIsCopy", refused.Code);

            var adopted = await target.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: true, sandbox: true, TestContext.Current.CancellationToken);

            Assert.Equal((BackfillEnvironment.Staging, true), (adopted.Environment, adopted.IsSandbox));
            Assert.Equal(adopted.Fingerprint, (await ConnectAsync(world.Options(), BackfillEnvironment.Staging)).Fingerprint);
        });

    [Theory]
    [InlineData("system_identifier = '1'")]
    [InlineData("database_oid = 1")]
    [InlineData("project_ref = 'other'")]
    [InlineData("is_sandbox = false")]
    public async Task Whichever_part_of_the_fingerprint_differs_adoption_takes_the_place_and_its_label(string change) =>
        await WithLedgerAsync(change, async () =>
        {
            var before = await LedgerAsync();
            var connection = await SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger: false, TestContext.Current.CancellationToken);
            await using var target = connection.Target;

            var adopted = await target.InstallLedgerAsync(BackfillEnvironment.Production, adopt: true, sandbox: true, TestContext.Current.CancellationToken);

            Assert.Equal(BackfillEnvironment.Production, adopted.Environment);
            var after = await LedgerAsync();
            Assert.Equal(adopted.InstallId, after.InstallId);
            Assert.NotEqual(before.InstallId, after.InstallId);
            Assert.Equal((BackfillEnvironment.Production, world.Info.ProjectRef, true), (after.Environment, after.ProjectRef, after.IsSandbox));
            Assert.Equal(adopted.Fingerprint, (await ConnectAsync(world.Options(), BackfillEnvironment.Production)).Fingerprint);

            var again = await Assert.ThrowsAsync<BackfillException>(
                () => target.InstallLedgerAsync(BackfillEnvironment.Production, adopt: true, sandbox: true, TestContext.Current.CancellationToken));
            Assert.Equal("LedgerNotAdopted", again.Code);
            Assert.Equal(after, await LedgerAsync());
        });

    [Fact]
    public async Task An_adoption_that_fails_changes_nothing_and_holds_nothing() =>
        // The label is kept back by a trigger: the ledger would go on saying what it said before.
        await world.WithAsync(
            """
            create function public.keep_label() returns trigger language plpgsql as $$ begin new.environment = old.environment; return new; end $$;
            create trigger keep_label before update on backfill.install for each row execute function public.keep_label()
            """,
            "drop function public.keep_label() cascade",
            () => WithLedgerAsync("project_ref = 'other'", async () =>
            {
                var before = await LedgerAsync();
                var connection = await SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger: false, TestContext.Current.CancellationToken);
                await using var target = connection.Target;

                var error = await Assert.ThrowsAsync<BackfillException>(
                    () => target.InstallLedgerAsync(BackfillEnvironment.Production, adopt: true, sandbox: true, TestContext.Current.CancellationToken));

                Assert.Equal("LedgerNotWritten", error.Code);
                Assert.Equal(before, await LedgerAsync());
                Assert.Equal(0, await world.ScalarAsync<long>(
                    "select count(*) from pg_locks where locktype = 'advisory' and objid = (hashtext('backfill.install')::bigint & 4294967295)::oid"));
                await target.InstallLedgerAsync(before.Environment, adopt: true, sandbox: true, TestContext.Current.CancellationToken);
            }));

    [Fact]
    public async Task Of_two_adoptions_at_once_one_is_told_that_there_is_nothing_left_to_adopt() =>
        await WithLedgerAsync("project_ref = 'other'", async () =>
        {
            var connections = new[]
            {
                await SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger: false, TestContext.Current.CancellationToken),
                await SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger: false, TestContext.Current.CancellationToken),
            };
            await using var first = connections[0].Target;
            await using var second = connections[1].Target;
            var ends = await Task.WhenAll(connections.Select(async c =>
            {
                try
                {
                    await c.Target.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: true, sandbox: true, TestContext.Current.CancellationToken);
                    return "adopted";
                }
                catch (BackfillException e)
                {
                    return e.Code;
                }
            }));

            Assert.Equal(["LedgerNotAdopted", "adopted"], ends.Order(StringComparer.Ordinal));
        });

    [Fact]
    public async Task A_role_that_may_not_read_the_cluster_s_identifier_installs_and_one_that_may_adds_it()
    {
        // The address names the project, as on the hosted product; the data source leads to the sandbox.
        var facts = new ServerFacts(150000, "15", "postgres", await world.ScalarAsync<long>("select oid::bigint from pg_database where datname = current_database()"), "postgres", false, [], null);
        var hidden = new TargetPlace(
            facts, ProjectIdentity.Of(null, null, null, PostgresUri.Parse("postgresql://u:p@db.abc.supabase.co/postgres"), null), "abc");
        var identifier = await world.ScalarAsync<string>("select system_identifier::text from pg_control_system()");
        var installer = new LedgerInstaller(world.Owner);
        await world.WithAsync(
            "alter schema backfill rename to put_away; revoke execute on function pg_catalog.pg_control_system() from public",
            "grant execute on function pg_catalog.pg_control_system() to public; drop schema backfill cascade; alter schema put_away rename to backfill",
            async () =>
            {
                var installed = await installer.InstallAsync(hidden, BackfillEnvironment.Staging, adopt: true, sandbox: false, TestContext.Current.CancellationToken);
                Assert.Equal((BackfillEnvironment.Staging, "project:abc", "abc"), (installed.Environment, installed.SystemIdentifier, installed.ProjectRef));
                Assert.Null(LedgerJudge.Refusal(installed, hidden, null, installed.SchemaVersion));

                var seen = hidden with { Facts = facts with { SystemIdentifier = identifier } };
                Assert.Null(LedgerJudge.Refusal(installed, seen, null, installed.SchemaVersion));
                var upgraded = await installer.InstallAsync(seen, BackfillEnvironment.Staging, adopt: false, sandbox: false, TestContext.Current.CancellationToken);
                Assert.Equal(installed with { SystemIdentifier = identifier }, upgraded);

                // The restore of another project: adopted by a role that sees no identifier.
                var adopted = await installer.InstallAsync(
                    hidden with { ProjectRef = "xyz" }, BackfillEnvironment.Production, adopt: true, sandbox: false, TestContext.Current.CancellationToken);
                Assert.Equal((BackfillEnvironment.Production, "project:xyz", "xyz"), (adopted.Environment, adopted.SystemIdentifier, adopted.ProjectRef));
            });
    }

    [Fact]
    public async Task A_ledger_in_its_own_place_never_changes_its_label()
    {
        var connection = await SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger: false, TestContext.Current.CancellationToken);
        await using var target = connection.Target;

        var error = await Assert.ThrowsAsync<BackfillException>(
            () => target.InstallLedgerAsync(BackfillEnvironment.Production, adopt: true, sandbox: true, TestContext.Current.CancellationToken));

        Assert.Equal("EnvironmentMismatch", error.Code);
    }

    [Fact]
    public async Task Settings_of_different_projects_are_refused()
    {
        await AssertRefusedAsync("ProjectMismatch", world.Options(projectRef: "other"));
        await AssertRefusedAsync("ProjectMismatch", world.Options(serviceRoleKey: TestKeys.Jwt("service_role", "other")));
        // Opaque keys and a loopback address name no project: the ledger's word is left.
        await AssertRefusedAsync("ProjectMismatch", new()
        {
            ApiUrl = world.Info.ApiUrl, ServiceRoleKey = TestKeys.Secret, DatabaseUrl = world.Info.DatabaseUrl, ProjectRef = "other",
        });
    }

    [Fact]
    public async Task A_role_that_may_not_read_the_cluster_s_identifier_is_told_what_to_have_granted() =>
        await world.WithAsync(
            "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC",
            "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO PUBLIC",
            () => AssertRefusedAsync("SystemIdentifierUnreadable", world.Options()));

    [Fact]
    public async Task A_database_that_is_not_there_or_not_the_project_s_is_refused()
    {
        await AssertRefusedAsync("DatabaseNotFound", world.Options(databaseUrl: world.DatabaseUrl(database: "nowhere")));
        await world.WithAsync("CREATE DATABASE empty", "DROP DATABASE empty WITH (FORCE)", async () =>
        {
            var error = await AssertRefusedAsync("TablesMissing", world.Options(databaseUrl: world.DatabaseUrl(database: "empty")));
            Assert.Contains("public.assessment_sessions, public.fc_responses", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_wrong_user_or_password_is_an_authentication_failure()
    {
        await AssertRefusedAsync("DatabaseAuthenticationFailed", world.Options(databaseUrl: world.DatabaseUrl(password: "hunter2")));
        await AssertRefusedAsync("DatabaseAuthenticationFailed", world.Options(databaseUrl: world.DatabaseUrl(user: "nobody")));
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        await AssertRefusedAsync("DatabaseUnreachable", world.Options(databaseUrl: world.DatabaseUrl(port: 1)));
        await AssertRefusedAsync("DatabaseUnreachable", world.Options(databaseUrl: "postgresql://u:hunter2@nobody.invalid/d"));
        // A port where something else answers.
        await AssertRefusedAsync("DatabaseUnreachable", world.Options(databaseUrl: world.DatabaseUrl(port: new Uri(world.Info.ApiUrl).Port, query: "?sslmode=disable&connect_timeout=5")));
    }

    [Fact]
    public async Task A_server_without_tls_where_tls_is_wanted_is_refused() =>
        await AssertRefusedAsync("DatabaseTlsFailed", world.Options(databaseUrl: world.DatabaseUrl(query: "?sslmode=require")));

    [Fact]
    public async Task A_role_without_rights_on_the_ledger_is_refused() =>
        await world.WithAsync("CREATE ROLE reader LOGIN PASSWORD 'reader'", "DROP ROLE reader", () =>
            AssertRefusedAsync("PermissionDenied", world.Options(databaseUrl: world.DatabaseUrl("reader", "reader"))));

    [Fact]
    public async Task A_password_of_any_signs_opens_the_database()
    {
        const string password = "p@ss:w/ö?r#d%&' \"\\= \n";
        var text = Convert.ToHexString(Encoding.UTF8.GetBytes(password));
        await world.WithAsync(
            $"DO $$ BEGIN EXECUTE format('CREATE ROLE odd LOGIN IN ROLE postgres BYPASSRLS PASSWORD %L', convert_from(decode('{text}', 'hex'), 'UTF8')); END $$",
            "DROP ROLE odd",
            async () => await ConnectAsync(world.Options(databaseUrl: world.DatabaseUrl("odd", password))));
    }

    private async Task<Backfill.Engine.Connections.LedgerInstall> LedgerAsync() =>
        (await new LedgerInstaller(world.Owner).ReadAsync(TestContext.Current.CancellationToken))!;

    private async Task WithLedgerAsync(string change, Func<Task> test)
    {
        await world.WithAsync(
            $"CREATE TABLE put_away AS TABLE backfill.install; UPDATE backfill.install SET {change}",
            "DELETE FROM backfill.install; INSERT INTO backfill.install SELECT * FROM put_away; DROP TABLE put_away",
            test);
    }

    private async Task<BackfillException> AssertRefusedAsync(
        string code, ConnectionOptions options, BackfillEnvironment? expected = null)
    {
        var error = await RefusalAsync(options, expected);
        Assert.True(code == error.Code, $"{error.Code}: {error.Message}");
        AssertNoSecret(error.ToString());
        return error;
    }

    private void AssertNoSecret(string text)
    {
        foreach (var secret in new[] { world.Info.ServiceRoleKey, world.Info.AnonKey, PostgresUri.Parse(world.Info.DatabaseUrl).Password, "hunter2", "postgresql://" })
            Assert.DoesNotContain(secret, text, StringComparison.OrdinalIgnoreCase);
    }
}
